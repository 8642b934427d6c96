import Orders

/// Rows to be copied into a table, in the binary format of `COPY` (https://www.postgresql.org/docs/15/sql-copy.html).
///
/// They are encoded piece by piece as the server accepts them, so that memory never holds them a second time.
struct CopyRows: Sendable {
    /// The `COPY` statement.
    let sql: String
    private let columnCount: Int16
    private let count: Int
    private let write: @Sendable (Int, inout CopyRow) -> Void
    private var position = 0

    /// The minimum length of a piece in bytes, except for the last one.
    static let pieceLength = 1 << 16

    /// - Parameter write: appends the values of a row, one per column.
    init<Element: Sendable>(
        to table: String, _ columns: [String], _ rows: [Element],
        write: @escaping @Sendable (Element, inout CopyRow) -> Void
    ) {
        sql = "COPY \(table) (\(columns.joined(separator: ", "))) FROM STDIN (FORMAT binary)"
        columnCount = Int16(columns.count)
        count = rows.count
        self.write = { write(rows[$0], &$1) }
    }

    var isEmpty: Bool { count == 0 }

    /// Appends the next piece; appends nothing after the last.
    mutating func appendPiece(to bytes: inout [UInt8]) {
        guard position < count else { return }
        if position == 0 {
            bytes.append(contentsOf: "PGCOPY\n".utf8)
            bytes.append(contentsOf: [0xFF, 0x0D, 0x0A, 0x00])
            bytes.append(bigEndian: Int64(0))
        }
        var row = CopyRow(bytes: bytes)
        bytes = []
        while position < count, row.bytes.count < Self.pieceLength {
            row.bytes.append(bigEndian: columnCount)
            write(position, &row)
            position += 1
        }
        bytes = row.bytes
        if position == count { bytes.append(bigEndian: Int16(-1)) }
    }
}

/// Encodes the values of one row, in the order of the columns.
struct CopyRow {
    fileprivate(set) var bytes: [UInt8]

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ value: [UInt8]) {
        value.withUnsafeBytes { append($0) }
    }

    mutating func append(_ integer: Int64) {
        bytes.append(bigEndian: Int32(8))
        bytes.append(bigEndian: integer)
    }

    mutating func append(_ uuid: UUIDBytes) {
        bytes.append(bigEndian: Int32(16))
        bytes.append(uuid)
    }

    mutating func append(_ integer: Int64?) {
        if let integer { append(integer) } else { appendNull() }
    }

    mutating func append(_ text: String?) {
        if let text { append(text) } else { appendNull() }
    }

    /// Appends a value of any type.
    mutating func append(_ value: PostgresValue) {
        bytes.append(field: value == .null ? nil : value) { $1.append(to: &$0) }
    }

    private mutating func appendNull() { bytes.append(bigEndian: Int32(-1)) }

    private mutating func append(_ value: UnsafeRawBufferPointer) {
        bytes.append(bigEndian: Int32(value.count))
        bytes.append(contentsOf: value)
    }
}
