import HTTPTypes
package import Hummingbird

/// The addresses that the server answers, collected from the targets that answer them.
package struct Routes {
    package typealias Handler = @Sendable (Request, ServingContext) async throws -> Response

    private let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
    package private(set) var all: [Route] = []
    package private(set) var directAnswer: DirectAnswer.Handler?
    /// Which pages of other origins may call; none where `nil`.
    package var crossOrigin: CrossOrigin?

    package init() {}

    /// Answers GET, and HEAD with the same answer less its body.
    /// - Parameter template: the path with its parameters in braces, as the OpenAPI document has it.
    package mutating func get(_ template: String, _ handler: @escaping Handler) {
        router.get(RouterPath(template), use: handler)
        note(template, ["GET", "HEAD"])
    }

    package mutating func post(_ template: String, _ handler: @escaping Handler) { add(.post, template, handler) }

    package mutating func patch(_ template: String, _ handler: @escaping Handler) { add(.patch, template, handler) }

    package mutating func delete(_ template: String, _ handler: @escaping Handler) { add(.delete, template, handler) }

    private mutating func add(_ method: HTTPRequest.Method, _ template: String, _ handler: @escaping Handler) {
        router.on(RouterPath(template), method: method, use: handler)
        note(template, [method.rawValue])
    }

    private mutating func note(_ template: String, _ methods: [String]) {
        if let position = all.firstIndex(where: { $0.template == template }) {
            all[position] = Route(template: template, methods: all[position].methods + methods)
        } else {
            all.append(Route(template: template, methods: methods))
        }
    }

    /// Asks `answer` first for each GET and HEAD without a body; what it has no answer for goes to the routes.
    package mutating func answerDirectly(_ answer: @escaping DirectAnswer.Handler) {
        directAnswer = answer
    }

    /// What answers the requests to these addresses.
    package func responder(log: RequestLog) -> ServingResponder {
        ServingResponder(routes: router.buildResponder(), all: all, crossOrigin: crossOrigin, log: log)
    }
}

/// An address and the methods that it answers.
package struct Route: Equatable, Sendable {
    package let template: String
    package let methods: [String]

    /// Whether a path is one of this route's.
    func matches(_ path: String) -> Bool {
        let (parts, expected) = (path.split(separator: "/"), template.split(separator: "/"))
        return parts.count == expected.count
            && zip(parts, expected).allSatisfy { $0 == $1 || $1.hasPrefix("{") }
    }
}
