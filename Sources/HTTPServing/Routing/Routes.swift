package import Hummingbird
package import JSON

/// The routes that the server answers, collected from the APIs that answer them.
///
/// A route is declared once, by its ``Operation``, and there is no other way to add one: so there is none without a description.
package struct Routes {
    private let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
    /// All operations with what they need to be described, in the order in which they were added.
    private(set) var described: [DescribedOperation] = []
    private(set) var schemas: [(name: String, schema: JSON)] = []
    private var lanes: [DirectAnswer.Handler] = []
    private var crossOrigins: [CrossOrigin] = []

    package init() {}

    package var operations: [Operation] { described.map(\.operation) }

    /// Adds a route.
    /// - Parameters:
    ///   - access: who may call it, and how often.
    ///   - handler: makes the answer for a caller who was let in. What it throws is answered by ``ServingResponder``.
    package mutating func add<Caller: Sendable>(
        _ operation: Operation, _ access: Access<Caller>,
        _ handler: @escaping @Sendable (Caller, Call) async throws -> Response
    ) {
        precondition(
            !operations.contains { $0.method == operation.method && $0.path == operation.path },
            "\(operation.method) \(operation.path) is there already")
        described.append(DescribedOperation(operation: operation, scheme: access.scheme, refusals: access.refusals))
        router.on(RouterPath(operation.path), method: operation.httpMethod) { request, context in
            var context = context
            context.trace?.route = operation.path
            return try await access.answer(Call(request, context, operation)) { caller, call in
                if let failure = operation.emptyID, request.uri.path.hasSuffix("/") { throw failure }
                return try await handler(caller, call)
            }
        }
    }

    /// Adds a schema that operations name.
    package mutating func add(schema: JSON, named name: String) { schemas.append((name, schema)) }

    /// Asks `answer` first for each GET and HEAD without a body; requests that it does not take go to the routes. Those that were added
    /// before are asked first.
    package mutating func answerDirectly(_ answer: @escaping DirectAnswer.Handler) { lanes.append(answer) }

    /// Lets pages of other origins call. The first of those added that has something to say about a path decides.
    package mutating func add(_ crossOrigin: CrossOrigin) { crossOrigins.append(crossOrigin) }

    /// Answers directly what any of the lanes takes; `nil` if there is none.
    package var directAnswer: DirectAnswer.Handler? {
        guard let first = lanes.first, lanes.count > 1 else { return lanes.first }
        let others = lanes.dropFirst()
        return { request, receive in first(request, receive) || others.contains { $0(request, receive) } }
    }

    /// What answers the requests to these routes.
    package func responder(log: RequestLog) -> ServingResponder {
        ServingResponder(
            routes: router.buildResponder(), operations: Dictionary(grouping: operations, by: \.path), crossOrigins: crossOrigins,
            log: log)
    }
}

/// An operation, and who may call it.
struct DescribedOperation: Sendable {
    let operation: Operation
    let scheme: SecurityScheme?
    let refusals: Set<Int>
}
