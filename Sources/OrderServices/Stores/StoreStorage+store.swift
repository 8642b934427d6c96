import JSON
import Orders

extension StoreStorage {
    /// A store as its merchant sent it.
    /// - Throws: ``StorageFailure``; ``StorageFailure/damaged`` also if there is no such store.
    func store(_ storeID: StoreID) async throws -> JSON {
        guard let document = try await merchantStore(storeID), let json = try? JSON(parsing: document) else {
            throw StorageFailure.damaged
        }
        return json
    }
}
