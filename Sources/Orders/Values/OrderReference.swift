/// How a request names an order: by its id or, where it was migrated, by the integer it had before.
package enum OrderReference: Hashable, Sendable {
    case id(OrderID)
    case legacy(LegacyOrderID)

    /// Reads either form as it stands in a path; `nil` where the text has neither.
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

/// The integer by which a migrated order was known before: positive, unique in its store.
package struct LegacyOrderID: Hashable, Sendable {
    package let number: Int64

    /// `nil` unless the number is positive.
    package init?(_ number: Int64) {
        guard number > 0 else { return nil }
        self.number = number
    }

    /// Reads plain decimal digits without sign, blanks or leading zeros, up to 2^63 - 1; `nil` for anything else.
    package init?(_ text: String) {
        guard let first = text.utf8.first, first != UInt8(ascii: "0"), first != UInt8(ascii: "+") else { return nil }
        guard let number = Int64(text) else { return nil }
        self.init(number)
    }
}
