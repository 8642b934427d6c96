import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// The webhooks of a store as server-sent events, for a machine without a public address.
struct WebhookStreamRoute: Sendable {
    let stream: WebhookStream
    let access: BusinessAccess

    func add(to routes: inout Routes) { routes.add(Self.listen, access.key(with: .readWebhooks), listen) }

    private static let listen = Operation(
        .get, "/v3/webhook-events", "listenToWebhooks", tag: WebhookRoutes.tag, "Listen to the webhooks of the store",
        "What an endpoint for all events would get, unsigned: the data of an event is a webhook's body, and its id is its position in the store. For a developer's machine without a public address (pesanan webhooks listen). Scope webhook:read.",
        parameters: [ServerSentEvent.lastIDParameter],
        answers: [
            .init(
                200, "Events: missed ones, then ready (or reset, if there were too many), then each webhook as it happens",
                content: ("text/event-stream", .inline(["type": "string"])))
        ], errors: [400])

    /// Clients come back after that.
    private static let duration = Duration.seconds(3600)

    private func listen(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let beginning = try await stream.listen(to: key.storeID, after: try call.lastEventID())
        return call.stream("text/event-stream", lasting: Self.duration) { writer in
            defer { withExtendedLifetime(beginning.subscription) {} }
            for webhook in beginning.missed ?? [] { try await writer.write(Self.event(webhook)) }
            let first = ServerSentEvent(
                id: beginning.position, beginning.missed == nil ? "reset" : "ready", .object(JSONObject()))
            try await writer.write(first.bytes)
            for await message in beginning.messages {
                guard isAllowed(key, call) else { return }
                switch message {
                case .heartbeat: try await writer.write(ServerSentEvent.heartbeat.bytes)
                case .event(let event):
                    for webhook in try await stream.webhooks(for: [event], of: key.storeID) {
                        try await writer.write(Self.event(webhook))
                    }
                }
            }
        }
    }

    /// Whether the key is still accepted.
    private func isAllowed(_ grant: BusinessGrant, _ call: Call) -> Bool {
        guard let key = call.request.headers[.authorization]?.bearerToken.flatMap({ BusinessKey($0) }) else { return false }
        let current = access.watch.directory.grant(presenting: key)
        return current?.allows(.readWebhooks) ?? false && grant.expiresAt.map { .now < $0 } ?? true
    }

    private static func event(_ webhook: WebhookStream.Webhook) -> [UInt8] {
        ServerSentEvent(id: webhook.event.position, webhook.event.kind.rawValue, json: webhook.body.bytes).bytes
    }
}
