/// A URL that a buyer's browser may follow: `http://` or `https://` followed by text without whitespace or control characters.
package struct WebURL: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        var text = text
        guard text.withUTF8(Self.isValid) else { return nil }
        self.text = text
    }

    /// Whether the UTF-8 is such a URL.
    static func isValid(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        schemes.contains { utf8.starts(with: $0) && utf8.count > $0.count } && utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private static let schemes = ["https://", "http://"].map { Array($0.utf8) }
}
