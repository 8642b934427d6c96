import GRDBSQLite
import Orders

/// A prepared statement, on SQLite's C interface.
struct SQLiteStatement {
    private let handle: OpaquePointer

    /// - Throws: ``StorageFailure``.
    init(_ sql: String, on connection: OpaquePointer) throws {
        var handle: OpaquePointer?
        let code = sqlite3_prepare_v3(connection, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, nil)
        guard code == SQLITE_OK, let handle else { throw StorageFailure(code, connection) }
        self.handle = handle
    }

    func finalize() { sqlite3_finalize(handle) }

    /// Reads the rows for these parameters one by one until `read` returns `false`.
    /// - Parameter read: returns whether to read the next row.
    /// - Throws: ``StorageFailure``.
    func run(_ parameters: Parameter..., read: (SQLiteRow) throws -> Bool) throws {
        defer { sqlite3_reset(handle) }
        for (position, parameter) in parameters.enumerated() { bind(parameter, at: Int32(position + 1)) }
        while true {
            switch sqlite3_step(handle) {
            case SQLITE_ROW: guard try read(SQLiteRow(handle: handle)) else { return }
            case SQLITE_DONE: return
            case let code: throw StorageFailure(code, sqlite3_db_handle(handle))
            }
        }
    }

    enum Parameter {
        case text(String)
        case integer(Int64)
        case uuid(UUIDBytes)
    }

    /// Makes SQLite copy bound values before the call returns.
    private static let copying = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private func bind(_ parameter: Parameter, at index: Int32) {
        switch parameter {
        case .integer(let number): sqlite3_bind_int64(handle, index, number)
        case .text(var text):
            text.withUTF8 { utf8 in
                utf8.withMemoryRebound(to: CChar.self) { characters in
                    _ = sqlite3_bind_text(handle, index, characters.baseAddress, Int32(characters.count), Self.copying)
                }
            }
        case .uuid(let uuid):
            withUnsafeBytes(of: (uuid.high.bigEndian, uuid.low.bigEndian)) { bytes in
                _ = sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), Self.copying)
            }
        }
    }
}

/// The current row of a statement; valid until the statement moves on.
struct SQLiteRow {
    fileprivate let handle: OpaquePointer

    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    /// A copy of the column's bytes.
    func bytes(_ column: Int32) -> [UInt8] {
        let blob = sqlite3_column_blob(handle, column)
        return [UInt8](UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_column_bytes(handle, column))))
    }
}
