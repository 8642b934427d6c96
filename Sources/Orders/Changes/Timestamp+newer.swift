extension Timestamp? {
    /// Whether this is newer than the stored time, in microseconds. An unknown time counts as the oldest.
    func isNewer(than stored: Int64?) -> Bool {
        guard let self else { return false }
        return stored.map { self.microseconds > $0 } ?? true
    }
}

extension Timestamp {
    /// This time, or the moment after another one if the clock is behind that: whoever merges by it must take this for newer.
    package func next(after before: Timestamp?) -> Timestamp {
        guard let before else { return self }
        return Timestamp(microseconds: min(max(microseconds, before.microseconds + 1), Self.latest))
    }
}
