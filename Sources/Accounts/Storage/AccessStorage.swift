package import Orders

/// The storefront keys and origins of stores, and what has changed about who has access.
package protocol AccessStorage: Sendable {
    /// What changed since a number; everything for a number below 0.
    func accessNews(since number: Int64, at time: Timestamp) async throws -> AccessNews

    /// Adds a key.
    /// - Parameter end: from when on it is no longer accepted; `nil` for no end.
    /// - Returns: false if there is no such store.
    func add(_ key: StorefrontKey, to storeID: StoreID, until end: Timestamp?, at time: Timestamp) async throws -> Bool
    /// The keys of a store, oldest first, including those that are no longer accepted.
    func storefrontKeys(of storeID: StoreID) async throws -> [StorefrontAccessEntry]
    /// Sets the end of a key. If it is not in the future, the key is revoked.
    /// - Returns: false if the store has no such key, or it has ended already.
    func end(storefrontKey text: String, of storeID: StoreID, at end: Timestamp, now time: Timestamp) async throws -> Bool

    /// Adds an origin, or gives an existing one another end.
    /// - Parameter end: as for a key.
    /// - Returns: false if there is no such store.
    func add(_ origin: WebOrigin, to storeID: StoreID, until end: Timestamp?, at time: Timestamp) async throws -> Bool
    /// The origins of a store, oldest first, including those that are no longer accepted.
    func origins(of storeID: StoreID) async throws -> [StorefrontAccessEntry]
    /// Sets the end of an origin. If it is not in the future, the origin is revoked.
    /// - Returns: false if the store has no such origin, or it has ended already.
    func end(origin text: String, of storeID: StoreID, at end: Timestamp, now time: Timestamp) async throws -> Bool
}
