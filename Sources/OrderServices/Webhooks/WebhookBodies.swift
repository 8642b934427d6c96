import JSON
package import Orders

/// Makes the bodies of webhooks, with the orders as they are at that moment.
package struct WebhookBodies: Sendable {
    private let storage: any OrderStorage
    /// Keeps orders that were deleted.
    private let deleted: any MirrorStorage
    private let publicURL: PublicURL?

    /// - Parameter publicURL: as that of ``MerchantOrders``.
    package init(storage: any OrderStorage, deleted: any MirrorStorage, publicURL: PublicURL?) {
        self.storage = storage
        self.deleted = deleted
        self.publicURL = publicURL
    }

    /// The bodies for events of a store.
    /// - Throws: ``StorageFailure``.
    package func bodies(of events: [OrderEvent], in storeID: StoreID) async throws -> [WebhookBody] {
        let ids = Array(Set(events.map(\.orderID)))
        var snapshots: [OrderID: WebhookBody.Snapshot] = [:]
        for case let current? in try await storage.currentOrders(ids.map { .id($0) }, in: storeID) {
            let order = MerchantOrderView(id: current.id, version: current.version, try current.json, publicURL: publicURL)
            snapshots[current.id] = .order(order, version: current.version)
        }
        let missing = ids.filter { snapshots[$0] == nil }
        if !missing.isEmpty {
            for case let last? in try await deleted.deletedOrders(missing.map { .id($0) }, in: storeID) {
                snapshots[last.id] = .deleted((try? JSON(parsing: last.document)) ?? .null)
            }
        }
        return events.map { WebhookBody($0, snapshots[$0.orderID] ?? .deleted(.null)) }
    }
}
