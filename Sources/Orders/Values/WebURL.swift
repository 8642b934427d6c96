/// An address that a buyer's browser may follow: `http://` or `https://`, something after it, no blank or control character.
package struct WebURL: Hashable, Sendable {
    package let text: String

    package init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: text.hasPrefix), text.utf8.count > scheme.utf8.count else {
            return nil
        }
        guard text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else { return nil }
        self.text = text
    }

    init?(_ value: JSON) {
        guard case .string(let text) = value else { return nil }
        self.init(text)
    }
}
