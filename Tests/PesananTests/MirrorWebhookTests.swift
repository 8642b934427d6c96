import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A mirrored shop` {
    /// All that happens to one of many orders.
    private static func webhooks(ofOrder order: Int) -> [[UInt8]] {
        let number = "S-\(order)"
        let day = { (day: Int) in "2026-11-0\(day)T00:00:00Z" }
        let whole = MirroredShop.created.filter { !["id", "secret_slug", "status", "payment_status"].contains($0.0) }
        let steps: [(String, [(String, JSON)])] = [
            ("order.created", whole + [("status", "pending"), ("payment_status", "unpaid")]),
            ("order.status_changed", [("status", "confirmed"), ("confirmed_time", .string(day(2)))]),
            ("order.payment_status_changed", [("payment_status", "paid"), ("paid_time", .string(day(3)))]),
            ("order.updated", whole + [("status", "ready"), ("payment_status", "paid"), ("notes", .string(number))]),
            ("order.status_changed", [("status", "shipped"), ("shipped_time", .string(day(5)))]),
        ]
        return steps.enumerated().map { step, event in
            let base: [(String, JSON)] = [
                ("id", .string("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f00\(order + 10)")), ("order_id", .string(number)),
                ("secret_slug", .string("slug-of-mirrored-order-\(order)")), ("last_updated_at", .string(day(step + 1))),
            ]
            let webhook: JSON = [
                "event": .string(event.0), "unique_id": .string("event_\(order)_\(step)"),
                "data": .object(JSONObject(base + event.1)),
            ]
            return webhook.encoded
        }
    }

    /// Sends webhooks on threads of their own, because that blocks, and returns the statuses of the answers.
    private static func send(_ bodies: [[UInt8]], to port: Int, _ storeID: StoreID, threads: Int) async -> [Int?] {
        await withTaskGroup(of: [Int?].self) { group in
            for thread in 0..<threads {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        Thread.detachNewThread {
                            let own = stride(from: thread, to: bodies.count, by: threads).map { bodies[$0] }
                            continuation.resume(returning: own.map { try? send($0, to: port, storeID) })
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func send(_ body: [UInt8], to port: Int, _ storeID: StoreID) throws -> Int {
        let connection = try RawConnection(port: port)
        let header = WebhookSignature.header(for: body, secret: MirroredShop.secret)
        try connection.write(
            Array(
                """
                POST /v3/stores/\(storeID)/webhooks/scalev HTTP/1.1\r\nHost: a\r
                \(WebhookSignature.header): \(header)\r\nContent-Length: \(body.count)\r\n\r\n
                """.utf8) + body)
        return try connection.answer().status
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has each order as its events say it, in whatever order they come`(kind: TestServer.Kind) async throws {
        let mirror = try await MirroredShop(kind)
        // The parts of an order wait for it.
        let shipped: [(String, JSON)] = [("status", "shipped"), ("shipped_time", "2026-11-03T00:00:00Z")]
        #expect(try mirror.send("order.status_changed", "event_3", at: "2026-11-03T00:00:00Z", shipped).status == 200)
        #expect(try mirror.order().status == 404)
        #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", MirroredShop.created).status == 200)
        let order = try mirror.order()
        let failures = try await mirror.command("failed").output
        #expect(order.status == 200, "\(order.text) \(failures)")
        #expect(order.json["status"] == "shipped" && order.json["gross_revenue"] == "97000.00")
        let paid: [(String, JSON)] = [
            ("payment_status", "paid"), ("paid_time", "2026-11-02T00:00:00Z"), ("transferproof_url", ""),
        ]
        for _ in 0..<2 {
            #expect(try mirror.send("order.payment_status_changed", "event_2", at: "2026-11-02T00:00:00Z", paid).status == 200)
        }
        let path = "/v3/stores/\(mirror.shop.storeID)/customers/me/orders/4711"
        let buyer = try await mirror.shop.token(of: "wayan@example.com")
        let seen = try mirror.shop.server.server.ask(path, token: buyer)
        #expect(seen.status == 200, "\(seen.text)")
        #expect(seen.json["status"] == "shipped" && seen.json["payment_status"] == "paid" && seen.json["order_id"] == "S-1")
        #expect(JSONSchema(try Fixture.schema()).violations(of: seen.json) == [])
        guard case .array(let history)? = seen.json["status_history"] else { return }
        #expect(history.map { $0["status"] } == ["pending", "shipped"])
        let events = try mirror.shop.server.server.ask("/v3/orders/S-1/events", token: mirror.key).json
        guard case .array(let list)? = events["data"] else { return }
        #expect(list.map { $0["actor"] } == ["mirror", "mirror"] && list.last?["payment_status"]?["to"] == "paid")

        // What is changed here stays until the other side says something newer of it.
        #expect(try mirror.shop.move(mirror.key, ["ids": ["S-1"], "status": "completed"]).status == 200)
        #expect(
            try mirror.send("order.status_changed", "event_4", at: "2026-11-04T00:00:00Z", [("notes", "Terima kasih")]).status
                == 200)
        #expect(try mirror.order().json["status"] == "completed" && mirror.order().json["notes"] == "Terima kasih")
        let later = Timestamp.now.adding(seconds: 60).description
        #expect(
            try mirror.send("order.status_changed", "event_5", at: later, [("status", "rts"), ("rts_time", .string(later))])
                .status == 200)
        #expect(try mirror.shop.server.server.ask(path, token: buyer).json["status"] == "rts")

        let gone = Timestamp.now.adding(seconds: 120).description
        #expect(try mirror.send("order.deleted", "event_6", at: gone).status == 200)
        #expect(try mirror.shop.server.server.ask(path, token: buyer).status == 404)
        #expect(try mirror.send("order.status_changed", "event_7", at: later, shipped).status == 200)
        #expect(try mirror.order().status == 404)
        let back = Timestamp.now.adding(seconds: 180).description
        #expect(try mirror.send("order.updated", "event_8", at: back, MirroredShop.created).status == 200)
        #expect(try mirror.shop.server.server.ask(path, token: buyer).status == 200)
        let status = try await mirror.command("status").output
        #expect(status.contains("pending     0") && status.contains("failed      0"), "\(status)")
        let log = try await mirror.shop.server.server.log()
        for word in [MirroredShop.secret, "wayan", "Wayan", "mirrored-slug"] { #expect(!log.contains(word), "\(word)") }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has the same orders from webhooks that come at once as from one after the other`(kind: TestServer.Kind) async throws {
        let (mirror, other) = (try await MirroredShop(kind), try await MirroredShop(kind))
        var webhooks = (0..<40).flatMap(Self.webhooks(ofOrder:))
        for webhook in webhooks { #expect(try other.send(webhook).status == 200) }
        var generator = SeededGenerator(seed: 200)
        webhooks.shuffle(using: &generator)
        // Some come twice.
        webhooks += webhooks.prefix(20)
        webhooks.shuffle(using: &generator)
        let statuses = await Self.send(webhooks, to: mirror.shop.server.server.port, mirror.shop.storeID, threads: 20)
        #expect(statuses == Array(repeating: 200, count: webhooks.count))
        let status = try await mirror.command("status").output
        #expect(status.contains("pending     0") && status.contains("failed      0"), "\(status)")
        for order in 0..<40 {
            let one = try mirror.order("S-\(order)")
            #expect(try one.status == 200 && one.json == other.order("S-\(order)").json, "\(order)")
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has an order that was imported before as its first event says it`(kind: TestServer.Kind) async throws {
        let mirror = try await MirroredShop(kind)
        let orders = try Fixture.orders().filter {
            try MerchantOrder($0).storeID == mirror.shop.storeID && $0["status"] == "confirmed"
        }
        let order = try #require(orders.first)
        let number = order.text("order_id")
        let time = Timestamp.now.description
        let ready: [(String, JSON)] = [("status", "ready"), ("ready_time", .string(time))]
        #expect(try mirror.send("order.status_changed", "event_1", at: time, number: number, ready).status == 200)
        let moved = try mirror.order(number).json
        #expect(
            moved["status"] == "ready" && moved["orderlines"] == order["orderlines"] && moved["advertiser"] == order["advertiser"]
        )
        let buyer = try await mirror.shop.server.server.token(for: order)
        #expect(try mirror.shop.server.server.ask(order.orderPath, token: buyer).json["status"] == "ready")
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `stays as it is if its events come again after they were forgotten`(kind: TestServer.Kind) async throws {
        let mirror = try await MirroredShop(kind)
        func sendAll() throws {
            #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", MirroredShop.created).status == 200)
            let shipped: [(String, JSON)] = [("status", "shipped"), ("shipped_time", "2026-11-03T00:00:00Z")]
            #expect(try mirror.send("order.status_changed", "event_2", at: "2026-11-03T00:00:00Z", shipped).status == 200)
        }
        try sendAll()
        #expect(try mirror.shop.move(mirror.key, ["ids": ["S-1"], "status": "completed"]).status == 200)
        let before = try mirror.order()
        let events = { try mirror.shop.server.server.ask("/v3/orders/S-1/events", token: mirror.key).text }
        let happened = try events()
        for days in [1, 40] {
            try await mirror.shop.storage.removeExpired(at: Timestamp.now.adding(seconds: Int64(days) * 86_400 + 60))
            try sendAll()
            #expect(try mirror.order().comparable == before.comparable)
            #expect(try events() == happened)
        }
        let status = try await mirror.command("status").output
        #expect(status.contains("pending     0") && status.contains("failed      0"), "\(status)")
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `takes nothing more of the orders of who was forgotten`(kind: TestServer.Kind) async throws {
        let mirror = try await MirroredShop(kind)
        #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", MirroredShop.created).status == 200)
        let gone: [(String, JSON)] = MirroredShop.created.map {
            ($0.0, $0.0 == "id" ? 4712 : $0.0 == "secret_slug" ? "other-slug" : $0.1)
        }
        #expect(try mirror.send("order.created", "event_2", at: "2026-11-01T00:00:00Z", number: "S-2", gone).status == 200)
        #expect(try mirror.shop.send("POST", "/v3/orders/delete", ["ids": ["S-2"]], mirror.key).status == 200)
        let forgotten = try Pesanan.run(
            ["customer", "forget", "wayan@example.com", "--data", mirror.shop.server.server.folder.path("data")],
            environment: try await mirror.shop.server.environment)
        #expect(forgotten.output.contains("2 orders kept"), "\(forgotten.output)\(forgotten.errors)")
        let later = Timestamp.now.adding(seconds: 60).description
        #expect(try mirror.send("order.updated", "event_3", at: later, MirroredShop.created).status == 200)
        #expect(try mirror.send("order.updated", "event_4", at: later, number: "S-2", gone).status == 200)
        let byID: JSON = [
            "event": "order.updated", "unique_id": "event_5", "timestamp": .string(later),
            "data": .object(JSONObject(MirroredShop.created + [("last_updated_at", .string(later))])),
        ]
        #expect(try mirror.send(byID.encoded).status == 200)
        let kept = try mirror.order().json
        #expect(kept["status"] == "pending" && kept["destination_address"] == nil && kept["customer"] == ["id": 77], "\(kept)")
        #expect(try mirror.order("S-2").status == 404)
        #expect(try mirror.shop.server.server.ask("/v3/customers/77", token: mirror.key).json["name"] == .null)
        #expect(try await mirror.command("status").output.contains("pending     0"))
    }
}
