import JSON

/// The rules for objects and lists.
extension Rule {
    /// An object with these fields; `null` if there is none.
    static func object(_ fields: Fields) -> Rule {
        Rule(schema: fields.schema.nullable) { value, scope, writer throws(Refusal) in
            guard let value else { return writer.append(raw: "null") }
            guard value.isObject else { throw Refusal("", "is not an object") }
            try fields.write(value, orderID: scope.orderID, to: &writer)
        }
    }

    /// A list of objects with these fields; empty if there is none.
    static func list(of fields: Fields) -> Rule {
        Rule(schema: ["type": "array", "items": fields.schema]) { value, scope, writer throws(Refusal) in
            guard let value else { return writer.append(raw: "[]") }
            guard value.kind == .array else { throw Refusal("", "is not a list") }
            try writer.append(list: value.elements.enumerated(), from: "[", to: "]") { writer, element throws(Refusal) in
                guard element.element.isObject else { throw Refusal("[\(element.offset)]", "is not an object") }
                do throws(Refusal) {
                    try fields.write(element.element, orderID: scope.orderID, to: &writer)
                } catch {
                    throw error.within("[\(element.offset)]")
                }
            }
        }
    }
}

extension JSON {
    /// This schema, allowing `null` in addition to its own type.
    fileprivate var nullable: JSON {
        guard case .object(let object) = self else { return self }
        return .object(
            JSONObject(object.members.map { ($0.name, $0.name == "type" ? [$0.value, .null.typeName] : $0.value) }))
    }

    /// The name of `null` in a schema's `type`.
    private var typeName: JSON { "null" }
}

extension JSONView {
    /// Whether it is an object, or an empty list: PHP writes an empty object so.
    var isObject: Bool { kind == .object || kind == .array && elements.isEmpty }
}
