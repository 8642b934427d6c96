import Accounts
import HTTPServing
import Hummingbird
import HummingbirdCore
import JSON
import OrderServices
import Orders

/// What was delivered to the endpoints of the store that a key belongs to.
struct WebhookDeliveryRoutes: Sendable {
    let deliveries: WebhookDeliveries
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.list, access.key(with: .readWebhooks), list)
        routes.add(Self.get, access.key(with: .readWebhooks), get)
        routes.add(Self.replayOne, access.key(with: .updateWebhooks), replayOne)
        routes.add(Self.replaySpan, access.key(with: .updateWebhooks), replaySpan)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private static let listPath = "/v3/webhook-deliveries"
    private static let id = Parameter("id", in: .path, "The delivery's id.", ["type": "string", "format": "uuid"])

    static let list = Operation(
        .get, listPath, "listWebhookDeliveries", tag: WebhookRoutes.tag, "List webhook deliveries, newest first",
        "Of the last two weeks. Pages lead on, and not back. Scope webhook:read.",
        parameters: [
            PageRequest.parameters[0], PageRequest.parameters[1],
            Parameter(
                "endpoint_id", in: .query, "Only those to this endpoint.", ["type": "string", "format": "uuid"]),
            Parameter(
                "status", in: .query, "Only those in this status.",
                ["enum": .array(WebhookDelivery.Status.allCases.map { .string($0.rawValue) })]),
            Parameter("queued_since", in: .query, "Only those queued at or after.", ["type": "string", "format": "date-time"]),
            Parameter("queued_until", in: .query, "Only those queued before.", ["type": "string", "format": "date-time"]),
        ], answers: [.init(200, "A page of deliveries", "WebhookDeliveryPage")], errors: [400])

    static let get = Operation(
        .get, listPath + "/{id}", "getWebhookDelivery", tag: WebhookRoutes.tag, "Get a webhook delivery", "Scope webhook:read.",
        parameters: [id], answers: [.init(200, "The delivery", "WebhookDelivery")], errors: [404])

    static let replayOne = Operation(
        .post, listPath + "/{id}/replay", "replayWebhookDelivery", tag: WebhookRoutes.tag, "Send an event once more",
        "With the same unique_id, and with the order as it is by then. Scope webhook:update.", parameters: [id],
        answers: [.init(200, "The new delivery", "WebhookDelivery")], errors: [404, 409])

    static let replaySpan = Operation(
        .post, listPath + "/replay", "replayWebhooks", tag: WebhookRoutes.tag, "Send the events of a span of time once more",
        "Those that the endpoint wants, oldest first, beside new ones. It takes the place of an earlier replay to the endpoint that has not ended. Scope webhook:update.",
        body: "WebhookReplay", answers: [.init(200, "How many events there are", "WebhookReplayBegun")],
        errors: [400, 404, 409, 413])

    private func list(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let query = try call.describedQuery()
        let size = try PageRequest.size(in: query)
        func id(_ name: String, _ otherwise: String) throws(Failure) -> UUIDBytes? {
            guard let text = query.text(name) else { return nil }
            guard let id = UUIDBytes(text) else { throw .invalidParameter(name, otherwise) }
            return id
        }
        let filter = WebhookDeliveryFilter(
            endpointID: try id("endpoint_id", "is not the id of an endpoint"), status: try query.word("status"),
            since: try query.time("queued_since"), until: try query.time("queued_until"))
        let (found, next) = try await deliveries.list(
            of: key.storeID, where: filter, after: try id("next_cursor", "is not a cursor that a page of this list gave"),
            size: size)
        return Response(uncached: .page(found.map(\.json), PageEnvelope(next: next?.description, size: size)))
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await deliveries.delivery(try Self.id(call), of: key.storeID).json)
    }

    private func replayOne(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await deliveries.replay(try Self.id(call), of: key.storeID).json)
    }

    private func replaySpan(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        var reader = try RequestBody(bytes: try await call.body()).reader()
        let id = reader.value("endpoint_id", otherwise: "is not the id of an endpoint") { UUIDBytes($0) }
        let since = reader.time("since")
        let until = reader.optionalTime("until")
        if let since, let until, until <= since { reader.refuse("until", "is not after since") }
        reader.refuseOthers(than: ["endpoint_id", "since", "until"])
        let (endpoint, start) = try reader.finish(id, since)
        let events = try await deliveries.replay(since: start, until: until, to: endpoint, of: key.storeID)
        return Response(uncached: ["events": .number(String(events))])
    }

    /// - Throws: ``Failure/webhookDeliveryNotFound`` also for what is no id.
    private static func id(_ call: Call) throws(Failure) -> UUIDBytes {
        guard let id = call.pathParameter("id").flatMap({ UUIDBytes($0) }) else { throw .webhookDeliveryNotFound }
        return id
    }

    private static var schemas: [(name: String, schema: JSON)] {
        let time: JSON = ["type": "string", "format": "date-time"]
        let optionalTime: JSON = ["type": ["string", "null"], "format": "date-time"]
        let uuid: JSON = ["type": "string", "format": "uuid"]
        let attempt: [(String, JSON)] = [
            ("at", time), ("milliseconds", ["type": "integer"]), ("status", ["type": ["integer", "null"]]),
            ("answer", .optionalText), ("error", .optionalText),
        ]
        let optionalAttempt: JSON = ["anyOf": [.reference("schemas", "WebhookAttempt"), ["type": "null"]]]
        return [
            ("WebhookAttempt", .closedObject("How sending it went: error is null if it was delivered.", attempt)),
            (
                "WebhookDelivery",
                .closedObject(
                    "An event on its way to an endpoint, or how it got there.",
                    [
                        ("id", uuid), ("endpoint_id", uuid),
                        ("event", ["enum": .array(OrderEvent.Kind.allCases.map { .string($0.rawValue) })]), ("order_id", uuid),
                        ("number", ["type": "integer"]),
                        ("status", ["enum": .array(WebhookDelivery.Status.allCases.map { .string($0.rawValue) })]),
                        ("attempts", ["type": "integer"]), ("queued_at", time), ("next_attempt_at", optionalTime),
                        ("last_attempt", optionalAttempt),
                    ])
            ),
            (
                "WebhookDeliveryPage",
                .pageSchema(
                    "A page of deliveries.", of: .reference("schemas", "WebhookDelivery"), most: PageRequest.sizes.upperBound)
            ),
            (
                "WebhookReplay",
                .strictObject(
                    "Which events are sent once more: since is included, until is not.",
                    [("endpoint_id", uuid), ("since", time), ("until", optionalTime)], required: ["endpoint_id", "since"])
            ),
            (
                "WebhookReplayBegun",
                .closedObject("How many events the store has in the span.", [("events", ["type": "integer"])])
            ),
        ]
    }
}

extension WebhookDelivery {
    /// The delivery as its merchant sees it.
    var json: JSON {
        [
            "id": .string(id.description), "endpoint_id": .string(endpointID.description), "event": .string(kind.rawValue),
            "order_id": .string(orderID.description), "number": .number(String(number)), "status": .string(status.rawValue),
            "attempts": .number(String(attempts)), "queued_at": .string(queuedAt.description),
            "next_attempt_at": JSON(status == .pending ? dueAt.description : nil), "last_attempt": last?.json ?? .null,
        ]
    }
}

extension WebhookDelivery.Attempt {
    var json: JSON {
        [
            "at": .string(at.description), "milliseconds": .number(String(duration)),
            "status": answerStatus.map { .number(String($0)) } ?? .null, "answer": JSON(answer), "error": JSON(failure),
        ]
    }
}
