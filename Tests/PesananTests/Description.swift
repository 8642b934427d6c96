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

    /// The operations of these groups, each as its method and path; HEAD answers like GET and is left out.
    func operations(tagged tags: Set<String>) -> Set<String> {
        var found: Set<String> = []
        guard case .object(let paths)? = document["paths"] else { return found }
        for (path, operations) in paths.members {
            guard case .object(let operations) = operations else { continue }
            for (method, operation) in operations.members where method != "head" {
                guard case .array(let given)? = operation["tags"] else { continue }
                if given.contains(where: { tag in tags.contains { tag == .string($0) } }) { found.insert("\(method) \(path)") }
            }
        }
        return found
    }

    private func resolve(_ value: JSON) -> JSON {
        guard case .string(let reference) = value["$ref"] else { return value }
        return reference.split(separator: "/").dropFirst().reduce(document) { $0[String($1)] ?? .null }
    }
}
