/// A store's `unique_id`, the `{store_id}` of every path: 1 to 64 letters, digits, `_` and `-`.
package struct StoreID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    /// `nil` if the text does not have that form.
    package init?(_ text: String) {
        let isAllowed = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isAllowed, (1...64).contains(text.utf8.count) else { return nil }
        self.text = text
    }

    package var description: String { text }
}
