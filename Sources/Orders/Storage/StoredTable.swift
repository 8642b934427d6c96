/// A table in the form that all storages share, for moving rows from one to another.
package struct StoredTable: Hashable, Sendable {
    package enum Kind: Sendable {
        case text, integer, bytes, orderID
    }

    package struct Column: Hashable, Sendable {
        package let name: String
        package let kind: Kind
    }

    package let name: String
    /// All columns, those of the key first.
    package let columns: [Column]
    /// How many of the columns make the key, by which the rows are in order; text compares by its bytes.
    package let keyLength: Int
    /// The place of the order's id among the columns, where the table has one.
    package var orderIDColumn: Int? { columns.firstIndex { $0.kind == .orderID } }

    private init(_ name: String, keyLength: Int, _ columns: (String, Kind)...) {
        self.name = name
        self.keyLength = keyLength
        self.columns = columns.map { Column(name: $0.0, kind: $0.1) }
    }

    /// All tables, each after those that it refers to.
    package static let all = [
        StoredTable(
            "store", keyLength: 1, ("id", .text), ("version", .integer), ("document", .bytes), ("merchant_document", .bytes)),
        StoredTable(
            "customer", keyLength: 2, ("store_id", .text), ("id", .integer), ("version", .integer), ("email", .text),
            ("last_updated_at", .integer), ("document", .bytes)),
        StoredTable(
            "customer_order", keyLength: 2, ("store_id", .text), ("id", .orderID), ("customer_id", .integer), ("status", .text),
            ("payment_status", .text), ("created_at", .integer), ("last_updated_at", .integer), ("secret_slug", .text),
            ("document", .bytes)),
        StoredTable(
            "order_document", keyLength: 3, ("store_id", .text), ("customer_id", .integer), ("id", .orderID),
            ("version", .integer), ("document", .bytes)),
        StoredTable(
            "order_key", keyLength: 3, ("store_id", .text), ("kind", .text), ("key", .text), ("order_id", .orderID)),
        StoredTable(
            "order_event", keyLength: 3, ("store_id", .text), ("order_id", .orderID), ("number", .integer), ("kind", .text),
            ("at", .integer)),
        StoredTable(
            "account", keyLength: 2, ("store_id", .text), ("customer_id", .integer), ("email", .text), ("password_hash", .text),
            ("generation", .integer), ("confirmed_at", .integer), ("last_address", .integer)),
        StoredTable(
            "token_family", keyLength: 2, ("store_id", .text), ("id", .bytes), ("customer_id", .integer),
            ("generation", .integer), ("number", .integer), ("created_at", .integer), ("used_at", .integer),
            ("expires_at", .integer), ("revoked_at", .integer)),
        StoredTable(
            "revocation", keyLength: 3, ("store_id", .text), ("kind", .text), ("subject", .text), ("generation", .integer),
            ("number", .integer), ("expires_at", .integer)),
        StoredTable(
            "one_time_code", keyLength: 3, ("store_id", .text), ("kind", .text), ("subject", .text), ("customer_id", .integer),
            ("address", .text), ("salt", .bytes), ("digest", .bytes), ("requested_at", .integer), ("expires_at", .integer),
            ("tries", .integer)),
        StoredTable(
            "mail", keyLength: 2, ("store_id", .text), ("id", .bytes), ("kind", .text), ("subject", .text), ("address", .text),
            ("customer_id", .integer), ("language", .text), ("link_base", .text), ("requested_at", .integer),
            ("attempts", .integer), ("due_at", .integer)),
        StoredTable("storefront_key", keyLength: 2, ("store_id", .text), ("key", .text), ("created_at", .integer)),
        StoredTable("allowed_origin", keyLength: 2, ("store_id", .text), ("origin", .text), ("created_at", .integer)),
        StoredTable(
            "customer_address", keyLength: 3, ("store_id", .text), ("customer_id", .integer), ("id", .integer),
            ("document", .bytes), ("created_at", .integer), ("updated_at", .integer)),
        StoredTable(
            "audit_record", keyLength: 2, ("store_id", .text), ("id", .bytes), ("customer_id", .integer), ("kind", .text),
            ("at", .integer), ("client", .text)),
    ]
}

/// A value of a row.
package enum StoredValue: Hashable, Sendable {
    case null
    case text(String)
    case integer(Int64)
    case bytes([UInt8])
    case orderID(UUIDBytes)

    /// Texts are the same whose bytes are: to Swift's strings those are the same, too, that only look so.
    package static func == (one: StoredValue, other: StoredValue) -> Bool {
        switch (one, other) {
        case (.null, .null): true
        case (.text(let one), .text(let other)): one.utf8.elementsEqual(other.utf8)
        case (.integer(let one), .integer(let other)): one == other
        case (.bytes(let one), .bytes(let other)): one == other
        case (.orderID(let one), .orderID(let other)): one == other
        default: false
        }
    }
}

/// A row, its values in the order of the table's columns.
package typealias StoredRow = [StoredValue]

/// Rows whose keys lie between two others.
package struct StoredRange: Sendable {
    /// The key after which the range begins; at the first row where `nil`.
    package let after: StoredRow?
    /// The key with which it ends; with the last row where `nil`.
    package let through: StoredRow?

    package init(after: StoredRow?, through: StoredRow?) {
        self.after = after
        self.through = through
    }
}

/// Where rows are read from, in the order of their keys.
package protocol StoredRows: Sendable {
    /// The first rows of a range, at most so many.
    /// - Throws: ``StorageFailure``.
    func rows(of table: StoredTable, in range: StoredRange, limit: Int) async throws -> [StoredRow]
}

/// Where rows are copied to.
package protocol StoredRowsTarget: StoredRows {
    /// Begins a copy, or goes on with one that was interrupted.
    /// - Throws: ``CopyRefusal`` where the storage holds something else; ``StorageFailure``.
    func beginCopy() async throws

    /// Makes these the rows of a range, and there are no others in it.
    /// - Throws: ``StorageFailure``.
    func replace(_ table: StoredTable, in range: StoredRange, with rows: [StoredRow]) async throws

    /// Ends a copy: from now on what is there is no copy that could go on.
    /// - Throws: ``StorageFailure``.
    func endCopy() async throws
}

/// Nothing is copied over what is there.
package struct CopyRefusal: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
