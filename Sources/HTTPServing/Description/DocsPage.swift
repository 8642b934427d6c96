import JSON
import Mustache

/// The OpenAPI document as a self-contained page: no scripts, and nothing from other hosts.
struct DocsPage {
    private let document: JSON
    private let serverURL: String

    /// - Parameter serverURL: as in ``Description``.
    init(_ document: JSON, serverURL: String) {
        self.document = document
        self.serverURL = serverURL
    }

    /// The page in UTF-8.
    var html: [UInt8] { Array(Self.template.render(page).utf8) }

    private var page: [String: Any] {
        [
            "document": serverURL + "/openapi.json", "title": text(document["info"]?["title"]),
            "description": text(document["info"]?["description"]),
            "operations": members(document["paths"]).flatMap { path, methods in
                // HEAD is shown together with GET.
                members(methods).filter { $0.name != "head" }.map { method, operation in
                    section(path, [method] + (method == "get" && methods["head"] != nil ? ["head"] : []), operation)
                }
            },
            "schemas": members(document["components"]?["schemas"]).map { name, schema in
                ["name": name, "description": text(schema["description"]), "fields": fields(of: schema, path: "")]
            },
        ]
    }

    private func section(_ path: String, _ methods: [String], _ operation: JSON) -> [String: Any] {
        let scheme = elements(operation["security"]).first.flatMap { members($0).first?.name }
        var section: [String: Any] = [
            "methods": methods.map { $0.uppercased() }, "path": path, "summary": text(operation["summary"]),
            "description": text(operation["description"]),
            "parameters": elements(operation["parameters"]).map { parameter in
                [
                    "name": text(parameter["name"]), "place": text(parameter["in"]), "type": type(of: parameter["schema"]),
                    "description": text(parameter["description"]),
                ]
            },
            "responses": members(operation["responses"]).map { status, response in
                let response = resolve(response)
                let contents = members(response["content"]).map { type, content in
                    ["media": type, "type": self.type(of: content["schema"])] as [String: Any]
                }
                return ["status": status, "description": text(response["description"]), "contents": contents]
            },
        ]
        if let scheme { section["needs"] = text(document["components"]?["securitySchemes"]?[scheme]?["description"]) }
        if let body = operation["requestBody"]?["content"]?["application/json"]?["schema"] { section["body"] = type(of: body) }
        return section
    }

    /// A row for each field; those of nested objects have their full path.
    private func fields(of schema: JSON, path: String) -> [[String: Any]] {
        members(schema["properties"]).flatMap { name, value in
            let full = path + name + (value["items"] == nil ? "" : "[]")
            return [["name": full, "type": type(of: value)]] + fields(of: value["items"] ?? value, path: full + ".")
        }
    }

    /// A short form of a schema: a link to a named schema, constants, or the names of its types.
    private func type(of schema: JSON?) -> [String: Any] {
        guard let schema else { return [:] }
        if let name = name(of: schema) { return ["link": name] }
        if let items = schema["items"], let name = name(of: items) { return ["link": name, "isList": true] }
        if let constant = schema["const"] { return ["constants": [String(decoding: constant.encoded, as: UTF8.self)]] }
        let constants = elements(schema["enum"]).map { $0 == .null ? "null" : text($0) }
        if !constants.isEmpty { return ["constants": constants] }
        let types = elements(schema["type"]).map { text($0) }
        var words = (types.isEmpty ? [text(schema["type"])] : types).joined(separator: " or ")
        if schema["items"] != nil { words += " of objects" }
        if let format = schema["format"] { words += ", \(text(format))" }
        return ["words": words]
    }

    private func name(of schema: JSON) -> String? {
        guard case .string(let reference) = schema["$ref"] else { return nil }
        return reference.split(separator: "/").last.map(String.init)
    }

    private func resolve(_ value: JSON) -> JSON {
        guard case .string(let reference) = value["$ref"] else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }

    private func members(_ value: JSON?) -> [(name: String, value: JSON)] {
        if case .object(let object) = value { object.members } else { [] }
    }

    private func elements(_ value: JSON?) -> [JSON] {
        if case .array(let elements) = value { elements } else { [] }
    }

    private func text(_ value: JSON?) -> String {
        if case .string(let text) = value { text } else { "" }
    }
}
