import JSON
package import Orders

/// Makes the buyer's order of each of a store's orders again, after the rules of the projection have changed (`projection.md`).
///
/// It can run beside servers and imports, and can be repeated and interrupted. An order whose buyer's order differs gets a new
/// version and the event `order.updated`; the others stay as they are.
package struct Rebuild: Sendable {
    private let storage: any OrderWriting
    private let pageSize: Int

    /// - Parameter pageSize: how many orders to write in one transaction.
    package init(storage: any OrderWriting, pageSize: Int = 200) {
        self.storage = storage
        self.pageSize = pageSize
    }

    /// Rebuilds all orders of a store, in the order of their ids.
    /// - Parameter refused: called for each order that the rules no longer accept. It stays as it is.
    /// - Throws: ``StorageFailure``.
    package func run(_ storeID: StoreID, refused: (OrderID, Refusal) -> Void) async throws -> ImportReport {
        var report = ImportReport()
        var last: OrderID?
        while case let page = try await storage.orders(of: storeID, after: last, limit: pageSize), !page.isEmpty {
            for (id, outcome) in try await rebuild(page, in: storeID) {
                report.count(outcome)
                if case .refused(let refusal) = outcome { refused(id, refusal) }
            }
            last = page.last?.order.id
        }
        return report
    }

    private func rebuild(_ page: [StoredMerchantOrder], in storeID: StoreID) async throws -> [(OrderID, WriteOutcome)] {
        var outcomes: [(OrderID, WriteOutcome)] = []
        var changes: [OrderChange] = []
        for stored in page {
            do throws(Refusal) {
                let change = try OrderChange(rebuilding: stored.order)
                if change.document == stored.document { outcomes.append((change.id, .unchanged)) } else { changes.append(change) }
            } catch {
                outcomes.append((stored.order.id, .refused(error)))
            }
        }
        for (change, outcome) in zip(changes, try await storage.write(changes, allOrNothing: false, at: .now)) {
            let isLate = outcome == .refused(.changedConcurrently)
            outcomes.append((change.id, isLate ? try await rebuild(change.id, in: storeID) : outcome))
        }
        return outcomes
    }

    /// Rebuilds one order, again until nobody else changes it at the same time.
    private func rebuild(_ id: OrderID, in storeID: StoreID) async throws -> WriteOutcome {
        while let current = try await storage.currentOrder(.id(id), in: storeID) {
            let change: OrderChange
            do throws(Refusal) { change = try OrderChange(rebuilding: current) } catch { return .refused(error) }
            let outcome = try await storage.write([change], allOrNothing: true, at: .now)[0]
            if outcome != .refused(.changedConcurrently) { return outcome }
        }
        return .unchanged
    }
}

extension OrderChange {
    /// The change that only makes the buyer's order again.
    fileprivate convenience init(rebuilding order: CurrentOrder) throws(Refusal) {
        let text: JSONText
        do throws(JSONSyntaxError) { text = try JSONText(order.document) } catch { throw Refusal(error) }
        self.init(
            id: order.id, before: .order(order), after: try MerchantOrder(text),
            document: try BuyerOrder.document(of: text, id: order.id), by: .rebuild)
    }
}
