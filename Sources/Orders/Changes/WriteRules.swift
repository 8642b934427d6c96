/// The rules of writing that every storage goes by.

extension Refusal {
    /// Another import gave a migrated order its id at the same time: to be written again under that id.
    package static let takenInMeanwhile = Refusal("id", "was taken in by another import at the same time: import it again")

    /// An order comes after its store.
    package static let unknownStore = Refusal("store.unique_id", "is that of no store here: import the store first")

    /// A slug is one order's in its store.
    package static let slugTaken = Refusal("secret_slug", "is already that of another order")
}

extension Timestamp? {
    /// Whether this is newer than the stored moment, in microseconds; one that is not known is the oldest of all.
    package func isNewer(than stored: Int64?) -> Bool {
        guard let self else { return false }
        return stored.map { self.microseconds > $0 } ?? true
    }
}

extension OrderVersion {
    /// The version of one of the parts after a change of it: the moment of the change, or one more than the version before where the clock
    /// has not moved on. A version is never used again, not even after a copy from before is put back.
    package static func next(after version: Int64?, at time: Timestamp) -> Int64 {
        max(version.map { $0 + 1 } ?? 0, time.microseconds)
    }
}
