package import JSON
import TestFixtures

/// A real receiver of webhooks, `scripts/webhook-receiver`.
package struct WebhookReceiver: Sendable {
    private let server: ScriptedServer

    package init(_ options: String...) throws { server = try ScriptedServer("webhook-receiver", options) }

    package var port: Int { server.port }

    /// A URL of the receiver; the path says what it does.
    package func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Gives it a secret for the paths that end with `?` and a name.
    package func know(_ secret: String, as name: String) { server.say("secret \(name) \(secret)") }

    /// What `/switch` answers from now on.
    package func answer(_ status: Int) { server.say("switch \(status)") }

    /// What has come so far, to a path if one is given.
    package func webhooks(to path: String? = nil) -> [JSON] {
        server.lines.filter { path == nil || $0["path"] == path.map { .string($0) } }
    }

    /// Waits until this many have come.
    package func webhooks(_ count: Int, to path: String? = nil) async throws -> [JSON] {
        _ = try await eventually { webhooks(to: path).count >= count }
        return webhooks(to: path)
    }
}
