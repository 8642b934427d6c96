package import Orders
import SQLStorage
import Synchronization

/// Orders in a PostgreSQL database, which many servers may share.
///
/// Lookups share a few connections, many under way on each at once; replicas answer those that they can. Imports have a connection of their
/// own. One thread drives all of them.
package final class PostgresStorage: Sendable {
    let address: PostgresAddress
    let loop: LoopHandle
    let replicaCount: Int
    let reads: ReadGate
    /// A shelf for each store, whose stamp is its `changed_at`. Whether that is still the same is asked of the database each time, once for
    /// all who ask at the same time: what is found here is the latest, and costs the database next to nothing.
    let recentOrders = RecentOrders<StoreID, Int64>(isNewer: >)
    /// For transactions of accounts and keys.
    let sessions: SessionPool
    /// For transactions that wait for those who take in orders: as long as they wait, others go on.
    let orderSessions: SessionPool
    /// For what waits for nobody, and is waited for by everybody: what is revoked, what callers have spent.
    let quickSessions: SessionPool
    /// For making partitions, which may take its time.
    let partitionSessions: SessionPool
    /// The partitions known to be there; others may have made more.
    let partitions: Mutex<Set<OrderPartition>>

    /// Connects to the database, bringing it to this version's schema where needed.
    /// - Parameters:
    ///   - replicas: servers that follow the primary and may answer lookups.
    ///   - connections: how many connections lookups have to each server.
    /// - Throws: ``StorageFailure``.
    package init(_ address: PostgresAddress, replicas: [PostgresAddress] = [], connections: Int) async throws {
        self.address = address
        replicaCount = replicas.count
        loop = try LoopHandle.start()
        // A server that is silent for longer is answered for with an error.
        let pool = { [loop] (size: Int, patience: Duration) in
            SessionPool(size: size) { try await Session(address, on: loop, patience: patience) }
        }
        sessions = pool(4, .seconds(12))
        orderSessions = pool(2, .seconds(12))
        quickSessions = pool(2, .seconds(4))
        partitionSessions = pool(1, .seconds(150))
        do {
            let migrator = PostgresMigrator(session: try await Session(address, on: loop, patience: .seconds(3600)))
            try await migrator.migrate()
            partitions = Mutex(try await migrator.partitions())
            reads = ReadGate([address] + replicas, connections: connections, on: loop)
        } catch {
            loop.end()
            throw StorageFailure(any: error)
        }
    }

    deinit { loop.end() }

    /// The partition of an order, where it is known to be there.
    func knownPartition(of id: OrderID) -> OrderPartition? {
        let partition = OrderPartition(of: id)
        return partitions.withLock { $0.contains(partition) } ? partition : nil
    }

    /// Makes the partitions that are missing of these.
    /// - Throws: ``StorageFailure``.
    func make(_ wanted: Set<OrderPartition>) async throws {
        guard !wanted.isSubset(of: partitions.withLock { $0 }) else { return }
        let there = try await partitionSessions.repeatably { try await PostgresMigrator(session: $0).make(wanted) }
        partitions.withLock { $0.formUnion(there) }
    }
}

extension PostgresStorage: OrderStorage, SQLOrderEvents {
    package var database: PostgresDatabase { PostgresDatabase(storage: self) }

    /// The month of the time and the three after it: a server that is asked once a day is ahead of every order.
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
