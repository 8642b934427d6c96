import CPostgres
import Orders
import SQLStorage

/// The rows that a statement returned, in PostgreSQL's binary formats.
final class PostgresResult: Sendable {
    /// libpq never modifies a result after returning it, so any thread may read it.
    nonisolated(unsafe) private let result: OpaquePointer

    /// Takes ownership of the result.
    init(_ result: OpaquePointer) { self.result = result }

    deinit { PQclear(result) }

    var rowCount: Int { Int(PQntuples(result)) }

    subscript(row: Int) -> Row { Row(result: self, number: Int32(row)) }

    var rows: some RandomAccessCollection<Row> { (0..<rowCount).lazy.map { self[$0] } }

    /// One row; columns are numbered from 0.
    struct Row {
        fileprivate let result: PostgresResult
        fileprivate let number: Int32

        func isNull(_ column: Int32) -> Bool { PQgetisnull(result.result, number, column) == 1 }

        func integer(_ column: Int32) -> Int64 {
            let bytes = buffer(column)
            return bytes.count == 8 ? Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)) : 0
        }

        func optionalInteger(_ column: Int32) -> Int64? { isNull(column) ? nil : integer(column) }

        func bool(_ column: Int32) -> Bool { buffer(column).first == 1 }

        func bytes(_ column: Int32) -> [UInt8] { [UInt8](buffer(column)) }

        func text(_ column: Int32) -> String { String(decoding: buffer(column), as: UTF8.self) }

        func uuid(_ column: Int32) -> UUIDBytes? {
            let bytes = buffer(column)
            guard bytes.count == 16 else { return nil }
            return UUIDBytes(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }

        /// The values of all columns by their type; `null` for types that the tables do not use.
        var values: StoredRow {
            (0..<PQnfields(result.result)).map { column in
                guard !isNull(column) else { return .null }
                return switch PQftype(result.result, column) {
                case 20: .integer(integer(column))
                case 23: .integer(Int64(Int32(bigEndian: buffer(column).loadUnaligned(as: Int32.self))))
                case 25: .text(text(column))
                case 17: .bytes(bytes(column))
                case 2950: uuid(column).map { .orderID($0) } ?? .null
                default: .null
                }
            }
        }

        /// - Throws: ``StorageFailure/damaged`` if the value is not an order id.
        func orderID(_ column: Int32) throws(StorageFailure) -> OrderID {
            guard let id = uuid(column).flatMap({ OrderID($0) }) else { throw .damaged }
            return id
        }

        private func buffer(_ column: Int32) -> UnsafeRawBufferPointer {
            UnsafeRawBufferPointer(
                start: PQgetvalue(result.result, number, column), count: Int(PQgetlength(result.result, number, column)))
        }
    }
}
