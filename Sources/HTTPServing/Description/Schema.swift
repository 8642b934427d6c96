package import JSON

/// A schema in the OpenAPI document: either a named one, or an inline one.
package enum Schema: Sendable {
    case named(String)
    case inline(JSON)

    var json: JSON {
        switch self {
        case .named(let name): .reference("schemas", name)
        case .inline(let json): json
        }
    }
}

extension JSON {
    package static let text: JSON = ["type": "string"]
    package static let optionalText: JSON = ["type": ["string", "null"]]

    /// An object in a request: other members are ignored.
    /// - Parameter required: the required fields; `nil` means all of them.
    package static func openObject(_ description: String, _ fields: [(String, JSON)], required: [String]? = nil) -> JSON {
        [
            "description": .string(description), "type": "object",
            "required": .array((required ?? fields.map(\.0)).map { .string($0) }), "properties": .object(JSONObject(fields)),
        ]
    }

    /// An object in a request: other members are refused.
    /// - Parameter required: the required fields; `nil` means all of them.
    package static func strictObject(_ description: String, _ fields: [(String, JSON)], required: [String]? = nil) -> JSON {
        openObject(description, fields, required: required).replacing([("additionalProperties", false)])
    }

    /// An object in an answer: all of these fields, and no others.
    package static func closedObject(_ description: String, _ fields: [(String, JSON)]) -> JSON {
        [
            "description": .string(description), "type": "object", "additionalProperties": false,
            "required": .array(fields.map(\.0).sorted().map { .string($0) }), "properties": .object(JSONObject(fields)),
        ]
    }

    /// A reference to a named component of the OpenAPI document.
    package static func reference(_ kind: String, _ name: String) -> JSON {
        .object(JSONObject([("$ref", .string("#/components/\(kind)/\(name)"))]))
    }
}
