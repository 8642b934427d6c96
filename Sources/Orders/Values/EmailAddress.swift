import Foundation

/// An e-mail address in the form used for comparison: without surrounding whitespace, in lower case, with composed letters, and with the
/// domain in ASCII (A-labels, RFC 5890), as browsers send it.
package struct EmailAddress: Hashable, Sendable {
    package let text: String

    /// The part before the `@`.
    package var localPart: String { String(text.unicodeScalars.prefix { $0 != "@" }) }

    /// The part after the `@`.
    package var domain: String { String(text.unicodeScalars.drop { $0 != "@" }.dropFirst()) }

    /// `nil` unless there is exactly one `@` with text on both sides, no whitespace, control character or character that is
    /// special in a mail's header or envelope (RFC 5322, section 3.2.3), and at most 254 bytes (RFC 5321, section 4.5.3.1).
    package init?(_ text: String) {
        if Self.isPlain(text) {
            self.text = text
            return
        }
        let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        let parts = trimmed.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, Self.isAddress(trimmed), let domain = Self.ascii(domain: String(parts[1])) else { return nil }
        let address = "\(String(parts[0]).precomposedStringWithCanonicalMapping)@\(domain)"
        // What was made of other letters may be special in its turn.
        guard address.utf8.count <= 254, Self.isAddress(address) else { return nil }
        self.text = address
    }

    private static func isAddress(_ text: String) -> Bool {
        let parts = text.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty }
            && text.unicodeScalars.allSatisfy {
                $0.isASCII
                    ? $0.value > 0x20 && $0.value < 0x7F && !reserved.contains($0)
                    : !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            }
    }

    /// Whether a mail to it needs a server that supports SMTPUTF8 (RFC 6531).
    package var hasUnicodeLocalPart: Bool { !localPart.utf8.allSatisfy { $0 < 0x80 } }

    /// A domain with its labels in ASCII; `nil` if they can't be written so.
    private static func ascii(domain: String) -> String? {
        guard !domain.utf8.allSatisfy({ $0 < 0x80 }) else { return domain }
        var components = URLComponents()
        components.host = domain
        guard let ascii = components.encodedHost, ascii.utf8.allSatisfy({ $0 < 0x80 }), !ascii.contains("%") else { return nil }
        return ascii
    }

    /// Whether the text is an address of letters, digits and the most common symbols that is already in this form, as most are.
    private static func isPlain(_ text: String) -> Bool {
        var text = text
        return text.withUTF8 { utf8 in
            var at: Int?
            for (position, byte) in utf8.enumerated() {
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"):
                    continue
                case UInt8(ascii: "@") where at == nil: at = position
                default: return false
                }
            }
            guard let at else { return false }
            return at > 0 && at < utf8.count - 1 && utf8.count <= 254
        }
    }

    private static let reserved: Set<Unicode.Scalar> = ["<", ">", "(", ")", "[", "]", ",", ";", ":", "\\", "\""]
}
