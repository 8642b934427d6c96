import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

private let mirrorSecret = "signing-secret-of-a-test"

@Suite struct `A mirrored shop` {
    /// A server that mirrors a store.
    private struct Mirrored {
        let shop: MerchantShop
        let key: String

        func command(_ arguments: String...) async throws -> Pesanan.Outcome {
            try Pesanan.run(
                ["mirror"] + arguments + ["--store", shop.storeID.text, "--data", shop.server.server.folder.path("data")],
                environment: try await shop.server.environment)
        }

        func send(_ body: [UInt8], signedWith secret: String? = mirrorSecret, to storeID: StoreID? = nil) throws -> HTTPAnswer {
            let fields = secret.map { [(WebhookSignature.header, WebhookSignature.header(for: body, secret: $0))] } ?? []
            return try shop.server.server.send(
                "POST", "/v3/stores/\(storeID ?? shop.storeID)/webhooks/scalev", bytes: body, fields)
        }

        /// Sends an event about an order.
        func send(_ event: String, _ id: String, at time: String, number: String = "S-1", _ data: [(String, JSON)] = []) throws
            -> HTTPAnswer
        {
            let base: [(String, JSON)] = [("order_id", .string(number)), ("last_updated_at", .string(time))]
            return try send(
                ([
                    "event": .string(event), "unique_id": .string(id), "timestamp": .string(time),
                    "data": .object(JSONObject(data + base)),
                ] as JSON).encoded)
        }

        func order(_ name: String = "S-1") throws -> HTTPAnswer { try shop.server.server.ask("/v3/orders/\(name)", token: key) }
    }

    private static let created: [(String, JSON)] = [
        ("id", 4711), ("secret_slug", "mirrored-slug-of-a-test-order"), ("status", "pending"), ("payment_status", "unpaid"),
        ("payment_method", "bank_transfer"), ("product_price", 85000), ("gross_revenue", "97000.00"), ("shipping_cost", 12000),
        ("created_at", "2026-11-01T00:00:00Z"), ("pending_time", "2026-11-01T00:00:00Z"), ("customer_id", 77), ("business", [:]),
        ("store", ["name": "Toko"]), ("destination_address", ["name": "Wayan", "phone": "62811", "email": "wayan@example.com"]),
        ("orderlines", [["quantity": 1, "product_name": "Kopi", "variant_price": 85000, "product_price": 85000]]),
    ]

    private func mirrored(_ kind: TestServer.Kind) async throws -> Mirrored {
        let shop = try await MerchantShop(kind)
        let mirrored = Mirrored(shop: shop, key: try await shop.newKey())
        let secretFile = shop.server.server.folder.path("secret")
        try Data((mirrorSecret + "\n").utf8).write(to: URL(filePath: secretFile))
        let enabled = try await mirrored.command("enable", "--secret-file", secretFile)
        #expect(enabled.status == 0, "\(enabled.errors)")
        return mirrored
    }

