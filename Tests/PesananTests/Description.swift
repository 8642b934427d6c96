import JSON
import Orders
import TestFixtures
import TestServer
import Testing

/// A server's OpenAPI document, for checking answers against it.
struct Description {
    private let document: JSON
    private let schemas: JSONSchema

    init(_ document: JSON) {
        self.document = document
        schemas = JSONSchema(document)
    }

    /// Expects that the document describes the answer, and that the answer fits the description.
    func expect(_ answer: HTTPAnswer, _ method: String, _ template: String, sourceLocation: SourceLocation = #_sourceLocation)
        throws
    {
        let described = document["paths"]?[template]?[method]?["responses"]?[String(answer.status)]
        let response = resolve(
            try #require(described, "\(method) \(template) \(answer.status)", sourceLocation: sourceLocation))
        guard answer["content-type"]?.split(separator: ";").first == "application/json" else {
            #expect(response["content"]?["application/json"] == nil, sourceLocation: sourceLocation)
            return
        }
        guard case .string(let reference)? = response["content"]?["application/json"]?["schema"]?["$ref"] else { return }
        #expect(schemas.violations(of: answer.json, at: String(reference.dropFirst())) == [], sourceLocation: sourceLocation)
    }

    private func resolve(_ value: JSON) -> JSON {
        guard case .string(let reference) = value["$ref"] else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }
}
