extension Timestamp? {
    /// Whether this is newer than the stored time, in microseconds. An unknown time counts as the oldest.
    func isNewer(than stored: Int64?) -> Bool {
        guard let self else { return false }
        return stored.map { self.microseconds > $0 } ?? true
    }
}
