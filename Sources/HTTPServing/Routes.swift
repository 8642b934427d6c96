import HTTPTypes
package import Hummingbird

/// The addresses that the server answers, collected from the targets that answer them.
package struct Routes {
    package typealias Handler = @Sendable (Request, ServingContext) async throws -> Response

    private let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
    package private(set) var all: [Route] = []
    package private(set) var directAnswer: DirectAnswer.Handler?

    package init() {}

    /// Answers GET, and HEAD with the same answer less its body.
    /// - Parameter template: the path with its parameters in braces, as the OpenAPI document has it.
    package mutating func get(_ template: String, _ handler: @escaping Handler) {
        router.get(RouterPath(template), use: handler)
        all.append(Route(template: template, methods: ["GET", "HEAD"]))
    }

    /// Asks `answer` first for each GET and HEAD without a body; what it has no answer for goes to the routes.
    package mutating func answerDirectly(_ answer: @escaping DirectAnswer.Handler) {
        directAnswer = answer
    }

    /// What answers the requests to these addresses.
    package func responder(log: RequestLog) -> ServingResponder {
        ServingResponder(routes: router.buildResponder(), all: all, log: log)
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