    /// All that happens to one of many orders.
    private static func webhooks(ofOrder order: Int) -> [[UInt8]] {
        let number = "S-\(order)"
        let day = { (day: Int) in "2026-11-0\(day)T00:00:00Z" }
        let whole = created.filter { !["id", "secret_slug", "status", "payment_status"].contains($0.0) }
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
        let header = WebhookSignature.header(for: body, secret: mirrorSecret)
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
        let mirror = try await mirrored(kind)
        // The parts of an order wait for it.
        let shipped: [(String, JSON)] = [("status", "shipped"), ("shipped_time", "2026-11-03T00:00:00Z")]
        #expect(try mirror.send("order.status_changed", "event_3", at: "2026-11-03T00:00:00Z", shipped).status == 200)
        #expect(try mirror.order().status == 404)
        #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", Self.created).status == 200)
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
        #expect(try mirror.send("order.updated", "event_8", at: back, Self.created).status == 200)
        #expect(try mirror.shop.server.server.ask(path, token: buyer).status == 200)
        let status = try await mirror.command("status").output
        #expect(status.contains("pending     0") && status.contains("failed      0"), "\(status)")
        let log = try await mirror.shop.server.server.log()
        for word in [mirrorSecret, "wayan", "Wayan", "mirrored-slug"] { #expect(!log.contains(word), "\(word)") }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has the same orders from webhooks that come at once as from one after the other`(kind: TestServer.Kind) async throws {
        let (mirror, other) = (try await mirrored(kind), try await mirrored(kind))
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
        let mirror = try await mirrored(kind)
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
        let mirror = try await mirrored(kind)
        func sendAll() throws {
            #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", Self.created).status == 200)
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
        let mirror = try await mirrored(kind)
        #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", Self.created).status == 200)
        let gone: [(String, JSON)] = Self.created.map {
            ($0.0, $0.0 == "id" ? 4712 : $0.0 == "secret_slug" ? "other-slug" : $0.1)
        }
        #expect(try mirror.send("order.created", "event_2", at: "2026-11-01T00:00:00Z", number: "S-2", gone).status == 200)
        #expect(try mirror.shop.send("POST", "/v3/orders/delete", ["ids": ["S-2"]], mirror.key).status == 200)
        let forgotten = try Pesanan.run(
            ["customer", "forget", "wayan@example.com", "--data", mirror.shop.server.server.folder.path("data")],
            environment: try await mirror.shop.server.environment)
        #expect(forgotten.output.contains("2 orders kept"), "\(forgotten.output)\(forgotten.errors)")
        let later = Timestamp.now.adding(seconds: 60).description
        #expect(try mirror.send("order.updated", "event_3", at: later, Self.created).status == 200)
        #expect(try mirror.send("order.updated", "event_4", at: later, number: "S-2", gone).status == 200)
        let byID: JSON = [
            "event": "order.updated", "unique_id": "event_5", "timestamp": .string(later),
            "data": .object(JSONObject(Self.created + [("last_updated_at", .string(later))])),
        ]
        #expect(try mirror.send(byID.encoded).status == 200)
        let kept = try mirror.order().json
        #expect(kept["status"] == "pending" && kept["destination_address"] == nil && kept["customer"] == ["id": 77], "\(kept)")
        #expect(try mirror.order("S-2").status == 404)
        #expect(try mirror.shop.server.server.ask("/v3/customers/77", token: mirror.key).json["name"] == .null)
        #expect(try await mirror.command("status").output.contains("pending     0"))
    }

    @Test func `keeps its own deletions, finds the orders it means, and outlives odd numbers`() async throws {
        let mirror = try await mirrored(.embedded)
        let known = Self.created.filter { $0.0 != "id" && $0.0 != "secret_slug" }
        #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", Self.created).status == 200)
        #expect(try mirror.shop.send("POST", "/v3/orders/delete", ["ids": ["S-1"]], mirror.key).status == 200)
        #expect(try mirror.send("order.epayment_created", "event_2", at: "2026-11-02T00:00:00Z", Self.created).status == 200)
        #expect(try mirror.order().status == 404)
        let later = Timestamp.now.adding(seconds: 60).description
        #expect(try mirror.send("order.updated", "event_3", at: later, Self.created).status == 200)
        #expect(try mirror.order().status == 200)

        // An order that was imported with its integer id, and one of ours whose number another order has as its id.
        let imported = try #require(
            try Fixture.orders().first {
                if case .number = $0["id"] { try MerchantOrder($0).storeID == mirror.shop.storeID } else { false }
            })
        let number = imported.text("order_id")
        let notes: [(String, JSON)] = [("id", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b"), ("notes", "Dari sana")]
        #expect(try mirror.send("order.status_changed", "event_4", at: later, number: number, notes).status == 200)
        #expect(try mirror.order(number).json["notes"] == "Dari sana")
        let own = try mirror.shop.create(mirror.shop.newOrder([("order_id", "55555")]), mirror.key).json
        #expect(try mirror.send("order.created", "event_5", at: later, number: "N-1", known + [("id", 55555)]).status == 200)
        #expect(try mirror.order(own.text("id")).json == own && mirror.order("N-1").status == 200)

        // Totals that are not those of the lines change by as much as their parts.
        let lines: JSON = [
            ["quantity": 9_223_372_036_854_775_807, "product_name": "Kopi", "variant_price": 0, "product_price": 0]
        ]
        let odd = known.map { $0.0 == "orderlines" ? ($0.0, lines) : $0 }
        #expect(try mirror.send("order.created", "event_6", at: later, number: "S-6", odd).status == 200)
        let changed = try mirror.shop.send("PATCH", "/v3/orders/S-6", ["shipping_cost": 13000], mirror.key)
        #expect(changed.json["gross_revenue"] == "98000.00" && changed.json["product_price"] == 85000, "\(changed.text)")
        let wrong = try mirror.shop.send("PATCH", "/v3/orders/S-6", ["shipping_cost": 0, "gross_revenue": 1], mirror.key)
        #expect(wrong.status == 400 && wrong.json["errors"]?["gross_revenue"] != nil)

        // Many lines of other products.
        let many = { (name: String) in
            JSON.array((0..<6000).map { ["quantity": 1, "product_name": .string("\(name)\($0)"), "variant_price": 1] })
        }
        for (event, name) in [("event_7", "a"), ("event_8", "b")] {
            let data = known.map { $0.0 == "orderlines" ? ($0.0, many(name)) : $0 }
            let time = Timestamp.now.adding(seconds: name == "a" ? 100 : 200).description
            #expect(try mirror.send("order.updated", event, at: time, number: "S-7", data).status == 200)
            #expect(try mirror.shop.send("PATCH", "/v3/orders/S-7", ["notes": .string(name)], mirror.key).status == 200)
        }
    }

    @Test func `takes only what is signed, and keeps what it can't use`() async throws {
        let mirror = try await mirrored(.embedded)
        let event: JSON = ["event": "order.created", "unique_id": "event_1", "data": .object(JSONObject(Self.created))]
        for secret in [nil, "another-secret"] {
            let refused = try mirror.send(event.encoded, signedWith: secret)
            #expect(refused.status == 401 && refused.errorCode == "invalid_signature")
        }
        // The same JSON in other bytes is not what was signed.
        let spaced = Array(" ".utf8) + event.encoded
        let header = WebhookSignature.header(for: event.encoded, secret: mirrorSecret)
        let path = "/v3/stores/\(mirror.shop.storeID)/webhooks/scalev"
        #expect(
            try mirror.shop.server.server.send("POST", path, bytes: spaced, [(WebhookSignature.header, header)]).status == 401)
        #expect(
            try mirror.shop.server.server.send("POST", path, bytes: event.encoded, [(WebhookSignature.header, "%%%")]).status
                == 401)
        #expect(try mirror.send(event.encoded, to: mirror.shop.otherStoreID).errorCode == "not_mirrored")
        #expect(try mirror.send(event.encoded, to: StoreID("store_nobody")!).errorCode == "not_mirrored")
        // Tests come unsigned, and do nothing.
        for body in ["", "{\"event\":\"business.test_event\",\"timestamp\":\"2026-11-01T00:00:00Z\",\"data\":{}}"] {
            #expect(try mirror.send(Array(body.utf8), signedWith: nil).status == 200)
        }
        let huge = try mirror.send(Array(repeating: 0x20, count: 20 << 20))
        #expect(huge.status == 413)

        #expect(try mirror.send(Array("nonsense".utf8)).status == 200)
        #expect(try mirror.send(event.encoded).status == 200)
        let orphan: JSON = [
            "event": "order.status_changed", "unique_id": "event_2",
            "data": ["id": 4712, "status": "shipped", "last_updated_at": "2026-11-01T00:00:00Z"],
        ]
        #expect(try mirror.send(orphan.encoded).status == 200)
        let nameless = Self.created.filter { $0.0 != "customer_id" && $0.0 != "id" }
        #expect(try mirror.send("order.created", "event_3", at: "2026-11-01T00:00:00Z", number: "S-3", nameless).status == 200)
        let failed = try await mirror.command("failed").output
        for words in ["webhook", "is not JSON", "data.last_updated_at", "data.id is that of no order", "order S-3", "customer"] {
            #expect(failed.contains(words), "\(words): \(failed)")
        }
        #expect(!failed.contains("wayan") && !failed.contains("nonsense"))

        // Once the order has come, what waited for it can be used.
        let known = Self.created.filter { $0.0 != "id" && $0.0 != "secret_slug" }
        #expect(
            try mirror.send(
                "order.created", "event_4", at: "2026-10-01T00:00:00Z", number: "S-4", known + [("id", 4712)]
            ).status == 200)
        #expect(try mirror.order("S-4").json["status"] == "pending")
        #expect(
            try mirror.send("order.updated", "event_5", at: "2026-12-01T00:00:00Z", number: "S-3", known + [("id", 4713)]).status
                == 200)
        #expect(try mirror.order("S-3").status == 200)
        let retried = try await mirror.command("retry")
        #expect(retried.status == 0 && retried.output.contains("still can't be used"), "\(retried.errors)")
        #expect(try mirror.order("S-4").json["status"] == "shipped")

        #expect(try await mirror.command("disable").status == 0)
        #expect(try mirror.send(event.encoded).errorCode == "not_mirrored")
        #expect(try await mirror.command("status").status == 1)
        let short = mirror.shop.server.server.folder.path("short")
        try Data("x".utf8).write(to: URL(filePath: short))
        for file in [short, short + ".not-there"] {
            let refused = try await mirror.command("enable", "--secret-file", file)
            #expect(refused.status == 1 && !refused.errors.isEmpty)
        }
    }
}
