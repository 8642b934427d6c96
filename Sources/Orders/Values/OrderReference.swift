/// How a request identifies an order: by its id or, if it was migrated, by its earlier integer id.
package enum OrderReference: Hashable, Sendable {
    case id(OrderID)
    case legacy(LegacyOrderID)

    /// Parses either form from a path; `nil` if the text is neither.
    package init?(_ text: String) {
        if let id = OrderID(text) {
            self = .id(id)
        } else if let legacy = LegacyOrderID(text) {
            self = .legacy(legacy)
        } else {
            return nil
        }
    }
}

/// The earlier integer id of a migrated order: positive, unique within its store.
package struct LegacyOrderID: Hashable, Sendable {
    package let number: Int64

    /// `nil` unless the number is positive.
    package init?(_ number: Int64) {
        guard number > 0 else { return nil }
        self.number = number
    }

    /// Parses plain decimal digits without sign, whitespace or leading zeros, up to 2^63 - 1; `nil` for anything else.
    package init?(_ text: String) {
        guard let first = text.utf8.first, first != UInt8(ascii: "0"), first != UInt8(ascii: "+") else { return nil }
        guard let number = Int64(text) else { return nil }
        self.init(number)
    }
}
