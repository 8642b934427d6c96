package import JSON

/// A parameter of a request, as described in the OpenAPI document.
package struct Parameter: Sendable {
    package enum Place: String, Sendable {
        case path, query, header
    }

    let name: String
    let place: Place
    let description: String
    let schema: JSON

    package init(_ name: String, in place: Place, _ description: String, _ schema: JSON = ["type": "string"]) {
        self.name = name
        self.place = place
        self.description = description
        self.schema = schema
    }
}
