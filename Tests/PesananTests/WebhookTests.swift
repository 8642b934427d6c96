import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import TestServer
import Testing

@Suite struct `Webhooks of a store` {
    /// A shop that may send webhooks to this machine, and an endpoint of it.
    private struct Wired {
        let shop: MerchantShop
        let key: String
        let receiver: WebhookReceiver

        init(_ kind: TestServer.Kind) async throws {
            shop = try await MerchantShop(kind, ["--webhook-targets", "any"])
            key = try await shop.newKey()
            receiver = try WebhookReceiver()
        }

        func add(_ path: String, events: JSON = ["*"], _ changes: [(String, JSON)] = []) throws -> JSON {
            let body: [(String, JSON)] = [
                ("store_unique_id", .string(shop.storeID.text)), ("url", .string(receiver.url(path))), ("events", events),
            ]
            let answer = try shop.send("POST", "/v3/webhook-endpoints", .object(JSONObject(body + changes)), key)
            #expect(answer.status == 200, "\(answer.text)")
            return answer.json
        }

        func ask(_ path: String) throws -> JSON { try shop.server.server.ask(path, token: key).json }

        func move(_ order: JSON, to status: String) throws {
            let moved = try shop.move(key, ["ids": [order["id"] ?? .null], "status": .string(status)])
            #expect(moved.status == 200, "\(moved.text)")
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `come once, in order, signed both ways, with the whole order`(kind: TestServer.Kind) async throws {
        let wired = try await Wired(kind)
        let endpoint = try wired.add("/ok?a")
        let secret = endpoint.text("secret")
        #expect(secret.hasPrefix("whsec_"))
        wired.receiver.know(secret, as: "a")
        let order = try wired.shop.create(wired.shop.newOrder([("notes", "<b>ya</b>")]), wired.key).json
        for status in ["confirmed", "shipped"] { try wired.move(order, to: status) }
        let received = try await wired.receiver.webhooks(3)
        #expect(received.map { $0.text("event") } == ["order.created", "order.status_changed", "order.status_changed"])
        #expect(received.map { $0["number"] } == [1, 2, 3])
        for webhook in received {
            #expect(webhook["standard"] == true && webhook["scalev"] == true)
            #expect(webhook["webhook_id"] == webhook["unique_id"] && webhook.text("unique_id").utf8.count == 30)
            let data = try #require(webhook["body"]?["data"])
            #expect(data["id"] == order["id"] && data["notes"] == "<b>ya</b>" && data["orderlines"] == order["orderlines"])
            #expect(data["customer"]?["email"] == "putu@example.com")
        }
        let last = try #require(received.last?["body"])
        #expect(last["status"] == ["from": "confirmed", "to": "shipped"] && last["payment_status"] == .null)
        #expect(
            last["data"] == (try wired.ask("/v3/orders/\(order.text("id"))"))
                && last["store_unique_id"] == endpoint["store_unique_id"])
        #expect(last["version"] == last["data_version"])

        #expect(try wired.shop.send("POST", "/v3/orders/delete", ["ids": [order["id"] ?? .null]], wired.key).status == 200)
        let gone = try #require(try await wired.receiver.webhooks(4).last)
        #expect(gone["event"] == "order.deleted")
        guard case .object(let rest)? = gone["body"]?["data"] else { return }
        #expect(
            Set(rest.members.map(\.name)) == ["id", "order_id", "created_at", "last_updated_at"] && rest["id"] == order["id"])

        // What was delivered is listed.
        _ = try await eventually { try wired.ask("/v3/webhook-deliveries?status=delivered").array("data").count == 4 }
        let page = try wired.ask("/v3/webhook-deliveries?page_size=3&endpoint_id=\(endpoint.text("id"))")
        let listed = page.array("data")
        #expect(listed.map { $0["number"] } == [4, 3, 2] && page["has_next"] == true)
        #expect(listed[0]["last_attempt"]?["status"] == 200 && listed[0]["last_attempt"]?["answer"] == "thanks\n")
        let rest2 = try wired.ask("/v3/webhook-deliveries?page_size=3&next_cursor=\(page.text("next_cursor"))")
        #expect(rest2.array("data").map { $0["number"] } == [1] && rest2["has_next"] == false)
        #expect(try wired.ask("/v3/webhook-deliveries/\(listed[0].text("id"))") == listed[0])

