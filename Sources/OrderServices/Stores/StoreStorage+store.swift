package import JSON
package import Orders

extension StoreStorage {
    /// A store as its merchant sent it.
    /// - Throws: ``StorageFailure``; ``StorageFailure/damaged`` also if there is no such store.
    package func store(_ storeID: StoreID) async throws -> JSON {
        guard let document = try await merchantStore(storeID), let json = try? JSON(parsing: document) else {
            throw StorageFailure.damaged
        }
        return json
    }

    /// The same for a store that a caller names, by its unique_id or, as text, its integer id.
    /// - Returns: `nil` if the name is that of another store.
    /// - Throws: ``StorageFailure``.
    func store(_ storeID: StoreID, named name: String) async throws -> JSON? {
        let store = try await store(storeID)
        guard name == storeID.text || store["id"] == .number(name) else { return nil }
        return store
    }
}
