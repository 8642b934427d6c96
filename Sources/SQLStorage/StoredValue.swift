package import Orders

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
