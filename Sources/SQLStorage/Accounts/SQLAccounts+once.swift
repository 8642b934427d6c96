package import Accounts
package import Orders

extension SQLAccounts {
    package func once(
        _ key: RequestKey, at time: Timestamp,
        _ perform: @escaping @Sendable (any MerchantStorage) async throws -> RememberedAnswer
    ) async throws -> RememberedAnswer {
        try await database.transaction(waitsForOrders: true) { transaction in
            // Whoever remembers an answer holds this lock, so none comes in between.
            try await transaction.lockOrders(of: key.storeID)
            let joined = SQLAccounts<JoinedDatabase>(JoinedDatabase(transaction, of: database))
            if let earlier = try await joined.answer(to: key, at: time) { return earlier }
            let answer = try await perform(joined)
            try await transaction.run(RememberedAnswer.insertion, answer.columns)
            return answer
        }
    }
}

/// A database as a transaction in progress has it: whatever is done with it is part of that transaction.
private struct JoinedDatabase: SQLDatabase {
    private let transaction: any SQLTransaction
    private let database: any SQLDatabase

    init(_ transaction: any SQLTransaction, of database: any SQLDatabase) {
        self.transaction = transaction
        self.database = database
    }

    var locking: String { database.locking }

    func isBeyondASCII(_ column: String) -> String { database.isBeyondASCII(column) }

    func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        try await body(transaction)
    }

    func write(_ sql: String, each rows: [[StoredValue]]) async throws { try await transaction.run(sql, each: rows) }

    func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] { try await transaction.run(sql, values) }

    func read(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]] {
        try await transaction.run(sql, each: rows)
    }

    func lookUp(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] { try await transaction.run(sql, values) }
}
