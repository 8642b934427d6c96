package import Accounts
import Orders
package import SQLStorage

/// Copies rows from another storage, on its own connection.
package final class PostgresCopy: StoredRowsTarget {
    private let storage: PostgresStorage
    private let session: Session

    /// - Throws: ``StorageFailure``.
    package init(_ storage: PostgresStorage) async throws {
        self.storage = storage
        session = try await Session(storage.address, on: storage.loop)
    }

    package func beginCopy() async throws {
        try await translating {
            // If two copies run at the same time, the second is refused. The lock is released when its connection closes.
            guard try await session.run("SELECT pg_try_advisory_lock(\(AdvisoryLock.key(of: "'pesanan copy'")))")[0].bool(0)
            else {
                throw CopyRefusal("another copy into this database is under way")
            }
            if try await storage.isEmpty() {
                try await session.run("INSERT INTO unfinished_copy (id) VALUES (1) ON CONFLICT DO NOTHING")
            } else if try await !session.run("SELECT EXISTS (SELECT 1 FROM unfinished_copy)")[0].bool(0) {
                throw CopyRefusal("the database holds stores already, and they are not from a copy that was interrupted")
            }
        }
    }

    package func endCopy() async throws {
        try await translating {
            // Servers that have already read some of the data read it again.
            // The numbers of revocations continue from the copied ones.
            try await session.run(
                """
                UPDATE access_version SET number = news.number, directory_number = news.number
                FROM (SELECT greatest(max(v.number), max(r.number)) + 1 AS number FROM access_version v LEFT JOIN revocation r ON true)
                    news
                """)
            try await session.run(
                "UPDATE store SET changed_at = greatest(changed_at + 1, $1)", .integer(Timestamp.now.microseconds))
            try await session.run("DELETE FROM unfinished_copy")
        }
        await storage.waitForReplicas()
    }

    /// Replaces the signing keys. This is safe until the copy ends, because nobody was issued a token with another key before.
    /// - Throws: ``StorageFailure``.
    package func keep(_ ring: KeyRing) async throws {
        _ = try await storage.change(orElse: ring.entries[0].key) { _ in ring }
    }

    package func rows(of table: StoredTable, in range: StoredRange, limit: Int) async throws -> [StoredRow] {
        let columns = table.columns.map(\.name).joined(separator: ", ")
        let (condition, parameters) = condition(table, range)
        return try await translating {
            let result = try await session.run(
                "SELECT \(columns) FROM \(table.name) \(condition) ORDER BY \(table.key) LIMIT $\(parameters.count + 1)",
                parameters + [.integer(Int64(limit))])
            return result.rows.map { row in
                table.columns.enumerated().map { position, column in
                    let position = Int32(position)
                    guard !row.isNull(position) else { return .null }
                    return switch column.kind {
                    case .text: .text(row.text(position))
                    case .integer: .integer(row.integer(position))
                    case .bytes: .bytes(row.bytes(position))
                    case .orderID: row.uuid(position).map { .orderID($0) } ?? .null
                    }
                }
            }
        }
    }

    package func replace(_ table: StoredTable, in range: StoredRange, with rows: [StoredRow]) async throws {
        if PostgresSchema.partitioned.contains(table.name), let column = table.orderIDColumn {
            let ids = rows.compactMap { row -> OrderID? in if case .orderID(let id) = row[column] { OrderID(id) } else { nil } }
            try await storage.make(Set(ids.map { OrderPartition(of: $0) }))
        }
        let copy = NewRows(in: table, rows) { values, row in
            for value in values { row.append(PostgresValue(value)) }
        }
        let (condition, parameters) = condition(table, range)
        try await translating {
            try await session.inTransaction {
                try await session.runScript("SET CONSTRAINTS ALL DEFERRED")
                try await session.run("DELETE FROM \(table.name) \(condition)", parameters)
                try await session.copy(copy)
            }
        }
    }

    /// The range as an SQL condition with its parameters.
    private func condition(_ table: StoredTable, _ range: StoredRange) -> (sql: String, parameters: [PostgresValue]) {
        var parameters: [PostgresValue] = []
        let conditions = [(">", range.after), ("<=", range.through)].compactMap { comparison, bound -> String? in
            guard let bound else { return nil }
            let marks = bound.map { value in
                parameters.append(PostgresValue(value))
                return "$\(parameters.count)"
            }
            return "(\(table.key)) \(comparison) (\(marks.joined(separator: ", ")))"
        }
        return (conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND "), parameters)
    }

    @discardableResult
    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let refusal as CopyRefusal { throw refusal } catch {
            throw StorageFailure(any: error)
        }
    }
}

extension StoredTable {
    /// The key's columns, as SQL.
    fileprivate var key: String { columns.prefix(keyLength).map(\.name).joined(separator: ", ") }
}

extension PostgresValue {
    init(_ value: StoredValue) {
        switch value {
        case .null: self = .null
        case .text(let text): self = .text(text)
        case .integer(let integer): self = .integer(integer)
        case .bytes(let bytes): self = .bytes(bytes)
        case .orderID(let id): self = .uuid(id)
        }
    }
}
