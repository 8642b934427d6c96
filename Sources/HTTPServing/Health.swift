import Hummingbird

/// Says whether the server runs, and whether it can answer.
package struct Health: Sendable {
    private let check: @Sendable () async throws -> Void

    /// - Parameter check: throws where the server can't answer at the moment.
    package init(check: @escaping @Sendable () async throws -> Void) { self.check = check }

    package func add(to routes: inout Routes) {
        routes.get("/health/live") { _, _ in Self.healthy }
        routes.get("/health/ready") { [check] _, _ in
            try await check()
            return Self.healthy
        }
    }

    private static var healthy: Response {
        var response = Response(json: Array(#"{"status":"ok"}"#.utf8))
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
