import JSON

/// What is left of personal data where it is not known who reads it.
enum Masking {
    private static let mask = "***"

    /// The first letters of an e-mail address and of its domain, and the last label: `s***@e***.com`.
    static func email(_ text: String) -> String {
        guard let at = text.lastIndex(of: "@") else { return mask }
        let domain = text[text.index(after: at)...]
        let end = domain.lastIndex(of: ".").map { String(domain[$0...]) } ?? ""
        return "\(text[..<at].prefix(1))\(mask)@\(domain.prefix(1))\(mask)\(end)"
    }

    /// The last three digits of a phone number with at least eight: `***383`.
    static func phone(_ text: String) -> String {
        let digits = text.filter(\.isNumber)
        return mask + (digits.count < 8 ? "" : digits.suffix(3))
    }
}

extension Rule {
    /// A text, of which strangers get what `mask` leaves.
    static func masked(_ mask: @escaping @Sendable (String) -> String) -> Rule {
        Rule(schema: text.schema) { value, _, writer throws(Refusal) in
            guard let value else { return writer.append(raw: "null") }
            guard let text = value.text ?? value.digits else { throw Refusal("", "is not text") }
            writer.append(string: mask(text))
        }
    }

    /// Nothing, whatever the merchant's order has.
    static let hidden = Rule(schema: ["type": "null"]) { _, _, writer in writer.append(raw: "null") }
}
