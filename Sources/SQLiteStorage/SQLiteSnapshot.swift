import Foundation
import GRDB
import Orders
package import SQLStorage

/// All rows of the database at the time this was opened, regardless of later writes.
package final class SQLiteSnapshot: StoredRows {
    private let connection: DatabaseQueue

    /// - Throws: ``StorageFailure``.
    package init(_ storage: SQLiteStorage) throws {
        do {
            connection = try storage.connectToRead()
            try connection.inDatabase { db in
                try db.beginTransaction(.deferred)
                // A transaction sees the database as of its first read.
                _ = try db.hasAnyStore()
            }
        } catch {
            throw StorageFailure(error)
        }
    }

    package func rows(of table: StoredTable, in range: StoredRange, limit: Int) async throws -> [StoredRow] {
        let columns = table.columns.map(\.name)
        let key = columns.prefix(table.keyLength).joined(separator: ", ")
        let marks = [String](repeating: "?", count: table.keyLength).joined(separator: ", ")
        let bounds = [(">", range.after), ("<=", range.through)].compactMap { comparison, bound in bound.map { (comparison, $0) }
        }
        let conditions = bounds.map { "(\(key)) \($0.0) (\(marks))" }
        let sql = """
            SELECT \(columns.joined(separator: ", ")) FROM \(table.name)
            \(conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")) ORDER BY \(key) LIMIT \(limit)
            """
        let arguments = StatementArguments(bounds.flatMap { $0.1.map(\.databaseValue) })
        do {
            return try await connection.read { db in
                let rows = try Row.fetchCursor(db.cachedStatement(sql: sql), arguments: arguments)
                var result: [StoredRow] = []
                while let row = try rows.next() {
                    result.append(try table.columns.indices.map { try StoredValue(row[$0], as: table.columns[$0].kind) })
                }
                return result
            }
        } catch {
            throw StorageFailure(error)
        }
    }
}

extension StoredValue {
    fileprivate init(_ value: DatabaseValue, as kind: StoredTable.Kind) throws(StorageFailure) {
        switch (kind, value.storage) {
        case (_, .null): self = .null
        case (.text, .string(let text)): self = .text(text)
        case (.integer, .int64(let integer)): self = .integer(integer)
        case (.bytes, .blob(let data)): self = .bytes([UInt8](data))
        case (.orderID, .blob(let data)):
            guard let id = UUIDBytes(bytes: data) else { throw .damaged }
            self = .orderID(id)
        default: throw .damaged
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .text(let text): text.databaseValue
        case .integer(let integer): integer.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        case .orderID(let id): Data(id.bytes).databaseValue
        }
    }
}
