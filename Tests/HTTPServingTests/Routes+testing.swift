import HTTPServing
import Hummingbird

extension Routes {
    /// Adds a GET route that anybody may call.
    mutating func get(_ path: String, _ handler: @escaping @Sendable () async throws -> Response) {
        add(Operation(.get, path, path, tag: "Test", "A route of the tests", answers: [.init(200, "Yes")]), .anybody) { _, _ in
            try await handler()
        }
    }
}
