import JSON
import Testing

@testable import Orders

@Suite struct `The body of a webhook` {
    private func body(_ changes: [(String, JSON?)] = [], data: [(String, JSON?)] = []) -> JSON {
        func changed(_ members: [(String, JSON)], _ changes: [(String, JSON?)]) -> JSON {
            let kept = members.filter { member in !changes.contains { $0.0 == member.0 } }
            return .object(JSONObject(kept + changes.compactMap { name, value in value.map { (name, $0) } }))
        }
        let order = changed(
            [
                ("id", "019b7635-f000-7a05-8b05-000000000005"), ("order_id", "260501ABC"),
                ("last_updated_at", "2026-05-01T10:00:00.25+07:00"),
            ], data)
        return changed(
            [
                ("event", "order.updated"), ("unique_id", "event_abcdefghijklmnopqrstuvwx"),
                ("timestamp", "2026-05-01T03:00:01.000002Z"), ("data", order),
            ], changes)
    }

    private func event(_ changes: [(String, JSON?)] = [], data: [(String, JSON?)] = []) throws -> ScalevEvent {
        guard case .event(let event) = ScalevWebhook(body(changes, data: data).encoded) else {
            throw Refusal("", "is no event")
        }
        return event
    }

    @Test func `has the event, its order and its times`() throws {
        let event = try event([("status", "closed"), ("order_id", "beside the data")])
        #expect(event.uniqueID == "event_abcdefghijklmnopqrstuvwx" && event.kind == .updated)
        #expect(event.timestamp == Timestamp("2026-05-01T03:00:01.000002Z"))
        #expect(event.reference == .id(OrderID("019b7635-f000-7a05-8b05-000000000005")!))
        #expect(event.orderID == "260501ABC" && event.lastUpdatedAt == Timestamp("2026-05-01T03:00:00.25Z"))
        #expect(event.data == body()["data"])
    }

    @Test(arguments: [
        ("order.created", true), ("order.updated", true), ("order.epayment_created", true), ("order.spam_created", true),
        ("order.deleted", false), ("order.status_changed", false), ("order.payment_status_changed", false),
    ])
    func `has a whole order or a part, by its kind`(name: String, isComplete: Bool) throws {
        let kind = try event([("event", .string(name))]).kind
        #expect(kind.rawValue == name && kind.isComplete == isComplete)
    }

    @Test(arguments: [
        "", " \r\n\t", #"{"event":"business.test_event","timestamp":"2026-05-01T03:00:00Z","data":{}}"#,
        #"{"event":"business.test_event","unique_id":"event_1","data":{}}"#, #"{"event":"business.test_event"}"#,
    ])
    func `of a test is one, with or without a unique_id`(text: String) {
        #expect(ScalevWebhook(Array(text.utf8)) == .test)
    }

    @Test(arguments: ["checkout_intent.abandoned", "checkout_intent.completed", "order.paid", "ORDER.CREATED", "x-1"])
    func `of another kind is ignored, whatever its data`(name: String) {
        let ignored = ScalevWebhook.ignored(event: name)
        #expect(ScalevWebhook(body([("event", .string(name)), ("unique_id", nil), ("data", nil)]).encoded) == ignored)
    }

    @Test func `names an order by its earlier integer, or by its number alone`() throws {
        let legacy = OrderReference.legacy(LegacyOrderID(Int64(70_155))!)
        #expect(try event(data: [("id", 70155)]).reference == legacy)
        #expect(try event(data: [("id", "70155")]).reference == legacy)
        #expect(try event(data: [("id", "70155"), ("order_id", nil)]).orderID == nil)
        for id in [nil, .null, "", "abc", .number("1.5"), -1, true] as [JSON?] {
            let event = try event(data: [("id", id), ("order_id", 260501)])
            #expect(event.reference == nil && event.orderID == "260501")
        }
    }

