package import Orders

/// A place where servers that share a database share what callers have spent of their limits.
package protocol SharedLimits: Sendable {
    /// Adds to what a caller has spent, unless that would be too much.
    /// - Parameters:
    ///   - amount: microseconds that it takes until it is earned again.
    ///   - most: how many microseconds may be spent; more are not added.
    /// - Returns: the microseconds until the caller has earned everything again, with the amount, whether it was added or not.
    /// - Throws: ``StorageFailure``.
    func spend(_ amount: Int64, by caller: String, in storeID: StoreID, most: Int64) async throws -> Int64

    /// Forgets those who have earned everything again.
    /// - Throws: ``StorageFailure``.
    func forgetSpentLimits() async throws
}
