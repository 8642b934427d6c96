import Orders
package import SQLStorage
import Synchronization

/// Transactions and reads of the primary, on a few connections of their own.
package struct PostgresDatabase: SQLDatabase {
    let storage: PostgresStorage

    package let locking = "FOR UPDATE"

    package func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        let pool = waitsForOrders ? storage.orderSessions : storage.sessions
        let hasChangedOrders = Atomic<Bool>(false)
        let value = try await pool.inTransaction { session in
            try await body(PostgresTransaction(session) { hasChangedOrders.store(true, ordering: .relaxed) })
        }
        if hasChangedOrders.load(ordering: .relaxed) { await storage.waitForReplicas() }
        return value
    }

    package func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await storage.quickSessions.repeatably { session in
            try await session.run(sql, values.map { PostgresValue($0) }).rows.map(\.values)
        }
    }
}

private final class PostgresTransaction: SQLTransaction {
    private let session: Session
    private let changed: @Sendable () -> Void

    init(_ session: Session, changed: @escaping @Sendable () -> Void) {
        self.session = session
        self.changed = changed
    }

    func run(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await session.run(sql, values.map { PostgresValue($0) }).rows.map(\.values)
    }

    func lockOrders(of storeID: StoreID) async throws {
        try await session.runScript("SET LOCAL lock_timeout = '1s'")
        try await session.lock([storeID])
    }

    func tryToLockOrders(of storeID: StoreID) async throws -> Bool { try await session.tryToLock(storeID) }

    func noteChange(of storeID: StoreID, at time: Timestamp) async throws {
        try await session.noteChange(of: [storeID], at: time)
        changed()
    }
}

extension PostgresStorage {
    /// The accounts that are in the database as well.
    package var accounts: SQLAccounts<PostgresDatabase> { SQLAccounts(database) }
}
