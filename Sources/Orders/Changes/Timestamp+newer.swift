extension Timestamp? {
    /// Whether this is newer than the stored moment, in microseconds. A moment that is not known is the oldest of all.
    func isNewer(than stored: Int64?) -> Bool {
        guard let self else { return false }
        return stored.map { self.microseconds > $0 } ?? true
    }
}
