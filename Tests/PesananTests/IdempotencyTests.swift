import JSON
import Orders
import TestFixtures
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

    @Test(arguments: TestServer.Kind.allCases)
    func `is done once beside orders too`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let ask = { (path: String) in try shop.server.server.ask(path, token: key).json }
        let count = { (path: String) in if case .array(let data)? = try ask(path)["data"] { data.count } else { -1 } }

        /// Sends a request twice with one key, and another one with the same key.
        func twice(_ method: String, _ path: String, _ body: JSON?) throws -> JSON {
            let field = ("Idempotency-Key", method + path)
            let first = try shop.send(method, path, body, key, field)
            #expect(first.status == (method == "DELETE" ? 204 : 200), "\(method) \(path): \(first.text)")
            let again = try shop.send(method, path, body, key, field)
            #expect(again.comparable == first.comparable)
            let other = try shop.send(method, path, ["other": true], key, field)
            #expect(other.status == 422 && other.errorCode == "idempotency_key_reused", "\(method) \(path): \(other.text)")
            return first.json
        }

        // Many at the same time: a customer without an address could be added again and again.
        let new: JSON = ["name": "Putu Sekali", "phone": "0812 3456 7890"]
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for _ in 0..<8 { group.addTask { try shop.send("POST", "/v3/customers", new, key, ("Idempotency-Key", "k-1")) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.status == 200 } && Set(answers.map(\.comparable)).count == 1)
        #expect(try count("/v3/customers?search_field=name&search=putu%20sekali") == 1)

        let id = String(decoding: (answers[0].json["id"] ?? .null).encoded, as: UTF8.self)
        let customer = "/v3/customers/\(id)"
        #expect(try twice("PATCH", customer, ["name": "Putu R"])["name"] == "Putu R")
        // The first answer is given again, and nothing is done.
        #expect(try shop.send("PATCH", customer, ["name": "Putu S"], key).status == 200)
        #expect(try twice("PATCH", customer, ["name": "Putu R"])["name"] == "Putu R")
        #expect(try ask(customer)["name"] == "Putu S")
        #expect(try twice("POST", customer + "/addresses", ["city": "Ubud"])["id"] == 1)
        #expect(try twice("PATCH", customer + "/addresses/1", ["notes": "Pagar"])["notes"] == "Pagar")
        #expect(try count(customer + "/addresses") == 1)
        _ = try twice("DELETE", customer + "/addresses/1", nil)
        #expect(try shop.send("DELETE", customer + "/addresses/1", nil, key).status == 404)

        let store = "/v3/stores/\(shop.storeID)"
        #expect(try twice("PATCH", store, ["name": "Toko Sekali", "payment_accounts": [[:]]])["name"] == "Toko Sekali")
        let order = try #require(try SignInServer.samples().first)
        let token = try await shop.server.server.token(for: order.order)
        #expect(try shop.server.server.ask(order.order.orderPath, token: token).json["store"]?["name"] == "Toko Sekali")
        for (path, body) in [("/public-api-keys", nil), ("/storefront/allowed-origins", ["origin": "https://once.example"])]
            as [(String, JSON?)]
        {
            let before = try count(store + path)
            let added = try twice("POST", store + path, body)
            #expect(try count(store + path) == before + 1)
            _ = try twice("DELETE", store + path + "/" + added.text("id"), nil)
            #expect(try shop.send("DELETE", store + path + "/" + added.text("id"), nil, key).status == 404)
        }

        // What was refused was not done, and may be tried again.
        let field = ("Idempotency-Key", "k-2")
        let taken = try shop.send("POST", "/v3/customers", ["name": "Putu", "email": .string(order.email)], key, field)
        #expect(taken.status == 400 && taken.errorCode == "email_taken")
        #expect(try shop.send("DELETE", customer + "/addresses/1", nil, key, field).status == 404)
        #expect(try shop.send("PATCH", store, ["name": ""], key, field).status == 400)
        #expect(try ask(store)["name"] == "Toko Sekali")
        #expect(try shop.send("POST", "/v3/customers", ["name": "Putu", "phone": "0899 1"], key, field).status == 200)
        #expect(try shop.send("POST", "/v3/customers", ["name": "Putu"], key, ("Idempotency-Key", "a b")).status == 400)

        // A day later the key is free.
        let storage = try await shop.storage
        for (minutes, isRemembered) in [(24 * 60 - 1, true), (24 * 60, false)] {
            let time = Timestamp.now.adding(seconds: Int64(minutes) * 60)
            #expect(
                try await (storage.answer(to: RequestKey(storeID: shop.storeID, text: "k-2"), at: time) != nil) == isRemembered)
        }
    }
}
