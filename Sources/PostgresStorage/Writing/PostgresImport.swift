import Orders
import Synchronization

/// Imports stores and orders on two connections of its own, or on one if everything is a single transaction.
///
/// Writers of one store take turns: a lock is held until the transaction ends. Readers never wait.
final class PostgresImport: StorageImport {
    private let storage: PostgresStorage
    private let session: Session
    /// Writes one half of a batch, while the other connection holds the lock.
    private let second: Session?
    private let allOrNothing: Bool

    /// - Throws: ``StorageFailure``.
    init(_ storage: PostgresStorage, allOrNothing: Bool) async throws {
        self.storage = storage
        self.allOrNothing = allOrNothing
        async let second = allOrNothing ? nil : Session(storage.address, on: storage.loop)
        session = try await Session(storage.address, on: storage.loop)
        self.second = try await second
        try await translating {
            // Someone who holds a lock that the second connection needs may wait for the first connection, which waits for the
            // second: a deadlock that the database can't detect.
            try await self.second?.runScript("SET lock_timeout = '1s'")
            if allOrNothing { try await session.runScript("BEGIN") }
        }
    }

    func write(_ stores: [MerchantStore], at time: Timestamp) async throws -> [WriteOutcome] {
        try await batch {
            try await session.lock(Set(stores.map(\.id)))
            var outcomes: [WriteOutcome] = []
            for store in stores { outcomes.append(try await session.write(store, at: time)) }
            return outcomes
        }
    }

    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID] {
        // Only its own connection sees what the open transaction has written; otherwise this need not wait for writes.
        guard allOrNothing else { return try await storage.orderIDs(of: legacyIDs, in: storeID) }
        return try await translating {
            try await session.run(
                ReadStatement.legacyIDs.sql, .text(storeID.text), .texts(legacyIDs.map { String($0.number) })
            ).legacyOrderIDs()
        }
    }

    func prepare(for ids: [OrderID]) {
        let (storage, partitions) = (storage, OrderPartition.all(of: ids))
        // If this fails, the write does the same again and reports the reason.
        Task { try? await storage.make(partitions) }
    }

    func write(_ orders: [OrderChange], at time: Timestamp) async throws -> [WriteOutcome] {
        guard !orders.isEmpty else { return [] }
        try await storage.make(OrderPartition.all(of: orders.map(\.id)))
        // If the second connection has committed and the first one restarts, the second one's orders turn out unchanged: the
        // outcomes of the first attempt are then returned.
        var kept: [WriteOutcome]?
        var isFirstTry = true
        let outcomes = try await batch {
            // From the second attempt on, everything is written on one connection.
            let second = isFirstTry ? second : nil
            isFirstTry = false
            try await session.lock(Set(orders.map(\.after.storeID)))
            async let keys = unlessInTheWay(second) { session in
                var lookups = Lookups()
                lookups.addKeys(of: orders)
                return try await session.find(lookups).known.keys
            }
            var lookups = Lookups()
            lookups.addOrders(orders)
            var known = try await session.find(lookups).known
            known.keys = try await keys
            var plan = ChangePlan(known: known)
            let outcomes = plan.add(orders, at: time)
            var last = known.stores
            guard let second, let (first, rest) = plan.changes.halves else {
                let events = plan.changes.positionedEvents(after: &last)
                try await session.copy(plan.changes, events, at: time)
                try await session.raisePositions(from: known.stores, to: last)
                return outcomes
            }
            // The second connection commits first, so its events have the lower positions.
            let restEvents = rest.positionedEvents(after: &last)
            let middle = last
            let firstEvents = first.positionedEvents(after: &last)
            async let end: Void = unlessInTheWay(second) { [stores = known.stores] second in
                try await second.inTransaction {
                    try await second.copy(rest, restEvents, at: time)
                    try await second.raisePositions(from: stores, to: middle)
                }
            }
            let result = await Result { try await session.copy(first, firstEvents, at: time) }
            try await end
            kept = kept ?? outcomes
            try result.get()
            try await session.raisePositions(from: middle, to: last)
            return outcomes
        }
        guard let kept else { return outcomes }
        return zip(outcomes, kept).map { $0 == .unchanged ? $1 : $0 }
    }

    func commit() async throws {
        if allOrNothing { try await translating { try await session.runScript("COMMIT") } }
        await storage.waitForReplicas()
    }

    func rollback() async throws {
        if allOrNothing { try await translating { try await session.runScript("ROLLBACK") } }
    }

    /// Runs a batch as one transaction, or as part of the one that contains everything.
    private func batch<Value>(_ body: () async throws -> Value) async throws -> Value {
        if allOrNothing { return try await translating(body) }
        return try await translating { try await retryingPassing { try await session.inTransaction(body) } }
    }

    /// Runs `body` on the second connection, or on the first if there is no second.
    /// - Throws: ``PostgresError/unseenDeadlock`` if the second connection waits for someone who may wait for the first one.
    private func unlessInTheWay<Value: Sendable>(
        _ second: Session?, _ body: @Sendable (Session) async throws -> Value
    ) async throws -> Value {
        guard let second else { return try await body(session) }
        do { return try await body(second) } catch let error as PostgresError where error.isLockTimeout {
            throw PostgresError.unseenDeadlock
        }
    }

    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch { throw StorageFailure(any: error) }
    }
}
