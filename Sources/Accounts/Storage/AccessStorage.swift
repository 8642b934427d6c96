package import Orders

/// The storefront keys and origins of stores, and what has changed about who has access.
package protocol AccessStorage: Sendable {
    /// What changed since a number; everything for a number below 0.
    func accessNews(since number: Int64, at time: Timestamp) async throws -> AccessNews

    /// - Returns: false if there is no such store.
    func add(_ key: StorefrontKey, to storeID: StoreID, at time: Timestamp) async throws -> Bool
    /// The keys of a store, oldest first, each with its time of creation.
    func storefrontKeys(of storeID: StoreID) async throws -> [(text: String, createdAt: Timestamp)]
    /// - Returns: false if the store has no such key.
    func remove(storefrontKey text: String, of storeID: StoreID) async throws -> Bool

    /// - Returns: false if there is no such store.
    func add(_ origin: WebOrigin, to storeID: StoreID, at time: Timestamp) async throws -> Bool
    /// The origins of a store, oldest first, each with the time at which it was added.
    func origins(of storeID: StoreID) async throws -> [(text: String, createdAt: Timestamp)]
    /// - Returns: false if the store has no such origin.
    func remove(origin text: String, of storeID: StoreID) async throws -> Bool
}
