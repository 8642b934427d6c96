/// A value where it stands in a ``JSONText``; good for as long as the text's ``JSONText/withValue(_:)`` runs.
package struct JSONView {
    package typealias Kind = JSONText.Node.Kind

    private let bytes: UnsafePointer<UInt8>
    private let nodes: UnsafePointer<JSONText.Node>
    /// The value's place among the nodes.
    package let position: Int

    init(bytes: UnsafePointer<UInt8>, nodes: UnsafePointer<JSONText.Node>, position: Int) {
        self.bytes = bytes
        self.nodes = nodes
        self.position = position
    }

    /// Another value of the same text.
    package func at(_ position: Int) -> JSONView { JSONView(bytes: bytes, nodes: nodes, position: position) }

    private var node: JSONText.Node { nodes[position] }

    package var kind: Kind { nodes[position].kind }

    /// Whether this is `null` or an empty text, which both mean that there is no value (`projection.md`).
    package var isAbsent: Bool { kind == .null || kind == .string && node.start == node.end }

    /// A string as text; `nil` for anything else.
    package var text: String? { kind == .string ? decoded : nil }

    /// A number as the digits that it was written with; `nil` for anything else.
    package var digits: String? { kind == .number ? String(decoding: written, as: UTF8.self) : nil }

    /// What was written: of a string what stands between its quotes, with its escapes.
    private var written: UnsafeBufferPointer<UInt8> {
        let node = node
        return UnsafeBufferPointer(start: bytes + Int(node.start), count: Int(node.end - node.start))
    }

    /// A string or a name without its escapes.
    private var decoded: String {
        let text = String(decoding: written, as: UTF8.self)
        return node.isEscaped ? text.withoutJSONEscapes : text
    }

    /// Calls `body` with the UTF-8 of a string, without its escapes, or with a number's digits; with nothing for anything else.
    package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        switch kind {
        case .number: return body(written)
        case .string where !node.isEscaped: return body(written)
        case .string:
            var text = decoded
            return text.withUTF8(body)
        default: return body(UnsafeBufferPointer(start: nil, count: 0))
        }
    }

    /// What may be copied into another JSON text as it is: everything but strings with escapes, arrays and objects.
    fileprivate var copyable: UnsafeBufferPointer<UInt8>? {
        let node = node
        switch node.kind {
        case .string where node.isEscaped: return nil
        case .string: return UnsafeBufferPointer(start: bytes + Int(node.start) - 1, count: Int(node.end - node.start) + 2)
        case .array, .object: return nil
        default: return written
        }
    }

    /// Whether this, a name, is the given one.
    func isNamed(_ name: JSONName) -> Bool {
        guard node.link == name.hash else { return false }
        var text = name.text
        return text.withUTF8(hasName)
    }

    /// Whether this, a name, is the given one in UTF-8. Names are the same where their bytes are: two that Unicode holds for the same are
    /// two names in JSON (RFC 8259, section 8.3).
    func hasName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if node.isEscaped { return decoded.utf8.elementsEqual(name) }
        return written.hasSameBytes(as: name)
    }

    /// The hash of this, a name.
    var nameHash: UInt32 { node.link }

    /// The member of that name; `nil` where this is no object or has none.
    package subscript(name: String) -> JSONView? { self[JSONName(name)] }

    package subscript(name: JSONName) -> JSONView? {
        for (candidate, value) in members where candidate.isNamed(name) { return value }
        return nil
    }

    /// The members of an object, none of anything else.
    package var members: Members { Members(text: self, rest: places(within: .object)) }

    /// The elements of an array, none of anything else.
    package var elements: Elements { Elements(text: self, rest: places(within: .array)) }

    /// The places of all that stands within this; none where it is of another kind.
    private func places(within kind: Kind) -> Range<Int> { position + 1..<(self.kind == kind ? Int(node.link) : position + 1) }

    package struct Members: Sequence, IteratorProtocol {
        fileprivate let text: JSONView
        fileprivate var rest: Range<Int>

        package mutating func next() -> (name: JSONView, value: JSONView)? {
            guard let name = rest.first else { return nil }
            let value = text.at(name + 1)
            rest = Int(value.node.link)..<rest.upperBound
            return (text.at(name), value)
        }
    }

    package struct Elements: Sequence, IteratorProtocol {
        fileprivate let text: JSONView
        fileprivate var rest: Range<Int>

        package var isEmpty: Bool { rest.isEmpty }

        package mutating func next() -> JSONView? {
            guard let element = rest.first.map(text.at) else { return nil }
            rest = Int(element.node.link)..<rest.upperBound
            return element
        }
    }

    /// The text of this, a name.
    package var name: String { decoded }
}

extension JSONWriter {
    /// Appends a value as it was written, but without blanks and with no more escapes than it needs.
    package mutating func append(_ value: JSONView) {
        if let copyable = value.copyable { return append(raw: copyable) }
        switch value.kind {
        case .array: append(list: value.elements, from: "[", to: "]") { $0.append($1) }
        case .object:
            append(list: value.members, from: "{", to: "}") { writer, member in
                writer.append(string: member.name.name)
                writer.append(UInt8(ascii: ":"))
                writer.append(member.value)
            }
        default: append(string: value.text ?? "")
        }
    }
}

extension JSON {
    /// A value of its own, without the text in which it stands.
    package init(_ value: JSONView) {
        switch value.kind {
        case .null: self = .null
        case .false: self = .bool(false)
        case .true: self = .bool(true)
        case .number: self = .number(value.digits ?? "")
        case .string: self = .string(value.text ?? "")
        case .array: self = .array(value.elements.map { JSON($0) })
        // The text was read, and so no name is there twice.
        case .object: self = .object(JSONObject(distinct: value.members.map { (name: $0.name.name, value: JSON($0.value)) }))
        }
    }

    /// Reads one JSON text, as ``JSONText`` does.
    /// - Throws: ``JSONSyntaxError``.
    package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        self = try JSONText(bytes).withValue { JSON($0) }
    }
}
