import JSON
import Orders

/// The description of every route, as an OpenAPI 3.1 document. It is generated from the operations, so it can't differ from what
/// is served.
struct OpenAPIDocument {
    private let info: Description
    private let operations: [DescribedOperation]
    private let schemas: [(name: String, schema: JSON)]

    init(_ info: Description, _ operations: [DescribedOperation], _ schemas: [(name: String, schema: JSON)]) {
        self.info = info
        self.operations = operations
        self.schemas = schemas
    }

    var json: JSON {
        [
            "openapi": "3.1.0",
            "info": ["title": .string(info.title), "version": .string(info.version), "description": .string(info.description)],
            "servers": [["url": .string(info.serverURL.isEmpty ? "/" : info.serverURL), "description": "This server"]],
            "tags": .array(info.tags.map { ["name": .string($0.name), "description": .string($0.description)] }),
            "paths": paths,
            "components": [
                "securitySchemes": securitySchemes,
                "headers": ["ETag": ["description": "Identifies exactly these bytes.", "schema": ["type": "string"]]],
                "responses": ErrorResponse.components,
                "schemas": .object(JSONObject(schemas.map { ($0.name, $0.schema) } + [("Error", ErrorResponse.schema)])),
            ],
        ]
    }

    /// The paths, in the order in which the operations were added.
    private var paths: JSON {
        var paths = JSONObject()
        for path in operations.map(\.operation.path) {
            paths.append(
                path,
                .object(
                    JSONObject(
                        operations.filter { $0.operation.path == path }.flatMap { operation in
                            let json = operation.json
                            let method = operation.operation.method
                            return [(method.rawValue, json)] + (method == .get ? [("head", json.withoutContents)] : [])
                        })))
        }
        return .object(paths)
    }

    private var securitySchemes: JSON {
        var schemes = JSONObject()
        for scheme in operations.compactMap(\.scheme) { schemes.append(scheme.name, scheme.json) }
        return .object(schemes)
    }
}

extension DescribedOperation {
    /// The operation in the document's format.
    fileprivate var json: JSON {
        var members: [(String, JSON)] = [
            ("tags", [.string(operation.tag)]), ("operationId", .string(operation.id)), ("summary", .string(operation.summary)),
        ]
        if let description = operation.description { members.append(("description", .string(description))) }
        if let scheme { members.append(("security", [.object(JSONObject([(scheme.name, [])]))])) }
        if !parameters.isEmpty { members.append(("parameters", .array(parameters.map(\.json)))) }
        if let body = operation.body {
            members.append(("requestBody", ["required": true, "content": content("application/json", .named(body))]))
        }
        if !operation.bodyTypes.isEmpty {
            // The bytes themselves, which no schema describes.
            let types = operation.bodyTypes.map { ($0, [:] as JSON) }
            members.append(("requestBody", ["required": true, "content": .object(JSONObject(types))]))
        }
        members.append(("responses", .object(JSONObject(responses))))
        return .object(JSONObject(members))
    }

    private var parameters: [Parameter] {
        let isThere = { (name: String) in operation.parameters.contains { $0.name == name } }
        let ofPath = operation.path.split(separator: "/").filter { $0.hasPrefix("{") && $0.hasSuffix("}") }
            .map { String($0.dropFirst().dropLast()) }
        return ofPath.filter { !isThere($0) }.map { Parameter.ofPath($0) } + operation.parameters
            + (operation.isConditional ? [.ifNoneMatch] : [])
    }

    private var responses: [(String, JSON)] {
        let answers = operation.answers.map { answer -> (String, JSON) in
            var members: [(String, JSON)] = [("description", .string(answer.description))]
            if operation.isConditional { members.append(("headers", ["ETag": .reference("headers", "ETag")])) }
            if let (type, schema) = answer.content { members.append(("content", content(type, schema))) }
            return (String(answer.status), .object(JSONObject(members)))
        }
        return answers + errors.sorted().map { (String($0), .reference("responses", ErrorResponse.name(of: $0))) }
    }

    private var errors: Set<Int> {
        operation.errors.union(refusals).union(operation.body == nil && operation.bodyTypes.isEmpty ? [] : [400, 413])
            .union(operation.isConditional ? [304] : [])
    }

    private func content(_ type: String, _ schema: Schema) -> JSON {
        .object(JSONObject([(type, ["schema": schema.json])]))
    }
}

extension Parameter {
    fileprivate static let ifNoneMatch = Parameter(
        "If-None-Match", in: .header, "The ETag of what you have. If that is still current, the answer is 304 without a body.")

    fileprivate static func ofPath(_ name: String) -> Parameter {
        Parameter(name, in: .path, name == "store_id" ? "The store's unique_id." : "")
    }

    fileprivate var json: JSON {
        var members: [(String, JSON)] = [("name", .string(name)), ("in", .string(place.rawValue))]
        if place == .path { members.append(("required", true)) }
        if !description.isEmpty { members.append(("description", .string(description))) }
        return .object(JSONObject(members + [("schema", schema)]))
    }
}

extension JSON {
    /// The operation for HEAD: the same, without contents.
    fileprivate var withoutContents: JSON {
        guard case .object(let operation) = self else { return self }
        return .object(
            JSONObject(
                operation.members.map { name, value in
                    switch (name, value) {
                    case ("operationId", .string(let id)): (name, .string(id + "Head"))
                    case ("summary", .string(let summary)): (name, .string(summary + ": the headers only"))
                    case ("responses", .object(let responses)):
                        (name, .object(JSONObject(responses.members.map { ($0.name, $0.value.removing("content")) })))
                    default: (name, value)
                    }
                }))
    }

    private func removing(_ name: String) -> JSON {
        guard case .object(let object) = self else { return self }
        return .object(JSONObject(object.members.filter { $0.name != name }.map { ($0.name, $0.value) }))
    }
}
