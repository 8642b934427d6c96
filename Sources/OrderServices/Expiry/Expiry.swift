package import Orders

/// Cancels the orders that nobody has paid in time (``OrderExpiry``). Any number of servers may do so: each order is canceled once. A mirrored shop
/// cancels its orders itself.
package struct Expiry: Sendable {
    private let storage: any OrderStorage
    private let mirrors: any MirrorStorage

    package init(storage: any OrderStorage, mirrors: any MirrorStorage) {
        self.storage = storage
        self.mirrors = mirrors
    }

    /// Cancels what is due in all stores.
    /// - Returns: how many orders were canceled.
    /// - Throws: ``StorageFailure``.
    package func cancelDue(at time: Timestamp = .now) async throws -> Int {
        var count = 0
        var failure: (any Error)?
        // The orders of other stores are not to wait for one that can't be read.
        for storeID in try await storage.storeIDs() {
            do { count += try await cancelDue(in: storeID, at: time) } catch { failure = error }
        }
        if let failure { throw failure }
        return count
    }

    private func cancelDue(in storeID: StoreID, at time: Timestamp) async throws -> Int {
        guard let expiry = OrderExpiry(of: try await storage.store(storeID)),
            try await mirrors.mirrorSecret(of: storeID) == nil
        else { return 0 }
        var count = 0
        for status in OrderExpiry.statuses { count += try await cancel(expiry, status, in: storeID, at: time) }
        return count
    }

    private func cancel(_ expiry: OrderExpiry, _ status: OrderStatus, in storeID: StoreID, at time: Timestamp) async throws -> Int
    {
        var count = 0
        var position = PageRequest.Position.newest
        while true {
            let page = try await storage.list(
                PageRequest(position: position), of: storeID, where: expiry.filter(status, at: time))
            var changes: [OrderChange] = []
            for order in try await storage.currentOrders(page.ids.map { .id($0) }, in: storeID).compactMap({ $0 }) {
                // One that can't be canceled stays as it is.
                guard let json = expiry.applied(to: order, at: time),
                    let change = try? OrderChange(order.id, .order(order), json, by: .clock)
                else { continue }
                changes.append(change)
            }
            // Whoever has changed an order in the meantime comes first; what is due then is canceled the next time.
            count += try await storage.write(changes, allOrNothing: false, at: time).count { !$0.isRefused }
            guard page.hasNext, let last = page.ids.last else { return count }
            position = .olderThan(last)
        }
    }
}
