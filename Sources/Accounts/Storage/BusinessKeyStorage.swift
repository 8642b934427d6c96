package import Orders

/// The keys of merchants' own systems, of which only digests are stored.
package protocol BusinessKeyStorage: Sendable {
    /// Adds a key.
    /// - Parameters:
    ///   - scopes: what it may be used for; `nil` for everything.
    ///   - limit: the maximum number of keys of a store that are accepted.
    /// - Returns: its id; `nil` if there is no such store, or it has that many.
    func add(
        _ key: BusinessKey, with scopes: Set<BusinessScope>?, to storeID: StoreID, until end: Timestamp?, limit: Int,
        at time: Timestamp
    ) async throws -> UUIDBytes?

    /// The keys of a store, oldest first, including those that are no longer accepted.
    func businessKeys(of storeID: StoreID) async throws -> [BusinessKeyEntry]

    /// Sets the end of a key, never to a later one. If it is not in the future, the key is revoked.
    /// - Returns: false if the store has no such key, or it ends before.
    func end(businessKey id: UUIDBytes, of storeID: StoreID, at end: Timestamp, now time: Timestamp) async throws -> Bool
}
