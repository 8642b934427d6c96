import CPostgres
import Orders
import SQLStorage

/// A parameter of a statement, sent in PostgreSQL's binary formats.
enum PostgresValue: Hashable, Sendable {
    /// No value; its type is inferred from the statement.
    case null
    case text(String)
    case integer(Int64)
    case uuid(UUIDBytes)
    case bytes([UInt8])
    case texts([String?])
    case integers([Int64?])
    case uuids([UUIDBytes])
    case byteArrays([[UInt8]])
    /// An array of elements that are encoded already, each after its length.
    case elements(StoredTable.Kind, count: Int, [UInt8])

    /// The type's object id, from `pg_type.dat`.
    var type: Oid {
        switch self {
        case .null: 0
        case .text: 25
        case .integer: 20
        case .uuid: 2950
        case .bytes: 17
        case .texts, .elements(.text, _, _): 1009
        case .integers, .elements(.integer, _, _): 1016
        case .uuids, .elements(.orderID, _, _): 2951
        case .byteArrays, .elements(.bytes, _, _): 1001
        }
    }

    /// Appends the value's bytes, without their length.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: break
        case .text(let text): bytes.append(contentsOf: text.utf8)
        case .integer(let integer): bytes.append(bigEndian: integer)
        case .uuid(let uuid): bytes.append(uuid)
        case .bytes(let value): bytes.append(contentsOf: value)
        case .texts(let texts): bytes.append(arrayOf: 25, texts) { $0.append(contentsOf: $1.utf8) }
        case .integers(let integers): bytes.append(arrayOf: 20, integers) { $0.append(bigEndian: $1) }
        case .uuids(let uuids): bytes.append(arrayOf: 2950, uuids) { $0.append($1) }
        case .byteArrays(let values): bytes.append(arrayOf: 17, values) { $0.append(contentsOf: $1) }
        case .elements(let kind, let count, let elements):
            bytes.append(arrayOf: kind.type, count: count)
            bytes.append(contentsOf: elements)
        }
    }
}

extension [UInt8] {
    mutating func append(bigEndian integer: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: integer.bigEndian) { append(contentsOf: $0) }
    }

    mutating func append(_ uuid: UUIDBytes) {
        append(bigEndian: uuid.high)
        append(bigEndian: uuid.low)
    }

    /// Appends a value preceded by its length, or the length -1 for `nil`.
    mutating func append<Value>(field value: Value?, _ write: (inout [UInt8], Value) -> Void) {
        guard let value else { return append(bigEndian: Int32(-1)) }
        let start = count
        append(bigEndian: Int32(0))
        write(&self, value)
        let length = UInt32(count - start - 4)
        for (position, shift) in [24, 16, 8, 0].enumerated() { self[start + position] = UInt8(length >> shift & 0xFF) }
    }

    fileprivate mutating func append<Value>(arrayOf type: Int32, _ values: [Value?], _ write: (inout [UInt8], Value) -> Void) {
        append(arrayOf: type, count: values.count)
        for value in values { append(field: value, write) }
    }

    /// Appends what precedes the elements of a one-dimensional array whose first index is 1.
    fileprivate mutating func append(arrayOf type: Int32, count: Int) {
        append(bigEndian: Int32(count == 0 ? 0 : 1))
        append(bigEndian: Int32(1))
        append(bigEndian: type)
        guard count > 0 else { return }
        append(bigEndian: Int32(count))
        append(bigEndian: Int32(1))
    }
}

extension StoredTable.Kind {
    /// The type's object id.
    fileprivate var type: Int32 {
        switch self {
        case .text: 25
        case .integer: 20
        case .orderID: 2950
        case .bytes: 17
        }
    }
}

/// The parameters of a statement in the form that libpq takes.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    private let values: [PostgresValue]

    init(_ values: [PostgresValue]) {
        self.values = values
        for value in values {
            value.append(to: &bytes)
            ends.append(bytes.count)
        }
        // Ensures that there is an address even if all values are empty.
        bytes.append(0)
    }

    var types: [Oid] { values.map(\.type) }

    func withUnsafePointers<Value>(
        _ body: (
            _ count: Int32, _ values: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]
        ) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.baseAddress!.assumingMemoryBound(to: CChar.self)
            var start = 0
            var pointers: [UnsafePointer<CChar>?] = []
            var lengths: [Int32] = []
            for (end, value) in zip(ends, self.values) {
                pointers.append(value == .null ? nil : base + start)
                lengths.append(Int32(end - start))
                start = end
            }
            return body(Int32(ends.count), pointers, lengths, [Int32](repeating: 1, count: ends.count))
        }
    }
}
