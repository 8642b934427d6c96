package import Orders
package import SQLAccounts
import Synchronization

/// The database as accounts need it: a few connections of their own to the primary.
package struct PostgresAccounts: SQLDatabase {
    let storage: PostgresStorage

    private static let attempts = 5

    package let locking = "FOR UPDATE"

    package func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        let hasChangedOrders = Atomic<Bool>(false)
        let hasBegun = Atomic<Bool>(false)
        for attempt in 1... {
            do {
                let pool = waitsForOrders ? storage.orderSessions : storage.sessions
                let value = try await pool.withSession { session in
                    let transaction = PostgresTransaction(session) { hasChangedOrders.store(true, ordering: .relaxed) }
                    try await session.runScript("BEGIN")
                    hasBegun.store(true, ordering: .relaxed)
                    do {
                        let value = try await body(transaction)
                        try await session.runScript("COMMIT")
                        return value
                    } catch {
                        let isLost = (error as? PostgresError)?.endsConnection ?? false
                        if !isLost { try await session.runScript("ROLLBACK") }
                        throw error
                    }
                }
                if hasChangedOrders.load(ordering: .relaxed) { await storage.waitForReplicas() }
                return value
            } catch let error as PostgresError {
                // Connections that the server has closed meanwhile are found by using them; then nothing was done yet.
                let isStale = error.endsConnection && !hasBegun.load(ordering: .relaxed)
                guard attempt < Self.attempts, error.isPassing || isStale else { throw StorageFailure(error) }
            }
        }
        throw StorageFailure.busy
    }

    package func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        for attempt in 1... {
            do {
                return try await storage.quickSessions.withSession { session in
                    try await session.run(sql, values.map { PostgresValue($0) ?? .null }).rows.map(\.values)
                }
            } catch let error as PostgresError {
                // Reading may be tried again: connections that the server has closed meanwhile are found by using them.
                guard attempt < Self.attempts, error.endsConnection else { throw StorageFailure(error) }
            }
        }
        throw StorageFailure.busy
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
        try await session.run(sql, values.map { PostgresValue($0) ?? .null }).rows.map(\.values)
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
    package var accounts: SQLAccounts<PostgresAccounts> { SQLAccounts(PostgresAccounts(storage: self)) }
}
