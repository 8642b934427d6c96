import Hummingbird
import JSON

/// Says whether the server runs, and whether it can answer.
package struct Health: Sendable {
    private let check: @Sendable () async throws -> Void

    /// - Parameter check: throws if the server can't answer at the moment.
    package init(check: @escaping @Sendable () async throws -> Void) { self.check = check }

    package func add(to routes: inout Routes) {
        let healthy = [Operation.Answer(200, "Yes", "Health")]
        routes.add(
            Operation(.get, "/health/live", "isLive", tag: "Service", "Ask whether the server runs", answers: healthy), .anybody
        ) { _, _ in Self.healthy }
        routes.add(
            Operation(
                .get, "/health/ready", "isReady", tag: "Service",
                "Ask whether the server can answer, that is, whether its database can",
                answers: healthy, errors: [503]), .anybody
        ) { [check] _, _ in
            try await check()
            return Self.healthy
        }
        routes.add(schema: .closedObject("The state of the service.", [("status", ["const": "ok"])]), named: "Health")
    }

    private static var healthy: Response { Response(uncached: ["status": "ok"]) }
}
