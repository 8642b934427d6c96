import HTTPServing
import JSON
import OrderServices
import Orders

extension WebhookRoutes {
    private static let listPath = "/v3/webhook-endpoints"
    private static let itemPath = listPath + "/{id}"
    static let tag = BusinessAPI.tags[3].name
    private static let id = Parameter("id", in: .path, "The endpoint's id.", ["type": "string", "format": "uuid"])
    private static let endpoint = Operation.Answer(200, "The endpoint", "WebhookEndpoint")
    private static let endpointWithSecret = Operation.Answer(200, "The endpoint, with its secret", "WebhookEndpointWithSecret")

    /// Of the routes that write.
    private static let errors = IdempotencyKey.errors.union([404])

    static let list = Operation(
        .get, listPath, "listWebhookEndpoints", tag: tag, "List the webhook endpoints", "Scope webhook:read.",
        answers: [.init(200, "Endpoints", "WebhookEndpointList")])

    static let create = Operation(
        .post, listPath, "createWebhookEndpoint", tag: tag, "Add a webhook endpoint",
        "It gets the events from now on, with whole orders. The secret is shown once. Scope webhook:update.",
        parameters: [IdempotencyKey.parameter], body: "NewWebhookEndpoint", answers: [endpointWithSecret],
        errors: errors.union([409]))

    static let get = Operation(
        .get, itemPath, "getWebhookEndpoint", tag: tag, "Get a webhook endpoint", "Scope webhook:read.", parameters: [id],
        answers: [endpoint], errors: [404])

    static let update = Operation(
        .patch, itemPath, "updateWebhookEndpoint", tag: tag, "Change a webhook endpoint",
        "One that is switched on again gets the events from now on: replay those that it has missed. Scope webhook:update.",
        parameters: [id, IdempotencyKey.parameter], body: "WebhookEndpointUpdate", answers: [endpoint], errors: errors)

    static let remove = Operation(
        .delete, itemPath, "deleteWebhookEndpoint", tag: tag, "Delete a webhook endpoint",
        "And what waits for it; what was delivered stays listed. Scope webhook:update.",
        parameters: [id, IdempotencyKey.parameter], answers: [.init(204, "Done")], errors: errors)

    static let rotateSecret = Operation(
        .post, itemPath + "/rotate-secret", "rotateWebhookSecret", tag: tag, "Give a webhook endpoint a new secret",
        "For a time, webhook-signature has a signature by the secret before too; X-Scalev-Hmac-Sha256 is signed with the new one at once. Scope webhook:update.",
        parameters: [id, IdempotencyKey.parameter], body: "WebhookSecretRotation", answers: [endpointWithSecret], errors: errors)

    static let test = Operation(
        .post, itemPath + "/test", "testWebhookEndpoint", tag: tag, "Send an example to a webhook endpoint",
        "It waits for the answer, and is not listed among the deliveries. Scope webhook:update.",
        parameters: [id], body: "WebhookTest", answers: [.init(200, "How it went", "WebhookAttempt")], errors: [400, 404, 413])

    static var schemas: [(name: String, schema: JSON)] {
        let time: JSON = ["type": "string", "format": "date-time"]
        let optionalTime: JSON = ["type": ["string", "null"], "format": "date-time"]
        let kinds = OrderEvent.Kind.allCases.map { JSON.string($0.rawValue) }
        let events: JSON = [
            "type": "array", "minItems": 1, "maxItems": 20, "items": ["enum": .array(["*"] + kinds)],
            "description": "The events to send, or [\"*\"] for all, also those that later versions add.",
        ]
        let email: JSON = ["type": ["string", "null"], "description": "Who gets a mail if the endpoint is switched off."]
        let url: JSON = ["type": "string", "maxLength": 2000, "description": "https, on the public internet."]
        let fields: [(String, JSON)] = [
            ("id", ["type": "string", "format": "uuid"]), ("store_unique_id", .text), ("url", url), ("events", events),
            ("notice_email", email), ("is_enabled", ["type": "boolean"]),
            ("stop_reason", ["enum": .array(WebhookEndpoint.Stop.allCases.map { .string($0.rawValue) } + [.null])]),
            ("failing_since", optionalTime), ("previous_secret_expires_at", optionalTime), ("created_at", time),
            ("updated_at", time),
        ]
        return [
            ("WebhookEndpoint", .closedObject("Where events are sent.", fields)),
            (
                "WebhookEndpointWithSecret",
                .closedObject("Where events are sent, and the secret with which they are signed.", fields + [("secret", .text)])
            ),
            ("WebhookEndpointList", .listSchema("A store's endpoints.", of: .reference("schemas", "WebhookEndpoint"))),
            (
                "NewWebhookEndpoint",
                .strictObject(
                    "An endpoint.", [("store_unique_id", .text), ("url", url), ("events", events), ("notice_email", email)],
                    required: ["store_unique_id", "url", "events"])
            ),
            (
                "WebhookEndpointUpdate",
                .strictObject(
                    "What changes of an endpoint.",
                    [
                        ("url", url), ("events", events), ("notice_email", email), ("is_enabled", ["type": ["boolean", "null"]]),
                    ], required: [])
            ),
            (
                "WebhookSecretRotation",
                .strictObject(
                    "For how many seconds the secret before signs too; a day by default.",
                    [
                        (
                            "overlap_seconds",
                            [
                                "type": ["integer", "null"], "minimum": 0,
                                "maximum": .number(String(MerchantWebhooks.overlaps.upperBound)),
                            ]
                        )
                    ], required: [])
            ),
            (
                "WebhookTest",
                .strictObject(
                    "The example to send; business.test_event by default.",
                    [("event", ["enum": .array(WebhookExample.allCases.map { .string($0.rawValue) } + [.null])])], required: [])
            ),
        ]
    }
}
