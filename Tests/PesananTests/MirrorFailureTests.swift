import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A mirror` {
    @Test func `keeps its own deletions, finds the orders it means, and outlives odd numbers`() async throws {
        let mirror = try await MirroredShop(.embedded)
        let known = MirroredShop.created.filter { $0.0 != "id" && $0.0 != "secret_slug" }
        #expect(try mirror.send("order.created", "event_1", at: "2026-11-01T00:00:00Z", MirroredShop.created).status == 200)
        #expect(try mirror.shop.send("POST", "/v3/orders/delete", ["ids": ["S-1"]], mirror.key).status == 200)
        #expect(
            try mirror.send("order.epayment_created", "event_2", at: "2026-11-02T00:00:00Z", MirroredShop.created).status == 200)
        #expect(try mirror.order().status == 404)
        let later = Timestamp.now.adding(seconds: 60).description
        #expect(try mirror.send("order.updated", "event_3", at: later, MirroredShop.created).status == 200)
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
        let mirror = try await MirroredShop(.embedded)
        let event: JSON = ["event": "order.created", "unique_id": "event_1", "data": .object(JSONObject(MirroredShop.created))]
        for secret in [nil, "another-secret"] {
            let refused = try mirror.send(event.encoded, signedWith: secret)
            #expect(refused.status == 401 && refused.errorCode == "invalid_signature")
        }
        // The same JSON in other bytes is not what was signed.
        let spaced = Array(" ".utf8) + event.encoded
        let header = WebhookSignature.header(for: event.encoded, secret: MirroredShop.secret)
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
        let nameless = MirroredShop.created.filter { $0.0 != "customer_id" && $0.0 != "id" }
        #expect(try mirror.send("order.created", "event_3", at: "2026-11-01T00:00:00Z", number: "S-3", nameless).status == 200)
        let failed = try await mirror.command("failed").output
        for words in ["webhook", "is not JSON", "data.last_updated_at", "data.id is that of no order", "order S-3", "customer"] {
            #expect(failed.contains(words), "\(words): \(failed)")
        }
        #expect(!failed.contains("wayan") && !failed.contains("nonsense"))

        // Once the order has come, what waited for it can be used.
        let known = MirroredShop.created.filter { $0.0 != "id" && $0.0 != "secret_slug" }
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
