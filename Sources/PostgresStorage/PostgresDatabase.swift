import Orders
package import SQLStorage

/// Runs transactions and reads on the primary, on a few dedicated connections.
package struct PostgresDatabase: SQLDatabase {
    let storage: PostgresStorage

    package let locking = "FOR UPDATE"

    package func isBeyondASCII(_ column: String) -> String { "\(column) ~ '[^ -~]'" }

    package func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        let pool = waitsForOrders ? storage.orderSessions : storage.sessions
        let noted = NotedChanges(storage.recentOrders)
        // An import may hold what the connections for orders wait for.
        let failure = waitsForOrders ? StorageFailure.busy : StorageFailure(PostgresError.silence)
        let value = try await Deadline.run(storage.patience, orElse: failure) { deadline in
            try await noted.whileCommitting {
                try await pool.inTransaction { session in
                    try deadline.begin()
                    noted.discard()
                    return try await body(PostgresTransaction(session, noted))
                }
            }
        }
        if !noted.isEmpty { await storage.waitForReplicas() }
        return value
    }

    package func write(_ sql: String, each rows: [[StoredValue]]) async throws {
        _ = try await Deadline.run(storage.patience) { deadline in
            try await storage.sessions.repeatably { session in
                try deadline.begin()
                // Statements that are sent at once are one transaction.
                return try await session.run(sql, each: rows)
            }
        }
    }

    package func lookUp(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await storage.read(.merchants(sql), values.map { PostgresValue($0) }, from: .primary) { $0.rows.map(\.values) }
    }

    package func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await read(sql, each: [values])[0]
    }

    package func read(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]] {
        try await Deadline.run(storage.patience) { _ in
            try await storage.quickSessions.repeatably { try await $0.run(sql, each: rows) }
        }
    }
}

private final class PostgresTransaction: SQLTransaction {
    private let session: Session
    private let noted: NotedChanges

    init(_ session: Session, _ noted: NotedChanges) {
        self.session = session
        self.noted = noted
    }

    func run(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await session.run(sql, each: [values])[0]
    }

    func run(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]] { try await session.run(sql, each: rows) }

    func lockOrders(of storeID: StoreID) async throws {
        try await session.runScript("SET LOCAL lock_timeout = '1s'")
        try await session.lock([storeID])
    }

    func tryToLockOrders(of storeID: StoreID) async throws -> Bool { try await session.tryToLock(storeID) }

    func noteChange(of touched: TouchedOrders, at time: Timestamp) async throws {
        let stores = touched.stores.union(touched.buyers.map(\.storeID))
        for (storeID, stamps) in try await session.noteChange(of: stores, at: time) {
            noted.note(storeID, from: stamps.from, to: stamps.to, touched)
        }
    }
}

extension Session {
    /// Runs a statement for each of several rows of parameters, which are sent at once.
    /// - Throws: ``PostgresError``.
    fileprivate func run(_ sql: String, each rows: [[StoredValue]]) async throws(PostgresError) -> [[StoredRow]] {
        try await run(rows.map { Statement(sql, $0.map { PostgresValue($0) }) }).map { $0.rows.map(\.values) }
    }
}

extension PostgresStorage {
    /// The accounts, which are stored in the same database.
    package var accounts: SQLAccounts<PostgresDatabase> { SQLAccounts(database) }
}
