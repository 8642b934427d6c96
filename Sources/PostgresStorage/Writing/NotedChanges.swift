import Orders
import SQLStorage
import Synchronization

/// The changes that a transaction makes to orders in this server's memory, so that only those are dropped.
final class NotedChanges: Sendable {
    private let recent: RecentOrders<StoreID, Int64>
    private let noted = Mutex<[(storeID: StoreID, change: RecentOrders<StoreID, Int64>.Change)]>([])

    init(_ recent: RecentOrders<StoreID, Int64>) { self.recent = recent }

    var isEmpty: Bool { noted.withLock { $0.isEmpty } }

    /// Notes that the transaction has raised a store's `changed_at`. The store's row stays locked until the transaction ends, so
    /// nobody else can change it.
    func note(_ storeID: StoreID, from: Int64, to: Int64, _ touched: TouchedOrders) {
        let change = RecentOrders<StoreID, Int64>.Change(from: from, to: to, touched: touched)
        recent.begin(storeID, change)
        noted.withLock { $0.append((storeID, change)) }
    }

    /// Discards the changes noted so far, because the transaction restarts or has failed.
    func discard() {
        let discarded = noted.withLock { noted in
            defer { noted = [] }
            return noted
        }
        for (storeID, change) in discarded { recent.cancel(storeID, change) }
    }

    /// Runs a transaction, and applies the noted changes if it commits.
    func whileCommitting<Value>(_ transaction: () async throws -> Value) async throws -> Value {
        do {
            let value = try await transaction()
            for (storeID, change) in noted.withLock({ $0 }) { recent.end(storeID, change) }
            return value
        } catch {
            discard()
            throw error
        }
    }
}
