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

    /// The bodies for events by their orders and numbers; `nil` for those that can't be made of what is stored.
    /// - Throws: ``StorageFailure`` if nothing can be read.
    func bodies(of names: [(OrderID, Int64)], in storeID: StoreID) async throws -> [WebhookBody?] {
        do { return try await all(names, in: storeID) } catch let failure as StorageFailure where failure.isDamage {
            // One order's fault is not the others'.
            var bodies: [WebhookBody?] = []
            for name in names {
                do { bodies += try await all([name], in: storeID) } catch let failure as StorageFailure where failure.isDamage {
                    bodies.append(nil)
                }
            }
            return bodies
        }
    }

    private func all(_ names: [(OrderID, Int64)], in storeID: StoreID) async throws -> [WebhookBody?] {
        let events = try await storage.events(names.map { (orderID: $0.0, number: $0.1) }, in: storeID)
        var made = try await bodies(of: events.compactMap { $0 }, in: storeID)[...]
        return events.map { $0 == nil ? nil : made.popFirst() }
    }
}

extension StorageFailure {
    /// Whether what is stored can't be read, and anything else may be.
    fileprivate var isDamage: Bool {
        switch self {
        case .damaged, .damagedDocument: true
        default: false
        }
    }
}
