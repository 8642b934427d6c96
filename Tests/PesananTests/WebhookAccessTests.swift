import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `Webhook routes` {
    private static func body(_ shop: MerchantShop, _ changes: [(String, JSON)] = []) -> JSON {
        let base: [(String, JSON)] = [
            ("store_unique_id", .string(shop.storeID.text)), ("url", "https://shop.example/hooks"), ("events", ["*"]),
        ]
        return .object(
            JSONObject(
                base.map { field in changes.first { $0.0 == field.0 } ?? field }
                    + changes.filter { change in !base.contains { $0.0 == change.0 } }))
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `are for the store's keys with their scope, and say nothing of another store`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let other = try await shop.newKey(store: shop.otherStoreID)
        let reader = try await shop.newKey("--scopes", "webhook:read")
        let orders = try await shop.newKey("--scopes", "order:read")
        let endpoints = "/v3/webhook-endpoints"
        let added = try shop.send("POST", endpoints, Self.body(shop), key).json
        let path = "\(endpoints)/\(added.text("id"))"
        for (token, status) in [(nil, 401), ("sk_wrong", 401), (orders, 403)] {
            for route in [endpoints, path, "/v3/webhook-deliveries", "/v3/webhook-deliveries/x", "/v3/webhook-events"] {
                #expect(try shop.server.server.ask(route, token: token).status == status, "\(route)")
            }
        }
        for (method, route) in [
            ("POST", endpoints), ("PATCH", path), ("DELETE", path), ("POST", path + "/test"), ("POST", path + "/rotate-secret"),
            ("POST", "/v3/webhook-deliveries/x/replay"), ("POST", "/v3/webhook-deliveries/replay"),
        ] {
            #expect(try shop.send(method, route, [:], reader).status == 403, "\(method) \(route)")
        }
        // The secret is shown once.
        let read = try shop.server.server.ask(path, token: reader)
        #expect(read.status == 200 && read.json["secret"] == nil && read.json["url"] == added["url"])
        #expect(!(try shop.server.server.ask(endpoints, token: key)).text.contains("whsec_"))
        #expect(!(try await shop.server.server.log()).contains("whsec_"))

        // The other store.
        #expect(try shop.server.server.ask(endpoints, token: other).json.array("data").isEmpty)
        for (method, route) in [
            ("GET", path), ("PATCH", path), ("DELETE", path), ("POST", path + "/test"), ("POST", path + "/rotate-secret"),
        ] {
            let answer = try shop.send(method, route, method == "GET" ? nil : [:], other)
            #expect(answer.status == 404 && answer.errorCode == "webhook_endpoint_not_found", "\(method) \(route) \(answer.text)")
        }
        #expect(try shop.send("POST", endpoints, Self.body(shop), other).errorCode == "store_not_found")
        let replay: JSON = ["endpoint_id": added["id"] ?? .null, "since": "2026-01-01T00:00:00Z"]
        #expect(try shop.send("POST", "/v3/webhook-deliveries/replay", replay, other).status == 404)
        #expect(try shop.server.server.ask(path, token: key).status == 200)
    }

    @Test func `refuse what can't be, field by field`() async throws {
        let shop = try await MerchantShop(.embedded)
        let key = try await shop.newKey()
        func refused(_ changes: [(String, JSON)], _ field: String) throws {
            let answer = try shop.send("POST", "/v3/webhook-endpoints", Self.body(shop, changes), key)
            #expect(answer.status == 400 && answer.json["errors"]?[field] != nil, "\(field): \(answer.text)")
        }
        for url in [
            "http://shop.example", "https://127.0.0.1/x", "https://localhost", "https://[::1]/", "https://169.254.169.254/latest",
            "https://u:p@shop.example", "x", "",
        ] {
            try refused([("url", .string(url))], "url")
        }
        for events in [[], ["order.paid"], ["*", "order.created"], [1], "order.created", .null] as [JSON] {
            try refused([("events", events)], "events")
        }
        try refused([("notice_email", "nobody")], "notice_email")
        try refused([("evnets", 1)], "evnets")
        try refused([("store_unique_id", .null)], "store_unique_id")

        let created = try shop.send("POST", "/v3/webhook-endpoints", Self.body(shop), key, ("Idempotency-Key", "k1"))
        let again = try shop.send("POST", "/v3/webhook-endpoints", Self.body(shop), key, ("Idempotency-Key", "k1"))
        #expect(created.status == 200 && created.body == again.body)
        let path = "/v3/webhook-endpoints/\(created.json.text("id"))"
        for overlap in [-1, 604_801, "x", .number("1.5")] as [JSON] {
            let answer = try shop.send("POST", path + "/rotate-secret", ["overlap_seconds": overlap], key)
            #expect(answer.status == 400 && answer.json["errors"]?["overlap_seconds"] != nil, "\(answer.text)")
        }
        #expect(try shop.send("POST", path + "/test", ["event": "order.lost"], key).status == 400)
        let tested = try shop.send("POST", path + "/test", ["event": "order.paid"], key)
        #expect(tested.status == 200 && tested.json["status"] == .null && tested.json["error"] != .null, "\(tested.text)")
        for query in ["status=lost", "endpoint_id=x", "queued_since=x", "next_cursor=x", "page_size=26", "foo=1"] {
            #expect(try shop.server.server.ask("/v3/webhook-deliveries?\(query)", token: key).status == 400, "\(query)")
        }
        for body in [[:], ["endpoint_id": "x", "since": "2026-01-01T00:00:00Z"]] as [JSON] {
            #expect(try shop.send("POST", "/v3/webhook-deliveries/replay", body, key).status == 400)
        }
        let backwards: JSON = [
            "endpoint_id": created.json["id"] ?? .null, "since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z",
        ]
        #expect(try shop.send("POST", "/v3/webhook-deliveries/replay", backwards, key).json["errors"]?["until"] != nil)
        #expect(try shop.send("PATCH", path, ["is_enabled": false], key).status == 200)
        let stopped: JSON = ["endpoint_id": created.json["id"] ?? .null, "since": "2026-01-01T00:00:00Z"]
        _ = try shop.create(shop.newOrder(), key)
        #expect(try shop.send("POST", "/v3/webhook-deliveries/replay", stopped, key).errorCode == "webhook_endpoint_stopped")
        for _ in 0..<15 { #expect(try shop.send("POST", "/v3/webhook-endpoints", Self.body(shop), key).status == 200) }
        #expect(try shop.send("POST", "/v3/webhook-endpoints", Self.body(shop), key).errorCode == "too_many_webhook_endpoints")
    }

    @Test func `bring a developer's machine what an endpoint gets`() async throws {
        let shop = try await MerchantShop(.embedded)
        let key = try await shop.newKey()
        let receiver = try WebhookReceiver()
        let folder = try TemporaryFolder()
        let secret = WebhookSecret()
        try Data(key.utf8).write(to: URL(filePath: folder.path("key")))
        try Data(secret.text.utf8).write(to: URL(filePath: folder.path("secret")))
        receiver.know(secret.text, as: "dev")
        let listening = Pesanan.process(
            "webhooks", "listen", "--server", "http://127.0.0.1:\(shop.server.server.port)", "--key-file",
            folder.path("key"), "--forward-to", receiver.url("/ok?dev"), "--secret-file", folder.path("secret"))
        let output = Pipe()
        listening.standardOutput = output
        try listening.run()
        defer { listening.terminate() }
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "Listening\n")
        let order = try shop.create(shop.newOrder(), key).json
        #expect(try shop.move(key, ["ids": [order["id"] ?? .null], "status": "shipped"]).status == 200)
        let received = try await receiver.webhooks(2)
        #expect(
            received.map { $0["number"] } == [1, 2] && received.allSatisfy { $0["standard"] == true && $0["scalev"] == true })
        #expect(received.last?["body"]?["data"]?["status"] == "shipped")

        let trigger = try Pesanan.run(
            "webhooks", "trigger", "order.paid", "--url", receiver.url("/ok?dev"), "--secret-file", folder.path("secret"))
        #expect(trigger.status == 0, "\(trigger.errors)")
        let example = try #require(try await receiver.webhooks(3).last)
        #expect(example["standard"] == true && example["body"]?["data"]?["payment_status"] == "paid")
        let nowhere = try Pesanan.run("webhooks", "trigger", "order.paid", "--url", "http://127.0.0.1:9/")
        #expect(nowhere.status != 0 && nowhere.errors.contains("can't be connected to"))
        let wrong = try Pesanan.run(
            "webhooks", "listen", "--server", "http://127.0.0.1:\(shop.server.server.port)", "--key-file", folder.path("secret"),
            "--forward-to", receiver.url("/ok"))
        #expect(wrong.status != 0 && wrong.errors.contains("refuses the key"), "\(wrong.errors)")
    }

    /// One installation mirrors another one by its webhooks.
    @Test func `are understood by another installation's mirror`() async throws {
        let source = try await MerchantShop(.embedded, ["--webhook-targets", "any"])
        let mirror = try await MerchantShop(.embedded)
        let key = try await source.newKey()
        let endpoint = try source.send(
            "POST", "/v3/webhook-endpoints",
            Self.body(
                source,
                [("url", .string("http://127.0.0.1:\(mirror.server.server.port)/v3/stores/\(mirror.storeID)/webhooks/scalev"))]),
            key)
        #expect(endpoint.status == 200, "\(endpoint.text)")
        let folder = try TemporaryFolder()
        try Data(endpoint.json.text("secret").utf8).write(to: URL(filePath: folder.path("secret")))
        let enabled = try Pesanan.run(
            "mirror", "enable", "--store", mirror.storeID.text, "--secret-file", folder.path("secret"), "--data",
            mirror.server.server.folder.path("data"))
        #expect(enabled.status == 0, "\(enabled.errors)")
        let order = try source.create(source.newOrder(), key).json
        #expect(try source.move(key, ["ids": [order["id"] ?? .null], "status": "shipped"]).status == 200)
        let reader = try await mirror.newKey()
        let name = order.text("order_id")
        let arrived = try await eventually {
            try mirror.server.server.ask("/v3/orders?order_id=\(name)", token: reader).json.array("data").first?["status"]
                == "shipped"
        }
        #expect(arrived)
    }
}
