/// A JSON value (RFC 8259) without loss of information: a number keeps its original digits, and an object keeps the order of its
/// members.
package enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    /// The number as it was written, for example `12.50` or `1e3`.
    case number(String)
    case string(String)
    case array([JSON])
    case object(JSONObject)
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self = .string(value) }
    package init(integerLiteral value: Int) { self = .number(String(value)) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(nilLiteral: ()) { self = .null }
    package init(arrayLiteral elements: JSON...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, JSON)...) { self = .object(JSONObject(elements)) }
}

extension JSON {
    /// A string, or `null` for `nil`.
    package init(_ text: String?) { self = text.map { .string($0) } ?? .null }

    /// The member with that name; `nil` if this is not an object or has no such member.
    package subscript(name: String) -> JSON? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    /// The text of a member; `nil` if there is none, or if it is no text.
    package func optionalText(_ name: String) -> String? { if case .string(let text)? = self[name] { text } else { nil } }

    /// This object with some of its members replaced; new members are appended.
    package func replacing(_ fields: [(name: String, value: JSON)]) -> JSON {
        guard case .object(let object) = self else { return self }
        let new = JSONObject(fields.map { ($0.name, $0.value) })
        let kept = object.members.map { ($0.name, new[$0.name] ?? $0.value) }
        return .object(JSONObject(kept + new.members.map { ($0.name, $0.value) }))
    }
}
