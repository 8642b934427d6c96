/// A value in a ``JSONText``; valid only during the text's ``JSONText/withValue(_:)``.
package struct JSONView {
    package typealias Kind = JSONText.Node.Kind

    private let bytes: UnsafePointer<UInt8>
    private let nodes: UnsafePointer<JSONText.Node>
    /// The value's node index.
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

    /// Whether this is `null` or an empty string, which both mean that there is no value (`projection.md`).
    package var isAbsent: Bool { kind == .null || kind == .string && node.start == node.end }

    /// The text of a string; `nil` for anything else.
    @usableFromInline package var text: String? { kind == .string ? decoded : nil }

    /// The original digits of a number; `nil` for anything else.
    package var digits: String? { kind == .number ? String(decoding: written, as: UTF8.self) : nil }

    /// The original bytes; for a string, those between its quotes, including escapes.
    private var written: UnsafeBufferPointer<UInt8> {
        let node = node
        return UnsafeBufferPointer(start: bytes + Int(node.start), count: Int(node.end - node.start))
    }

    /// A string or a name with its escapes decoded.
    private var decoded: String {
        let text = String(decoding: written, as: UTF8.self)
        return node.isEscaped ? text.withoutJSONEscapes : text
    }

    /// Calls `body` with the decoded UTF-8 of a string or the digits of a number; with an empty buffer for anything else.
    @inlinable package func withUTF8<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        if let plain { return body(plain) }
        var text = text ?? ""
        return text.withUTF8(body)
    }

    /// The original bytes of a number or of a string without escapes; `nil` for anything else.
    @usableFromInline var plain: UnsafeBufferPointer<UInt8>? {
        kind == .number || kind == .string && !node.isEscaped ? written : nil
    }

    /// The bytes if they can be copied unchanged into another JSON text; `nil` for strings with escapes, arrays and objects.
    fileprivate var copyable: UnsafeBufferPointer<UInt8>? {
        let node = node
        switch node.kind {
        case .string where node.isEscaped: return nil
        case .string: return UnsafeBufferPointer(start: bytes + Int(node.start) - 1, count: Int(node.end - node.start) + 2)
        case .array, .object: return nil
        default: return written
        }
    }

    /// Whether this name equals the given one.
    func isNamed(_ name: JSONName) -> Bool {
        guard node.link == name.hash else { return false }
        var text = name.text
        return text.withUTF8(hasName)
    }

    /// Whether this name equals the given one in UTF-8. Names are compared by their bytes: names that Unicode considers
    /// equivalent are different in JSON (RFC 8259, section 8.3).
    func hasName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
        if node.isEscaped { return decoded.utf8.elementsEqual(name) }
        return written.hasSameBytes(as: name)
    }

    /// The hash of this name.
    var nameHash: UInt32 { node.link }

    /// The member with that name; `nil` if this is not an object or has no such member.
    package subscript(name: String) -> JSONView? { self[JSONName(name)] }

    package subscript(name: JSONName) -> JSONView? {
        for (candidate, value) in members where candidate.isNamed(name) { return value }
        return nil
    }

    /// The members of an object; empty for anything else.
    package var members: Members { Members(text: self, rest: places(within: .object)) }

    /// The elements of an array; empty for anything else.
    package var elements: Elements { Elements(text: self, rest: places(within: .array)) }

    /// The node indices of the contents; empty if this is of another kind.
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

    /// The text of this name.
    package var name: String { decoded }
}

extension JSONWriter {
    /// Appends a value as it was written, but without whitespace and with only the necessary escapes.
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
    /// Copies the value out of its text.
    package init(_ value: JSONView) {
        switch value.kind {
        case .null: self = .null
        case .false: self = .bool(false)
        case .true: self = .bool(true)
        case .number: self = .number(value.digits ?? "")
        case .string: self = .string(value.text ?? "")
        case .array: self = .array(value.elements.map { JSON($0) })
        // The parser has already rejected duplicate names.
        case .object: self = .object(JSONObject(distinct: value.members.map { (name: $0.name.name, value: JSON($0.value)) }))
        }
    }

    /// Parses a JSON text in the same way as ``JSONText``.
    /// - Throws: ``JSONSyntaxError``.
    package init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
        self = try JSONText(bytes).withValue { JSON($0) }
    }
}
