import JSON
package import Orders

/// Makes what buyers see of a store and its orders again from what the merchant sent (`projection.md`): after damage, or after the
/// rules of the projection have changed.
///
/// It can run beside servers and imports, and can be repeated and interrupted. What differs gets a new version, and an order the
/// event `order.updated` too; everything else stays as it is.
package struct DocumentRepair: Sendable {
    private let storage: any OrderWriting
    private let pageSize: Int

    /// - Parameter pageSize: how many orders to write in one transaction.
    package init(storage: any OrderWriting, pageSize: Int = 200) {
        self.storage = storage
        self.pageSize = pageSize
    }

    /// Makes a store again.
    /// - Throws: ``StorageFailure``.
    package func repairStore(_ storeID: StoreID) async throws -> WriteOutcome {
        do { return try await storage.changeStore(storeID, at: .now) { $0 } } catch StorageFailure.damagedDocument {
            return .refused(.damaged)
        }
    }

    /// Makes all orders of a store again, in the order of their ids.
    /// - Parameter refused: called for each order that stays as it is, because the rules no longer accept it or nothing intact is stored.
    /// - Throws: ``StorageFailure``.
    package func repairOrders(of storeID: StoreID, refused: (OrderID, Refusal) -> Void) async throws -> ImportReport {
        var report = ImportReport()
        var last: OrderID?
        while case let page = try await storage.orders(of: storeID, after: last, limit: pageSize), !page.isEmpty {
            for (id, outcome) in try await repair(page, in: storeID) {
                report.count(outcome)
                if case .refused(let refusal) = outcome { refused(id, refusal) }
            }
            last = page.last?.id
        }
        return report
    }

    private func repair(_ page: [StoredMerchantOrder], in storeID: StoreID) async throws -> [(OrderID, WriteOutcome)] {
        var outcomes: [(OrderID, WriteOutcome)] = []
        var changes: [OrderChange] = []
        for stored in page {
            do throws(Refusal) {
                guard let order = stored.order else { throw .damaged }
                let change = try OrderChange(repairing: order)
                if change.document == stored.document { outcomes.append((change.id, .unchanged)) } else { changes.append(change) }
            } catch {
                outcomes.append((stored.id, .refused(error)))
            }
        }
        for (change, outcome) in zip(changes, try await storage.write(changes, allOrNothing: false, at: .now)) {
            let isLate = outcome == .refused(.changedConcurrently)
            outcomes.append((change.id, isLate ? try await repair(change.id, in: storeID) : outcome))
        }
        return outcomes
    }

    /// Makes one order again, until nobody else changes it at the same time.
    private func repair(_ id: OrderID, in storeID: StoreID) async throws -> WriteOutcome {
        while let current = try await storage.currentOrder(.id(id), in: storeID) {
            let change: OrderChange
            do throws(Refusal) { change = try OrderChange(repairing: current) } catch { return .refused(error) }
            let outcome = try await storage.write([change], allOrNothing: true, at: .now)[0]
            if outcome != .refused(.changedConcurrently) { return outcome }
        }
        return .unchanged
    }
}

extension Refusal {
    /// Nothing intact is stored that the order could be made from.
    fileprivate static let damaged = Refusal("", "is damaged: import it again")
}

extension OrderChange {
    /// The change that only makes the buyer's order again.
    fileprivate convenience init(repairing order: CurrentOrder) throws(Refusal) {
        let text = try JSONText.read(order.document)
        self.init(
            id: order.id, before: .order(order), after: try MerchantOrder(text),
            document: try BuyerOrder.document(of: text, id: order.id), by: .repair)
    }
}
