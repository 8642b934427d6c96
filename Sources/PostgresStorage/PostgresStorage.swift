package import Orders
import SQLStorage
import Synchronization

/// Orders in a PostgreSQL database, which many servers can share.
///
/// Lookups share a few connections, with many in flight on each; replicas answer those that they can. Imports have their own
/// connections. One thread drives all of them.
package final class PostgresStorage: Sendable {
    let address: PostgresAddress
    let loop: LoopHandle
    let replicaCount: Int
    /// How long callers wait in all for what concerns accounts.
    let patience: Duration
    let reads: ReadGate
    /// Recently read orders, with a shelf for each store and the store's `changed_at` as its stamp. Each read asks the database
    /// whether the stamp is still current, once for all who ask at the same time: orders found here are the latest, and cost the
    /// database next to nothing.
    let recentOrders = RecentOrders<StoreID, Int64>(isNewer: >)
    /// For transactions on accounts and keys.
    let sessions: SessionPool
    /// For transactions that may wait for an import: while they wait, other transactions can run.
    let orderSessions: SessionPool
    /// For short operations that wait for nobody and that everybody waits for: revocations, and spent limits.
    let quickSessions: SessionPool
    /// For creating partitions, which may take a while.
    let partitionSessions: SessionPool
    /// Writes of orders. Those of one store have to wait for each other anyway.
    let writes = SharedWrites(perStore: true)
    /// The partitions known to exist; others may have created more.
    let partitions: Mutex<Set<OrderPartition>>

    /// Connects to the database, and migrates it to this version's schema if necessary.
    /// - Parameters:
    ///   - replicas: servers that follow the primary and may answer lookups.
    ///   - connections: the number of lookup connections to each server.
    ///   - patience: how long callers wait in all for what concerns accounts.
    /// - Throws: ``StorageFailure``.
    package init(
        _ address: PostgresAddress, replicas: [PostgresAddress] = [], connections: Int, patience: Duration = .seconds(5)
    ) async throws {
        self.patience = patience
        self.address = address
        replicaCount = replicas.count
        loop = try LoopHandle.start()
        // If the server is silent for longer than this, callers get an error.
        let pool = { [loop] (size: Int, patience: Duration) in
            SessionPool(size: size) { try await Session(address, on: loop, patience: patience) }
        }
        sessions = pool(4, .seconds(5))
        orderSessions = pool(2, .seconds(12))
        quickSessions = pool(2, .seconds(4))
        partitionSessions = pool(1, .seconds(150))
        do {
            let migrator = PostgresMigrator(session: try await Session(address, on: loop, patience: .seconds(86_400)))
            try await migrator.migrate()
            partitions = Mutex(try await migrator.partitions())
            reads = ReadGate([address] + replicas, connections: connections, on: loop)
        } catch {
            loop.end()
            throw StorageFailure(any: error)
        }
    }

    deinit { loop.end() }

    /// The partition of an order, if it is known to exist.
    func knownPartition(of id: OrderID) -> OrderPartition? {
        let partition = OrderPartition(of: id)
        return partitions.withLock { $0.contains(partition) } ? partition : nil
    }

    /// Creates any of these partitions that are missing.
    /// - Throws: ``StorageFailure``.
    func make(_ wanted: Set<OrderPartition>) async throws {
        guard !wanted.isSubset(of: partitions.withLock { $0 }) else { return }
        let there = try await partitionSessions.repeatably { try await PostgresMigrator(session: $0).make(wanted) }
        partitions.withLock { $0.formUnion(there) }
    }
}

extension PostgresStorage: OrderStorage, SQLOrders {
    package func settle() async { await waitForReplicas() }

    package var database: PostgresDatabase { PostgresDatabase(storage: self) }

    /// Creates the partitions of the given month and the following three: a server that calls this once a day is ahead of every
    /// order.
    package func prepareAhead(of time: Timestamp) async throws {
        let months = sequence(first: OrderPartition(at: time)) { $0.next }
        try await make(Set(months.prefix(4)))
    }

    package func beginImport(allOrNothing: Bool) async throws -> any StorageImport {
        try await PostgresImport(self, allOrNothing: allOrNothing)
    }

    package func check() async throws {
        _ = try await read(.hasAnyStore, []) { _ in true }
    }
}
