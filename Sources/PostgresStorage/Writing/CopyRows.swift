/// Rows in the binary format of `COPY` (https://www.postgresql.org/docs/15/sql-copy.html).
struct CopyRows {
    private var bytes = Array("PGCOPY\n".utf8) + [0xFF, 0x0D, 0x0A, 0x00] + [UInt8](repeating: 0, count: 8)
    private(set) var count = 0

    /// Appends a row; `nil` stands for no value.
    mutating func append(_ values: PostgresValue?...) { append(values) }

    /// Appends a row; `nil` stands for no value.
    mutating func append(_ values: [PostgresValue?]) {
        bytes.append(bigEndian: Int16(values.count))
        for value in values { bytes.append(field: value) { $1.append(to: &$0) } }
        count += 1
    }

    /// All that goes to the server.
    var data: [UInt8] {
        var data = bytes
        data.append(bigEndian: Int16(-1))
        return data
    }
}
