/// A phone number in the form in which it is looked up: its digits with the country's code.
package struct PhoneNumber: Hashable, Sendable {
    package let digits: String

    private static let separators = Set("+ -().".utf8)

    /// Parses a number as people write it. A leading 0 stands for Indonesia's 62; `nil` if something is neither digit nor separator, or if it has
    /// fewer than 5 or more than 20 digits.
    package init?(_ text: String) {
        guard let digits = Self.digits(of: text), (5...20).contains(digits.utf8.count) else { return nil }
        self.digits = digits
    }

    /// The form in which numbers begin that begin with a text; `nil` if none does.
    package static func beginning(with text: String) -> String? { digits(of: text).flatMap { $0.isEmpty ? nil : $0 } }

    private static func digits(of text: String) -> String? {
        var digits = text.utf8.filter { !Self.separators.contains($0) }
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        if digits.first == UInt8(ascii: "0") { digits.replaceSubrange(0..<1, with: "62".utf8) }
        return String(decoding: digits, as: UTF8.self)
    }
}
