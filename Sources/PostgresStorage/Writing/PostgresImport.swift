import Orders
import Synchronization

/// Takes in stores and orders on a connection of its own.
///
/// Writers of one store take turns, by a lock that ends with their transaction; readers never wait.
final class PostgresImport: StorageImport {
    private let storage: PostgresStorage
    private let session: Session
    private let allOrNothing: Bool

    private static let attempts = 5

    /// - Throws: ``StorageFailure``.
    init(_ storage: PostgresStorage, allOrNothing: Bool) async throws {
        self.storage = storage
        self.allOrNothing = allOrNothing
        session = try await Session(storage.address, on: storage.loop)
        if allOrNothing { try await translating { try await session.runScript("BEGIN") } }
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
        // What the open transaction has written is seen on its own connection only; else this need not wait for the writing.
        guard allOrNothing else { return try await storage.orderIDs(of: legacyIDs, in: storeID) }
        return try await translating {
            try await session.run(
                ReadStatement.legacyIDs.sql, .text(storeID.text), .texts(legacyIDs.map { String($0.number) })
            ).legacyOrderIDs()
        }
    }

    func prepare(for ids: [OrderID]) async throws {
        try await storage.make(Set(ids.map { OrderPartition(of: $0) }))
    }

    func write(_ orders: [OrderWrite], at time: Timestamp) async throws -> [WriteOutcome] {
        guard !orders.isEmpty else { return [] }
        try await prepare(for: orders.map(\.id))
        return try await batch {
            try await session.lock(Set(orders.map(\.order.storeID)))
            let plan = BatchPlan(orders, known: try await session.known(of: orders), at: time)
            try await session.write(plan, at: time)
            return plan.outcomes
        }
    }

    func commit() async throws {
        if allOrNothing { try await translating { try await session.runScript("COMMIT") } }
        await storage.waitForReplicas()
    }

    func rollback() async throws {
        if allOrNothing { try await translating { try await session.runScript("ROLLBACK") } }
    }

    /// One transaction, or a part of the one that holds everything.
    private func batch<Value>(_ body: () async throws -> Value) async throws -> Value {
        if allOrNothing { return try await translating(body) }
        for attempt in 1... {
            do {
                try await session.runScript("BEGIN")
                let value = try await body()
                try await session.runScript("COMMIT")
                return value
            } catch {
                try? await session.runScript("ROLLBACK")
                guard attempt < Self.attempts, (error as? PostgresError)?.isPassing ?? false else {
                    throw StorageFailure(any: error)
                }
            }
        }
        throw StorageFailure.busy
    }

    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch { throw StorageFailure(any: error) }
    }
}
