package import Hummingbird
package import JSON
package import Orders

/// The routes of the server, collected from its APIs.
///
/// Each route is declared once, by its ``Operation``. There is no other way to add one, so every route has a description.
package struct Routes {
    private let router = Router(context: ServingContext.self, options: .autoGenerateHeadEndpoints)
    /// All operations with the data for their description, in the order in which they were added.
    private(set) var described: [DescribedOperation] = []
    private(set) var schemas: [(name: String, schema: JSON)] = []
    private var lanes: [DirectAnswer.Handler] = []
    private var crossOrigins: [CrossOrigin] = []

    package init() {}

    package var operations: [Operation] { described.map(\.operation) }

    /// Adds a route.
    /// - Parameters:
    ///   - access: who may call it, and how often.
    ///   - handler: returns the answer for an accepted caller. ``ServingResponder`` answers the errors that it throws.
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

    /// Adds a schema that operations refer to by its name.
    package mutating func add(schema: JSON, named name: String) { schemas.append((name, schema)) }

    /// Calls `answer` first for each GET and HEAD without a body; requests that it declines go to the routes. Handlers are called
    /// in the order in which they were added.
    package mutating func answerDirectly(_ answer: @escaping DirectAnswer.Handler) { lanes.append(answer) }

    /// Allows calls from pages of other origins. The first one added that covers a path decides.
    package mutating func add(_ crossOrigin: CrossOrigin) { crossOrigins.append(crossOrigin) }

    /// Answers directly what any of the lanes accepts; `nil` if there are no lanes.
    package var directAnswer: DirectAnswer.Handler? {
        guard let first = lanes.first, lanes.count > 1 else { return lanes.first }
        let others = lanes.dropFirst()
        return { request, receive in first(request, receive) || others.contains { $0(request, receive) } }
    }

    /// The responder for requests to these routes.
    /// - Parameter other: the answer to all other requests.
    package func responder(log: RequestLog, otherwise other: Failure = .notFound) -> ServingResponder {
        ServingResponder(
            routes: router.buildResponder(), operations: Dictionary(grouping: operations, by: \.path), crossOrigins: crossOrigins,
            log: log, other: other)
    }
}

/// An operation, and who may call it.
struct DescribedOperation: Sendable {
    let operation: Operation
    let scheme: SecurityScheme?
    let refusals: Set<Int>
}
