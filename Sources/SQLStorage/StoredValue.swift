package import Orders

/// A value in a row.
package enum StoredValue: Hashable, Sendable {
    case null
    case text(String)
    case integer(Int64)
    case bytes([UInt8])
    case orderID(UUIDBytes)

    /// Compares texts by their bytes: Swift's strings are also equal if they only look the same.
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

/// A row, with its values in the order of the table's columns.
package typealias StoredRow = [StoredValue]
