package import JSON

/// Stores as their merchants sent them, and the answers to requests about them. Every method throws only ``StorageFailure``.
package protocol StoreStorage: Sendable {
    /// A store as its merchant sent it, as JSON; `nil` if there is no such store.
    func merchantStore(_ storeID: StoreID) async throws -> [UInt8]?

    /// Changes a store, or makes what buyers see of it again from what its merchant sent if nothing changes.
    /// - Parameter change: makes the store's new JSON from the stored one. What it throws is thrown, and nothing changed.
    func changeStore(
        _ storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (JSON) throws -> JSON
    ) async throws -> WriteOutcome

    /// The answer to an earlier request with the same key; `nil` if there was none, or it has expired.
    func answer(to key: RequestKey, at time: Timestamp) async throws -> RememberedAnswer?
}
