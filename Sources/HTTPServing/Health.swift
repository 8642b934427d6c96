import Hummingbird
import JSON

/// Says whether the server runs, and whether it can answer.
package struct Health: Sendable {
    private let isFull: @Sendable () -> Bool
    private let check: @Sendable () async throws -> Void

    /// - Parameters:
    ///   - isFull: whether new connections have to wait.
    ///   - check: throws if the server can't answer at the moment.
    package init(isFull: @escaping @Sendable () -> Bool, check: @escaping @Sendable () async throws -> Void) {
        self.isFull = isFull
        self.check = check
    }

    /// The group of the operations, for the description.
    package static let tag = (name: "Service", description: "The service itself.")

    package func add(to routes: inout Routes) {
        let answers = [Operation.Answer(200, "Yes", "Health")]
        routes.add(
            Operation(.get, "/health/live", "isLive", tag: "Service", "Ask whether the server runs", answers: answers), .anybody
        ) { _, _ in healthy }
        routes.add(
            Operation(
                .get, "/health/ready", "isReady", tag: "Service",
                "Ask whether the server can answer, that is, whether its database can",
                answers: answers, errors: [503]), .anybody
        ) { _, _ in
            try await check()
            return healthy
        }
        routes.add(schema: .closedObject("The state of the service.", [("status", ["enum": ["ok", "full"]])]), named: "Health")
    }

    private var healthy: Response { Response(uncached: ["status": isFull() ? "full" : "ok"]) }
}
