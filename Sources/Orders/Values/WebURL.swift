/// An address that a buyer's browser may follow: `http://` or `https://`, something after it, no blank or control character.
package struct WebURL: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        var text = text
        guard text.withUTF8(Self.isValid) else { return nil }
        self.text = text
    }

    /// Whether UTF-8 is such an address.
    static func isValid(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        schemes.contains { utf8.starts(with: $0) && utf8.count > $0.count } && utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    private static let schemes = ["https://", "http://"].map { Array($0.utf8) }
}