        // And sent once more, by its id or by its time.
        let again = try wired.shop.send("POST", "/v3/webhook-deliveries/\(listed[2].text("id"))/replay", nil, wired.key)
        #expect(again.status == 200 && again.json["status"] == "pending", "\(again.text)")
        let repeated = try #require(try await wired.receiver.webhooks(5).last)
        #expect(repeated["unique_id"] == received[1]["unique_id"] && repeated["standard"] == true)
        let span: JSON = ["endpoint_id": endpoint["id"] ?? .null, "since": received[0]["body"]?["timestamp"] ?? .null]
        let replayed = try wired.shop.send("POST", "/v3/webhook-deliveries/replay", span, wired.key)
        #expect(replayed.json == ["events": 4], "\(replayed.text)")
        let all = try await wired.receiver.webhooks(9)
        #expect(all.suffix(4).map { $0["number"] } == [1, 2, 3, 4])

        // By the command too.
        let data = wired.shop.server.server.folder.path("data")
        let environment = try await wired.shop.server.environment
        func run(_ arguments: String...) throws -> String {
            let outcome = try Pesanan.run(
                ["webhooks"] + arguments + ["--store", wired.shop.storeID.text, "--data", data], environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return outcome.output
        }
        #expect(try run("endpoints") == "\(endpoint.text("id"))  enabled  *  127.0.0.1\n")
        #expect(try run("deliveries", "--status", "delivered").split(separator: "\n").count == 9)
        #expect(try run("replay", listed[0].text("id")).hasPrefix("delivery "))
        #expect(try await wired.receiver.webhooks(10).count == 10)
        #expect(
            try run("trigger", "order.paid", "--endpoint", endpoint.text("id"), "--webhook-targets", "any").hasPrefix(
                "status 200 in "))
        #expect(try await wired.receiver.webhooks(11).last?["body"]?["payment_status"] == ["from": "unpaid", "to": "paid"])
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `are tried again, and hold up no other endpoint`(kind: TestServer.Kind) async throws {
        let wired = try await Wired(kind)
        for path in ["/flaky/1", "/silent", "/reset", "/endless", "/status/500", "/redirect"] { _ = try wired.add(path) }
        let deaf = try WebhookReceiver("--deaf")
        let body: JSON = ["store_unique_id": .string(wired.shop.storeID.text), "url": .string(deaf.url("/")), "events": ["*"]]
        #expect(try wired.shop.send("POST", "/v3/webhook-endpoints", body, wired.key).status == 200)
        let good = try wired.add("/ok", events: ["order.created"])
        var orders: [JSON] = []
        for _ in 0..<5 { orders.append(try wired.shop.create(wired.shop.newOrder(), wired.key).json) }
        let arrived = try await wired.receiver.webhooks(5, to: "/ok")
        #expect(Set(arrived.map { $0.text("order_id") }) == Set(orders.map { $0.text("id") }))
        // The first attempt of each fails, and the second comes some seconds later.
        let flaky = try await wired.receiver.webhooks(10, to: "/flaky/1")
        #expect(flaky.count == 10)
        #expect(try await wired.receiver.webhooks(5, to: "/endless").count == 5)
        #expect(wired.receiver.webhooks(to: "/ok").count == 5)
        // All that never answer properly, once those that are silent have had their time.
        var failing: [JSON] = []
        _ = try await eventually {
            failing = try wired.ask("/v3/webhook-endpoints").array("data").filter { $0["failing_since"] != .null }
            return failing.count == 5
        }
        #expect(failing.count == 5 && !failing.contains { $0["id"] == good["id"] })
        let errors = Set(
            try wired.ask("/v3/webhook-deliveries?status=pending").array("data").compactMap {
                $0["last_attempt"]?.optionalText("error")
            })
        #expect(errors.contains("the endpoint answered with status 500"))
        #expect(errors.contains("the endpoint answered with a redirect, which is not followed"))
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `are lost by no kill`(kind: TestServer.Kind) async throws {
        let wired = try await Wired(kind)
        _ = try wired.add("/switch")
        wired.receiver.answer(503)
        let first = wired.shop.server.server
        var expected: [String] = []
        for _ in 0..<5 { expected.append(try wired.shop.create(wired.shop.newOrder(), wired.key).json.text("id")) }
        #expect(first.stop(SIGKILL) != 0)
        wired.receiver.answer(200)
        let database = wired.shop.server.database
        let second = try await TestServer(
            ["serve", "--webhook-targets", "any"], database: database, data: first.folder.path("data"))
        let key = wired.key
        let delivered = try await eventually {
            try second.ask("/v3/webhook-deliveries?status=delivered", token: key).json.array("data").count == 5
        }
        #expect(delivered)
        #expect(Set(wired.receiver.webhooks().map { $0.text("order_id") }) == Set(expected))
    }

    @Test func `go on while a secret is replaced, and stop when the endpoint is switched off`() async throws {
        let wired = try await Wired(.embedded)
        let endpoint = try wired.add("/ok?old")
        let path = "/v3/webhook-endpoints/\(endpoint.text("id"))"
        wired.receiver.know(endpoint.text("secret"), as: "old")
        let rotated = try wired.shop.send("POST", path + "/rotate-secret", nil, wired.key)
        #expect(rotated.status == 200 && rotated.json.text("secret") != endpoint.text("secret"), "\(rotated.text)")
        #expect(rotated.json["previous_secret_expires_at"] != .null)
        let tested = try wired.shop.send("POST", path + "/test", nil, wired.key)
        #expect(tested.json["status"] == 200 && tested.json["error"] == .null, "\(tested.text)")
        let both = try #require(try await wired.receiver.webhooks(1).last)
        #expect(both["event"] == "business.test_event" && both["standard"] == true && both["scalev"] == false)
        #expect(both["body"]?["data"] == [:])
        #expect(try wired.shop.send("POST", path + "/rotate-secret", ["overlap_seconds": 0], wired.key).status == 200)
        #expect(try wired.shop.send("POST", path + "/test", ["event": "order.shipped"], wired.key).status == 200)
        let new = try #require(try await wired.receiver.webhooks(2).last)
        #expect(new["event"] == "order.status_changed" && new["standard"] == false)

        let off = try wired.shop.send("PATCH", path, ["is_enabled": false], wired.key)
        #expect(off.json["is_enabled"] == false && off.json["stop_reason"] == "paused", "\(off.text)")
        _ = try wired.shop.create(wired.shop.newOrder(), wired.key)
        try await Task.sleep(for: .seconds(1.5))
        #expect(wired.receiver.webhooks().count == 2)
        #expect(try wired.shop.send("PATCH", path, ["is_enabled": true, "events": ["order.created"]], wired.key).status == 200)
        let order = try wired.shop.create(wired.shop.newOrder(), wired.key).json
        #expect(try await wired.receiver.webhooks(3).last?["order_id"] == order["id"])
        #expect(try wired.shop.send("DELETE", path, nil, wired.key).status == 204)
        #expect(try wired.ask("/v3/webhook-deliveries").array("data").count == 1)
        #expect(try wired.shop.server.server.ask(path, token: wired.key).status == 404)
    }

    @Test func `an endpoint that is gone is switched off, and somebody is told`() async throws {
        let wired = try await Wired(.embedded)
        let endpoint = try wired.add("/status/410?token=secret", [("notice_email", "ops@example.com")])
        _ = try wired.shop.create(wired.shop.newOrder(), wired.key)
        let path = "/v3/webhook-endpoints/\(endpoint.text("id"))"
        #expect(try await eventually { try wired.ask(path)["stop_reason"] == "gone" })
        let mail = try await wired.shop.server.server.mail(to: "ops@example.com")
            .replacing("=\n", with: "")
        #expect(mail.contains("410") && mail.contains(endpoint.text("id")) && !mail.contains("token=secret"))
        let log = try await wired.shop.server.server.log()
        #expect(log.contains("a webhook endpoint was switched off") && !log.contains("token=secret"))
    }
}
