import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import OrderServices
import Orders

/// Where the events of the store that a key belongs to are sent.
struct WebhookRoutes: Sendable {
    /// What the routes work with.
    struct Services: Sendable {
        let records: MerchantRecords
        let deliveries: WebhookDeliveries
        let stream: WebhookStream
        let targets: WebhookTargets
    }

    let services: Services
    let access: BusinessAccess

    func add(to routes: inout Routes) {
        routes.add(Self.list, access.key(with: .readWebhooks), list)
        routes.add(Self.create, access.key(with: .updateWebhooks), create)
        routes.add(Self.get, access.key(with: .readWebhooks), get)
        routes.add(Self.update, access.key(with: .updateWebhooks), update)
        routes.add(Self.remove, access.key(with: .updateWebhooks), remove)
        routes.add(Self.rotateSecret, access.key(with: .updateWebhooks), rotateSecret)
        routes.add(Self.test, access.key(with: .updateWebhooks), test)
        WebhookDeliveryRoutes(deliveries: services.deliveries, access: access).add(to: &routes)
        WebhookStreamRoute(stream: services.stream, access: access).add(to: &routes)
        for (name, schema) in Self.schemas { routes.add(schema: schema, named: name) }
    }

    private func list(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: .list(try await services.records.webhooks.endpoints(of: key.storeID).map { $0.json() }))
    }

    private func get(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        Response(uncached: try await services.records.webhooks.endpoint(try id(call), of: key.storeID).json())
    }

    private func create(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        try await requests.answer(key, call) { body, records in
            var reader = try body.reader()
            let store = reader.text("store_unique_id", maximum: 100)
            let url = url(&reader)
            let events = reader.events()
            let email = reader.isEmpty("notice_email") ? nil : reader.email("notice_email")
            reader.refuseOthers(than: ["store_unique_id", "url", "events", "notice_email"])
            try reader.finish()
            guard store == key.storeID.text else { throw Failure.storeNotFound }
            let added = try await records.webhooks.add(url, for: events, noticeEmail: email, to: key.storeID)
            return WrittenAnswer(added.json(showingSecret: true))
        }
    }

    private func update(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let id = try id(call)
        return try await requests.answer(key, call) { body, records in
            var reader = try body.reader()
            var change = MerchantWebhooks.Change()
            if reader.isThere("url") { change.url = url(&reader) }
            if reader.isThere("events") { change.events = .some(reader.events()) }
            if reader.isThere("notice_email") {
                change.noticeEmail = .some(reader.isEmpty("notice_email") ? nil : reader.email("notice_email"))
            }
            change.isEnabled = reader.flag("is_enabled")
            reader.refuseOthers(than: ["url", "events", "notice_email", "is_enabled"])
            try reader.finish()
            return WrittenAnswer(try await records.webhooks.change(id, of: key.storeID, change).json())
        }
    }

    private func remove(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let id = try id(call)
        return try await requests.answer(key, call) { _, records in
            try await records.webhooks.remove(id, of: key.storeID)
            return .noContent
        }
    }

    private func rotateSecret(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let id = try id(call)
        return try await requests.answer(key, call) { body, records in
            var reader = body.bytes.isEmpty ? BodyReader(.object(JSONObject())) : try body.reader()
            let overlaps = MerchantWebhooks.overlaps
            let overlap = reader.isGiven("overlap_seconds") ? reader.integer("overlap_seconds") : MerchantWebhooks.usualOverlap
            if overlap.map({ !overlaps.contains($0) }) ?? true {
                reader.refuse("overlap_seconds", "is not a whole number from 0 to \(overlaps.upperBound)")
            }
            reader.refuseOthers(than: ["overlap_seconds"])
            let seconds = try reader.finish(overlap)
            let rotated = try await records.webhooks.rotateSecret(of: id, of: key.storeID, overlap: seconds)
            return WrittenAnswer(rotated.json(showingSecret: true))
        }
    }

    private func test(_ key: BusinessGrant, _ call: Call) async throws -> Response {
        let id = try id(call)
        let body = RequestBody(bytes: try await call.body())
        var reader = body.bytes.isEmpty ? BodyReader(.object(JSONObject())) : try body.reader()
        let example = reader.word("event", WebhookExample.self) ?? .test
        reader.refuseOthers(than: ["event"])
        try reader.finish()
        return Response(uncached: try await services.deliveries.test(id, of: key.storeID, with: example).json)
    }

    private var requests: RecordRequest { RecordRequest(records: services.records) }

    /// - Throws: ``Failure/webhookEndpointNotFound`` also for what is no id.
    private func id(_ call: Call) throws(Failure) -> UUIDBytes {
        guard let id = call.pathParameter("id").flatMap({ UUIDBytes($0) }) else { throw .webhookEndpointNotFound }
        return id
    }

    private func url(_ reader: inout BodyReader) -> String {
        let text = reader.text("url", maximum: 2000)
        guard !text.isEmpty else { return "" }
        do throws(Refusal) { _ = try services.targets.host(of: text) } catch { reader.refuse(error.field, error.reason) }
        return text
    }
}

extension BodyReader {
    /// The events that an endpoint wants; `nil` for all, which `*` stands for.
    fileprivate mutating func events() -> Set<OrderEvent.Kind>? {
        let names = texts("events", maximum: 20)
        if names == ["*"] { return nil }
        var kinds: Set<OrderEvent.Kind> = []
        for name in names {
            if let kind = OrderEvent.Kind(rawValue: name) {
                kinds.insert(kind)
            } else {
                refuse(
                    "events", "has an element that is none of \(OrderEvent.Kind.allCases.map(\.rawValue).joined(separator: ", "))"
                )
            }
        }
        if names.isEmpty { refuse("events", "is empty: [\"*\"] are all") }
        return kinds
    }
}

extension WebhookEndpoint {
    /// The endpoint as its merchant sees it.
    fileprivate func json(showingSecret: Bool = false, at time: Timestamp = .now) -> JSON {
        let names = events.map { $0.map(\.rawValue).sorted() } ?? ["*"]
        let overlap = previousSecretEndsAt.flatMap { time < $0 ? $0 : nil }
        return .object(
            JSONObject(
                [
                    ("id", .string(id.description)), ("store_unique_id", .string(storeID.text)), ("url", .string(url)),
                    ("events", .array(names.map { .string($0) })), ("notice_email", JSON(noticeEmail?.text)),
                    ("is_enabled", .bool(stop == nil)), ("stop_reason", JSON(stop?.rawValue)),
                    ("failing_since", JSON(failingSince?.description)),
                    ("previous_secret_expires_at", JSON(overlap?.description)),
                    ("created_at", .string(createdAt.description)), ("updated_at", .string(updatedAt.description)),
                ] + (showingSecret ? [("secret", .string(secret.text))] : [])))
    }
}
