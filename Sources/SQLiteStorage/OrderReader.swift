import GRDBSQLite
import Orders
import SQLStorage

/// A connection that reads buyers' orders with prepared statements.
///
/// It uses SQLite's C interface: measured on two cores, a read through GRDB's rows and queue took three times as long.
final class OrderReader {
    private let connection: OpaquePointer
    private let versionByID: SQLiteStatement
    private let versionByLegacyID: SQLiteStatement
    private let orderByID: SQLiteStatement
    private let orderByLegacyID: SQLiteStatement
    /// The statements for pages of orders.
    let pages: PageStatements
    /// The statements for pages without the documents of the orders.
    let outlines: PageStatements

    /// - Throws: ``StorageFailure``.
    init(path: String) throws {
        var connection: OpaquePointer?
        let code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        guard code == SQLITE_OK, let connection else {
            defer { sqlite3_close_v2(connection) }
            throw StorageFailure(code, connection)
        }
        do {
            // A reader waits only while the database recovers from a crash, which does not take long.
            sqlite3_busy_timeout(connection, 1000)
            versionByID = try SQLiteStatement(OrderSQL.version(by: OrderSQL.id), on: connection)
            versionByLegacyID = try SQLiteStatement(OrderSQL.version(by: OrderSQL.legacyID), on: connection)
            orderByID = try SQLiteStatement(OrderSQL.order(by: OrderSQL.id), on: connection)
            orderByLegacyID = try SQLiteStatement(OrderSQL.order(by: OrderSQL.legacyID), on: connection)
            pages = try PageStatements(withDocuments: true, on: connection)
            outlines = try PageStatements(withDocuments: false, on: connection)
        } catch {
            // The connection would stay open until all its statements are finalized.
            while let statement = sqlite3_next_stmt(connection, nil) { sqlite3_finalize(statement) }
            sqlite3_close_v2(connection)
            throw error
        }
        self.connection = connection
    }

    deinit {
        for statement in [versionByID, versionByLegacyID, orderByID, orderByLegacyID] { statement.finalize() }
        pages.finalize()
        outlines.finalize()
        sqlite3_close_v2(connection)
    }

    /// - Throws: ``StorageFailure``.
    func version(of reference: OrderReference, for buyer: Buyer) throws -> OrderVersion? {
        try first(reference, buyer, versionByID, versionByLegacyID) { OrderVersion($0) }
    }

    /// - Throws: ``StorageFailure``.
    func order(_ reference: OrderReference, for buyer: Buyer) throws -> StoredOrder? {
        try first(reference, buyer, orderByID, orderByLegacyID) { row in
            let id: OrderID
            switch reference {
            // A damaged index may have led to another row, whose id must not count.
            case .id(let given): id = given
            case .legacy:
                guard let found = UUIDBytes(bytes: row.bytes(6)).flatMap({ OrderID($0) }) else { throw StorageFailure.damaged }
                id = found
            }
            return try StoredOrder(
                id, of: buyer, version: OrderVersion(row), document: row.bytes(3), store: row.bytes(4), customer: row.bytes(5))
        }
    }

    private func first<Value>(
        _ reference: OrderReference, _ buyer: Buyer, _ byID: SQLiteStatement, _ byLegacyID: SQLiteStatement,
        _ value: (SQLiteRow) throws -> Value
    ) throws -> Value? {
        let (statement, key): (SQLiteStatement, SQLiteStatement.Parameter) =
            switch reference {
            case .id(let id): (byID, .uuid(id.uuid))
            case .legacy(let legacyID): (byLegacyID, .text(String(legacyID.number)))
            }
        var result: Value?
        try statement.run(.text(buyer.storeID.text), .integer(buyer.customerID.number), key) { row in
            result = try value(row)
            return false
        }
        return result
    }
}

extension OrderVersion {
    /// The versions in the first three columns of a row.
    init(_ row: SQLiteRow) {
        self.init(order: row.integer(0), store: row.integer(1), customer: row.integer(2))
    }
}
