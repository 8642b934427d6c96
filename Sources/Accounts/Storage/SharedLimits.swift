package import Orders

/// Keeps what callers have spent of their rate limits, for all servers of a database.
package protocol SharedLimits: Sendable {
    /// Adds to what a caller has spent, unless the sum exceeds a maximum.
    /// - Parameters:
    ///   - amount: what the call costs: the time until it is earned again, in microseconds.
    ///   - most: the maximum that may be spent, in microseconds.
    /// - Returns: the time until everything is earned again, including `amount` even if it was not added, in microseconds.
    /// - Throws: ``StorageFailure``.
    func spend(_ amount: Int64, by caller: String, in storeID: StoreID, most: Int64) async throws -> Int64

    /// Forgets callers who have earned everything again.
    /// - Throws: ``StorageFailure``.
    func forgetSpentLimits() async throws
}
