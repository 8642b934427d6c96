import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// What the other side of a mirrored store sends.
struct MirrorRoutes: Sendable {
    let mirror: Mirror

    func add(to routes: inout Routes) {
        routes.add(Self.scalev, .anybody, scalev)
        routes.add(
            schema: .closedObject("What was sent is kept.", [("received", ["const": true])]), named: "WebhookReceived")
        routes.add(schema: .openObject("An event, as Scalev sends it.", []), named: "ScalevWebhook")
    }

    static let scalev = Operation(
        .post, "/v3/stores/{store_id}/webhooks/scalev", "receiveScalevWebhook", tag: BusinessAPI.tags[4].name,
        "Take a webhook of Scalev",
        "For a store that is mirrored. What was taken, has come before or can't be used is answered 200: it is not to be sent again.",
        parameters: [
            Parameter(
                WebhookSignature.header, in: .header,
                "Base64 of HMAC-SHA256 over the body, with the signing secret. A test needs none.")
        ], body: "ScalevWebhook", bodyLimit: 1 << 20, answers: [.init(200, "It is kept", "WebhookReceived")],
        errors: [401, 404])

    private func scalev(_: Void, _ call: Call) async throws -> Response {
        guard let storeID = call.storeID else { throw Failure.notMirrored }
        let body = try await call.body()
        try await mirror.receive(body, signature: call.request.headers[.init(WebhookSignature.header)!], for: storeID)
        return Response(uncached: ["received": true])
    }
}
