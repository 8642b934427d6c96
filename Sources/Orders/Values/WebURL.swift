import JSON

/// A URL that a buyer's browser may follow: `http://` or `https://`, and only characters that a URI may have (RFC 3986, section 2).
package struct WebURL: Hashable, Sendable {
    package let text: String

    /// Makes a URL of what merchants' systems write (`projection.md`): blanks around it are ignored, its scheme is written in lower case, and what a
    /// URI may not have, such as blanks and letters beyond ASCII, is percent-encoded. `nil` if it is no web URL then.
    package init?(_ text: String) {
        var given = text
        if given.withUTF8(Self.isCanonical) {
            self.text = text
            return
        }
        let trimmed = String(text.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
        guard let end = trimmed.firstRange(of: "://")?.upperBound else { return nil }
        let scheme = trimmed[..<end].lowercased()
        guard Self.schemes.contains(where: { $0.elementsEqual(scheme.utf8) }), end < trimmed.endIndex else { return nil }
        var encoded = scheme
        for byte in trimmed[end...].utf8 {
            if Self.isAllowed(byte) {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                encoded += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        self.text = encoded
    }

    /// Whether the UTF-8 is such a URL as it is.
    static func isCanonical(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        schemes.contains { utf8.starts(with: $0) && utf8.count > $0.count } && utf8.allSatisfy(isAllowed)
    }

    private static let schemes = ["https://", "http://"].map { Array($0.utf8) }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "^"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"):
            false
        default: byte > 0x20 && byte < 0x7F
        }
    }
}

extension JSONView {
    /// Whether this is a ``WebURL`` that can be copied as it is.
    var isCanonicalWebURL: Bool { kind == .string && withUTF8(WebURL.isCanonical) }
}

extension JSONWriter {
    /// Appends the URL that a value is, or else `null`.
    /// - Returns: whether it is a URL.
    @discardableResult
    mutating func append(webURL value: JSONView) -> Bool {
        if value.isCanonicalWebURL {
            append(value)
        } else if let url = value.text.flatMap({ WebURL($0) }) {
            append(string: url.text)
        } else {
            append(raw: "null")
            return false
        }
        return true
    }
}
