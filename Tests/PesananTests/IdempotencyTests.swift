import JSON
import Orders
import TestServer
import Testing

@Suite struct `A request that a merchant's system repeats` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is done once, however often it comes`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let body = shop.newOrder()
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for _ in 0..<8 { group.addTask { try shop.send("POST", "/v3/orders", body, key, ("Idempotency-Key", "k-1")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 } && Set(answers.map(\.text)).count == 1, "\(answers.map(\.status))")
        #expect(Set(answers.map { $0["etag"] }).count == 1 && Set(answers.map { $0["content-type"] }) == ["application/json"])
        let order = answers[0].json
        let path = "/v3/orders/\(order.text("id"))"
        let events = try shop.server.server.ask(path + "/events", token: key).json
        guard case .array(let list)? = events["data"] else { return }
        #expect(list.count == 1)

        // Another body, another address, or a change of what the request is based on is another request.
        let other = try shop.send("POST", "/v3/orders", shop.newOrder([("notes", "x")]), key, ("Idempotency-Key", "k-1"))
        #expect(other.status == 422 && other.errorCode == "idempotency_key_reused")
        #expect(try shop.send("PATCH", path, body, key, ("Idempotency-Key", "k-1")).status == 422)
        // What was refused may be tried again.
        let wrong = try shop.send("POST", "/v3/orders", shop.newOrder([("shipping_cost", -1)]), key, ("Idempotency-Key", "k-2"))
        #expect(wrong.status == 400)
        #expect(try shop.send("POST", "/v3/orders", body, key, ("Idempotency-Key", "k-2")).json["id"] != order["id"])
        // Not even the tag is asked again.
        let tag = try #require(answers[0]["etag"])
        let patch = { try shop.send("PATCH", path, ["notes": "n"], key, ("Idempotency-Key", "k-3"), ("If-Match", tag)) }
        let first = try patch()
        #expect(first.status == 200)
        #expect(try shop.move(key, ["ids": [order["id"] ?? .null], "status": "pending"]).status == 200)
        let again = try patch()
        #expect(again.status == 200 && again.text == first.text && again["etag"] == first["etag"])
        // Each store has its own keys, and each request its own rights.
        let theirs = try await shop.newKey(store: shop.otherStoreID)
        #expect(
            try shop.send(
                "POST", "/v3/orders", shop.newOrder([("store_unique_id", .string(shop.otherStoreID.text))]), theirs,
                ("Idempotency-Key", "k-1")
            ).status == 200)
        let reading = try await shop.newKey("--scopes", "order:read")
        #expect(try shop.send("POST", "/v3/orders", body, reading, ("Idempotency-Key", "k-1")).status == 403)
        for text in ["", "two words", String(repeating: "x", count: 256)] {
            let refused = try shop.send("POST", "/v3/orders", body, key, ("Idempotency-Key", text))
            #expect(refused.status == 400 && refused.errorCode == "invalid_idempotency_key")
        }
    }
}
