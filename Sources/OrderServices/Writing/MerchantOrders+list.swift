import JSON
package import Orders

extension MerchantOrders {
    /// A page of the merchant's list, newest first.
    /// - Parameter name: how the caller names the store (``MerchantStores/store(_:of:)``); the list of another store is empty.
    /// - Returns: the orders, and where the list goes on.
    /// - Throws: ``StorageFailure``.
    package func list(
        _ request: PageRequest, of storeID: StoreID, named name: String?, where filter: OrderFilter
    ) async throws -> (orders: [MerchantOrderView], page: MerchantPage) {
        if let name, try await storage.store(storeID, named: name) == nil {
            return ([], MerchantPage(ids: [], hasNext: false, hasPrevious: false))
        }
        let page = try await storage.list(request, of: storeID, where: filter)
        // One that was deleted in between is left out.
        let orders = try await storage.currentOrders(page.ids.map { .id($0) }, in: storeID).compactMap { $0 }
        return (try orders.map { view($0.id, version: $0.version, try $0.json) }, page)
    }
}
