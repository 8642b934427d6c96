import HTTPTypes
package import Orders

/// One method of one path, and everything that defines it. Routing, body limits, CORS and the OpenAPI document follow from it.
package struct Operation: Sendable {
    /// GET also answers HEAD, with the same header fields and no body.
    package enum Method: String, Sendable {
        case get, post, put, patch, delete
    }

    /// The answer to a successful request.
    package struct Answer: Sendable {
        let status: Int
        let description: String
        /// The content type, and the schema by its name in the OpenAPI document; `nil` if there is no body.
        let content: (type: String, schema: Schema)?

        /// - Parameter schema: the name of a schema in the document; `nil` if there is no body.
        package init(_ status: Int, _ description: String, _ schema: String? = nil) {
            self.init(status, description, content: schema.map { ("application/json", .named($0)) })
        }

        package init(_ status: Int, _ description: String, content: (type: String, schema: Schema)?) {
            self.status = status
            self.description = description
            self.content = content
        }
    }

    /// The maximum size of a body in bytes, unless the operation specifies another.
    package static let defaultBodyLimit = 64 * 1024

    package let method: Method
    /// The path, with its parameters in braces.
    package let path: String
    /// The `operationId`, from which client generators derive names.
    let id: String
    let tag: String
    let summary: String
    let description: String?
    let parameters: [Parameter]
    /// The name of the request body's schema; `nil` if there is no body.
    let body: String?
    /// The content types of a body that is no JSON; empty if it is, or there is none.
    let bodyTypes: [String]
    /// The maximum size of a body in bytes.
    let bodyLimit: Int
    let answers: [Answer]
    /// The statuses of errors, in addition to those that follow from the rest.
    let errors: Set<Int>
    /// Whether the answer has an `ETag`, and `If-None-Match` is evaluated.
    let isConditional: Bool
    /// Whether pages of a store's origins may call it from a browser (``CrossOrigin``).
    let isCrossOrigin: Bool
    /// The answer if a slash follows the path, which then means an item of the list with an empty id; `nil` if both mean the
    /// same.
    let emptyID: Failure?

    package init(
        _ method: Method, _ path: String, _ id: String, tag: String, _ summary: String, _ description: String? = nil,
        parameters: [Parameter] = [], body: String? = nil, bodyTypes: [String] = [],
        bodyLimit: Int = defaultBodyLimit, answers: [Answer],
        errors: Set<Int> = [], isConditional: Bool = false, isCrossOrigin: Bool = false, emptyID: Failure? = nil
    ) {
        self.method = method
        self.path = path
        self.id = id
        self.tag = tag
        self.summary = summary
        self.description = description
        self.parameters = parameters
        self.body = body
        self.bodyTypes = bodyTypes
        self.bodyLimit = bodyLimit
        self.answers = answers
        self.errors = errors
        self.isConditional = isConditional
        self.isCrossOrigin = isCrossOrigin
        self.emptyID = emptyID
    }

    /// The HTTP methods that it answers.
    package var methods: [String] { method == .get ? ["GET", "HEAD"] : [method.rawValue.uppercased()] }

    var httpMethod: HTTPRequest.Method {
        switch method {
        case .get: .get
        case .post: .post
        case .put: .put
        case .patch: .patch
        case .delete: .delete
        }
    }

    /// Whether a path belongs to this operation.
    func matches(_ path: String) -> Bool {
        let (parts, expected) = (path.split(separator: "/"), self.path.split(separator: "/"))
        return parts.count == expected.count && zip(parts, expected).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }
}
