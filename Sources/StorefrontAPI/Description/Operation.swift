import JSON
import Orders

/// One method of one address, as the OpenAPI document has it.
struct Operation {
    enum Caller {
        /// A signed-in customer.
        case customer
        /// Everyone who calls with a store's storefront key.
        case storefront
    }

    let path: String
    let method: String
    let tag: String
    let id: String
    let summary: String
    let description: String
    let caller: Caller
    /// The name of the schema of the request's body; `nil` where there is none.
    var body: String?
    /// The answer where all is well: its status, what it is and the name of its schema.
    let answer: (status: Int, description: String, schema: String?)
    /// The statuses of errors beside those that every such operation has.
    var errors: [Int] = []

    private static let store = "/v3/stores/{store_id}"

    var fullPath: String { Self.store + path }

    var json: JSON {
        var members: [(String, JSON)] = [
            ("tags", [.string(tag)]), ("operationId", .string(id)), ("summary", .string(summary)),
            ("description", .string(description)),
            ("security", [caller == .customer ? ["accessToken": []] : ["storefrontKey": []]]),
            ("parameters", .array(parameters.map { .object(JSONObject([("$ref", .string("#/components/parameters/\($0)"))])) })),
        ]
        if let body {
            members.append(("requestBody", ["required": true, "content": Self.content(body)]))
        }
        members.append(("responses", .object(JSONObject(responses))))
        return .object(JSONObject(members))
    }

    private var parameters: [String] {
        ["store_id"] + (fullPath.contains("{id}") ? ["address_id"] : []) + (body == nil ? [] : ["Accept-Language"])
    }

    private var responses: [(String, JSON)] {
        var good: [(String, JSON)] = [("description", .string(answer.description))]
        if let schema = answer.schema { good.append(("content", Self.content(schema))) }
        let always = [400, 404, 429, 503] + (caller == .customer ? [401] : []) + (body == nil ? [] : [413, 422])
        let statuses = Set(always + errors).subtracting(caller == .customer && !fullPath.contains("{id}") ? [404] : []).sorted()
        return [(String(answer.status), .object(JSONObject(good)))]
            + statuses.map {
                (String($0), .object(JSONObject([("$ref", .string("#/components/responses/\(Self.names[$0] ?? "")"))])))
            }
    }

    /// The names of the responses that say what went wrong.
    private static let names = [
        400: "BadRequest", 401: "Unauthorized", 404: "NotFound", 409: "Conflict", 413: "TooLarge", 422: "InvalidContent",
        429: "TooManyRequests", 503: "Unavailable",
    ]

    private static func content(_ schema: String) -> JSON {
        ["application/json": ["schema": .object(JSONObject([("$ref", .string("#/components/schemas/\(schema)"))]))]]
    }
}