    @Test func `without the order's last_updated_at has the envelope's time`() throws {
        for missing in [nil, .null, ""] as [JSON?] {
            #expect(
                try event(data: [("last_updated_at", missing)]).lastUpdatedAt == Timestamp("2026-05-01T03:00:01.000002Z"))
        }
        #expect(try event([("timestamp", "yesterday")]).timestamp == nil)
    }

    @Test func `that can't be used names the field and no value`() {
        let long = JSON.string(String(repeating: "x", count: 256))
        let cases: [(JSON, String)] = [
            ([], "is not a JSON object"), (body([("event", nil)]), "event is required"),
            (body([("event", "")]), "event is required"), (body([("event", 7)]), "event is not text"),
            (body([("event", "secret words\n")]), "event is not the name of an event"),
            (body([("event", long)]), "event is not the name of an event"),
            (body([("unique_id", nil)]), "unique_id is required"), (body([("unique_id", [1])]), "unique_id is not text"),
            (body([("unique_id", long)]), "unique_id is longer than 255 bytes or holds something else than visible ASCII"),
            (body([("unique_id", "é")]), "unique_id is longer than 255 bytes or holds something else than visible ASCII"),
            (body([("data", nil)]), "data is required"), (body([("data", .null)]), "data is required"),
            (body([("data", [])]), "data is not an object"), (body([("data", "secret")]), "data is not an object"),
            (body(data: [("id", nil), ("order_id", nil)]), "data.order_id and data.id name no order"),
            (body(data: [("id", "secret"), ("order_id", ["secret"])]), "data.order_id and data.id name no order"),
            (body(data: [("order_id", long)]), "data.order_id is longer than 255 bytes or holds a control character"),
            (body(data: [("order_id", "a\0b")]), "data.order_id is longer than 255 bytes or holds a control character"),
            (
                body([("timestamp", nil)], data: [("last_updated_at", nil)]), "data.last_updated_at is required"
            ),
            (
                body(data: [("last_updated_at", "2026-05-01 10:00")]),
                "data.last_updated_at is not a time with its offset from UTC (RFC 3339)"
            ),
            (
                body(data: [("last_updated_at", 1_777_600_000)]),
                "data.last_updated_at is not a time with its offset from UTC (RFC 3339)"
            ),
        ]
        for (body, reason) in cases { #expect(ScalevWebhook(body.encoded) == .unusable(reason: reason)) }
    }

    @Test func `that is not JSON says where, and repeats nothing of it`() {
        let texts = [
            "secret", "{", #"{"event":"secret"#, "event=secret&data=1", #"{"event":"secret","event":"secret"}"#, "\0",
            "{} secret",
            String(repeating: "[", count: 100_000), "\u{FEFF}{}",
        ]
        for body in texts.map({ Array($0.utf8) }) + [Array("{\"secret\":\"".utf8) + [0xFF, 0xFE] + Array("\"}".utf8)] {
            guard case .unusable(let reason) = ScalevWebhook(body) else {
                Issue.record("was taken for an event")
                continue
            }
            #expect(reason.hasPrefix("is not JSON: ") && !reason.contains("secret") && reason.utf8.count < 100)
        }
    }

    @Test func `may be large, but only as deep as the order can be stored`() throws {
        let many = (0..<500).map { ("field_\($0)", JSON.string(String(repeating: "x", count: 500)) as JSON?) }
        var mirror = MirroredOrder()
        mirror.merge(try event(data: many))
        #expect(MirroredOrder(try JSON(parsing: mirror.json.encoded)) == mirror)
        func nested(_ levels: Int) -> JSON { (0..<levels).reduce(1) { inner, _ in [inner] } }
        mirror.merge(try event(data: [("metadata", nested(55))]))
        #expect(MirroredOrder(try JSON(parsing: mirror.json.encoded)) == mirror)
        #expect(
            ScalevWebhook(body(data: [("metadata", nested(56))]).encoded)
                == .unusable(reason: "data is nested deeper than 56 levels"))
    }
}
