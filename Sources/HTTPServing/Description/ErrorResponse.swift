import JSON

/// The error answers in the OpenAPI document: one per status.
enum ErrorResponse {
    private static let all: [(status: Int, name: String, description: String)] = [
        (304, "NotModified", "You already have the latest version"),
        (400, "BadRequest", "The request can't be read, its fields are missing or invalid, or it conflicts with what is stored"),
        (401, "Unauthorized", "Not signed in to this store"),
        (403, "Forbidden", "Not allowed"),
        (404, "NotFound", "Not found, or not yours"),
        (409, "Conflict", "The state of what is there does not allow it"),
        (412, "PreconditionFailed", "It was changed in the meantime"), (413, "TooLarge", "The body is too large"),
        (422, "Contradiction", "The Idempotency-Key is that of another request"),
        (429, "TooManyRequests", "Too many requests"),
        (503, "Unavailable", "Temporarily unavailable"),
    ]

    static let schema: JSON = [
        "description": "What went wrong, for a person and for a program.", "type": "object", "additionalProperties": false,
        "required": ["error", "error_code", "message"],
        "properties": [
            "error": ["type": "string", "minLength": 1], "error_code": ["type": "string", "pattern": "^[a-z_]+$"],
            "message": ["description": "The same as error.", "type": "string", "minLength": 1],
            "errors": [
                "description": "If fields are wrong: what is wrong with each of them.", "type": "object",
                "additionalProperties": ["type": "array", "items": ["type": "string"]],
            ],
        ],
    ]

    static func name(of status: Int) -> String {
        guard let response = all.first(where: { $0.status == status }) else {
            preconditionFailure("no operation answers \(status)")
        }
        return response.name
    }

    static var components: JSON {
        .object(
            JSONObject(
                all.map { status, name, description in
                    var members: [(String, JSON)] = [("description", .string(description))]
                    if !fields(of: status).isEmpty { members.append(("headers", .object(JSONObject(fields(of: status))))) }
                    if status >= 400 {
                        members.append(("content", ["application/json": ["schema": .reference("schemas", "Error")]]))
                    }
                    return (name, .object(JSONObject(members)))
                }))
    }

    private static func fields(of status: Int) -> [(String, JSON)] {
        switch status {
        case 304: [("ETag", .reference("headers", "ETag"))]
        case 401: [("WWW-Authenticate", ["description": "Bearer (RFC 6750)", "schema": ["type": "string"]])]
        case 429, 503: [("Retry-After", ["description": "Seconds to wait", "schema": ["type": "integer"]])]
        default: []
        }
    }
}
