import Orders
import SQLStorage

/// Rows to be written into a table: copied, or inserted with one statement.
///
/// They are encoded in the binary format of `COPY` (https://www.postgresql.org/docs/15/sql-copy.html), piece by piece as the server accepts
/// them, so that memory never holds them a second time.
struct NewRows: Sendable {
    /// What becomes of rows that have the key of a new one.
    enum Existing {
        /// The statement fails.
        case refused
        case kept
        /// They are replaced; with a condition, in SQL, only those that meet it.
        case replaced(if: String? = nil)
    }

    private let table: StoredTable
    private let count: Int
    private let write: @Sendable (Int, inout NewRow) -> Void
    private var position = 0

    /// The minimum length of a piece in bytes, except for the last one.
    static let pieceLength = 1 << 16

    /// - Parameter write: appends the values of a row, one per column of the table.
    init<Element: Sendable>(
        in table: StoredTable, _ rows: [Element], write: @escaping @Sendable (Element, inout NewRow) -> Void
    ) {
        self.table = table
        count = rows.count
        self.write = { write(rows[$0], &$1) }
    }

    var isEmpty: Bool { count == 0 }

    private var columns: String { table.columns.map(\.name).joined(separator: ", ") }

    /// The `COPY` statement.
    var copy: String { "COPY \(table.name) (\(columns)) FROM STDIN (FORMAT binary)" }

    /// The statements that insert the rows, in their order; none if there are none.
    ///
    /// They name the partitions, as lookups do: whoever locks a whole table would wait for a transaction that uses its partitions, which
    /// would wait for them if it went on to use the whole table.
    func insertions(_ existing: Existing = .refused) -> [Statement] {
        var parts: [OrderPartition?: (count: Int, elements: [[UInt8]])] = [:]
        let empty = (count: 0, elements: [[UInt8]](repeating: [], count: table.columns.count))
        for number in 0..<count {
            var row = NewRow(bytes: [])
            write(number, &row)
            let fields = row.fields
            let part = partition(of: fields)
            parts[part, default: empty].count += 1
            // A field is encoded as an element of an array is.
            for (column, field) in fields.enumerated() { parts[part, default: empty].elements[column].append(contentsOf: field) }
        }
        return parts.map { part, rows in
            let arrays = zip(table.columns, rows.elements).map { PostgresValue.elements($0.kind, count: rows.count, $1) }
            let marks = arrays.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            let name = table.name + (part.map { "_" + $0.suffix } ?? "")
            return Statement(
                "INSERT INTO \(name) (\(columns)) SELECT * FROM unnest(\(marks)) \(onConflict(existing))", arrays)
        }
    }

    /// The partition that a row belongs in; `nil` if the table has none.
    private func partition(of fields: [ArraySlice<UInt8>]) -> OrderPartition? {
        guard PostgresSchema.partitioned.contains(table.name), let column = table.orderIDColumn else { return nil }
        return UUIDBytes(bytes: fields[column].dropFirst(4)).flatMap { OrderID($0) }.map { OrderPartition(of: $0) }
    }

    private func onConflict(_ existing: Existing) -> String {
        let key = table.columns.prefix(table.keyLength).map(\.name).joined(separator: ", ")
        let others = table.columns.dropFirst(table.keyLength).map { "\($0.name) = excluded.\($0.name)" }
        return switch existing {
        case .refused: ""
        case .kept: "ON CONFLICT DO NOTHING"
        case .replaced(let condition):
            "ON CONFLICT (\(key)) DO UPDATE SET \(others.joined(separator: ", ")) \(condition.map { "WHERE " + $0 } ?? "")"
        }
    }

    /// Appends the next piece; appends nothing after the last.
    mutating func appendPiece(to bytes: inout [UInt8]) {
        guard position < count else { return }
        if position == 0 {
            bytes.append(contentsOf: "PGCOPY\n".utf8)
            bytes.append(contentsOf: [0xFF, 0x0D, 0x0A, 0x00])
            bytes.append(bigEndian: Int64(0))
        }
        let columnCount = Int16(table.columns.count)
        var row = NewRow(bytes: bytes)
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
struct NewRow {
    fileprivate(set) var bytes: [UInt8]

    /// The values, each after its length.
    fileprivate var fields: [ArraySlice<UInt8>] {
        var fields: [ArraySlice<UInt8>] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            fields.append(rest.prefix(4 + max(0, Int(Int32(bitPattern: length)))))
            rest = rest[fields[fields.count - 1].endIndex...]
        }
        return fields
    }

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
