import Orders
import SQLStorage
import Synchronization

/// What a transaction changes of the orders that this server has in memory, so that nothing else is dropped.
final class NotedChanges: Sendable {
    private let recent: RecentOrders<StoreID, Int64>
    private let noted = Mutex<[(storeID: StoreID, change: RecentOrders<StoreID, Int64>.Change)]>([])

    init(_ recent: RecentOrders<StoreID, Int64>) { self.recent = recent }

    var isEmpty: Bool { noted.withLock { $0.isEmpty } }

    /// Notes that the transaction has raised a store's `changed_at`, whose row is locked until its end: so nobody else changes it.
    func note(_ storeID: StoreID, from: Int64, to: Int64, _ touched: TouchedOrders) {
        recent.begin(storeID)
        noted.withLock { $0.append((storeID, .init(from: from, to: to, touched: touched))) }
    }

    /// The transaction is run again from the start.
    func startOver() { abandon() }

    /// Runs a transaction. What was noted counts if it has committed.
    func whileCommitting<Value>(_ transaction: () async throws -> Value) async throws -> Value {
        do {
            let value = try await transaction()
            for (storeID, change) in noted.withLock({ $0 }) { recent.end(storeID, change) }
            return value
        } catch {
            abandon()
            throw error
        }
    }

    private func abandon() {
        let noted = noted.withLock { noted in
            defer { noted = [] }
            return noted
        }
        for (storeID, _) in noted { recent.end(storeID, nil) }
    }
}
