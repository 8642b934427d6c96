import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `What a merchant's system should not send` {
    @Test(arguments: TestServer.Kind.allCases)
    func `may be any time that there is, and no other`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let order = try shop.create(shop.newOrder(), key).json
        let (path, id) = ("/v3/orders/\(order.text("id"))", order["id"] ?? .null)
        let buyer = try await shop.token(of: "putu@example.com")
        let seen = { try shop.server.server.ask(shop.path(order), token: buyer).json }
        let entry = { (time: String) -> JSON in
            ["status": "shipped", "description": "Diambil", "timestamp": .string(time)]
        }
        for time in ["9999-12-31T23:59:59.999999Z", "1900-01-01T00:00:00Z"] {
            let moved = try shop.move(key, ["ids": [id], "payment_status": "unpaid", "transfer_time": .string(time)])
            #expect(moved.status == 200, "\(moved.text)")
            #expect(try seen()["transfer_time"] == .string(time))
            #expect(try shop.send("POST", path + "/shipment-status-history", entry(time), key).status == 200)
        }
        // The newest entry is the one of the latest time, whenever it came.
        guard case .array(let history)? = try seen()["shipment_status_history"] else { return }
        #expect(history.map { $0["at"] } == ["9999-12-31T23:59:59.999999Z", "1900-01-01T00:00:00Z"])

        let before = try shop.server.server.ask(path, token: key).comparable
        for time in [
            "10000-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "1900-02-29T00:00:00Z", "9999-12-31T23:59:59-07:00",
            "2026-11-27T25:00:00Z", "2026-11-27", "1795737600",
        ] {
            let body: JSON = ["ids": [id], "status": "ready", "transfer_time": .string(time)]
            for (field, answer) in [
                ("transfer_time", try shop.move(key, body)),
                ("timestamp", try shop.send("POST", path + "/shipment-status-history", entry(time), key)),
            ] {
                #expect(answer.status == 400 && answer.errorCode == "invalid_content", "\(time): \(answer.text)")
                #expect(answer.json["errors"]?[field] != nil, "\(time): \(answer.text)")
            }
            let listed = try shop.server.server.ask("/v3/orders?shipped_time_until=\(time)", token: key)
            #expect(listed.status == 400 && listed.errorCode == "invalid_shipped_time_until", "\(time)")
        }
        #expect(try shop.server.server.ask(path, token: key).comparable == before)

        let count = { (query: String) in
            let page = try shop.server.server.ask("/v3/orders?\(query)", token: key)
            #expect(page.status == 200, "\(page.text)")
            if case .array(let data)? = page.json["data"] { return data.count } else { return -1 }
        }
        let (early, late) = ("1900-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
        for name in ["draft_time", "confirmed_time", "shipped_time", "completed_time"] {
            #expect(try count("\(name)_until=\(early)") == 0, "\(name)")
            #expect(try count("\(name)_until=\(late)") > 0, "\(name)")
        }
        #expect(try count("confirmed_time_since=\(late)") == 0)
        #expect(try count("confirmed_time_since=\(early)") > 0)
    }

    @Test func `leaves nothing empty that has to be there`() async throws {
        let shop = try await MerchantShop(.embedded)
        let key = try await shop.newKey()
        let order = try shop.create(shop.newOrder(), key).json
        let (path, store) = ("/v3/orders/\(order.text("id"))", "/v3/stores/\(shop.storeID)")
        let customer = "/v3/customers/\(String(decoding: (order["customer"]?["id"] ?? .null).encoded, as: UTF8.self))"
        let read = { try [path, store, customer].map { try shop.server.server.ask($0, token: key).json } }
        let before = try read()
        let line: JSON = ["product_name": " ", "variant_price": 1, "quantity": 1]
        for (method, path, body, field) in [
            ("POST", "/v3/customers", ["name": "Putu", "phone": " "], "email"),
            ("POST", "/v3/customers", ["name": " ", "phone": "0811"], "name"), ("PATCH", customer, ["name": " "], "name"),
            ("PATCH", customer, ["email": ""], "email"), ("PATCH", store, ["name": "\t"], "name"),
            ("PATCH", path, ["payment_method": ""], "payment_method"),
            ("PATCH", path, ["orderlines": [line]], "orderlines[0].product_name"),
            ("POST", path + "/shipment-status-history", ["status": "ready", "description": "x", "timestamp": ""], "timestamp"),
            ("POST", path + "/shipment-status-history", ["status": "ready", "timestamp": "2026-11-27T00:00:00Z"], "description"),
        ] as [(String, String, JSON, String)] {
            let answer = try shop.send(method, path, body, key)
            #expect(answer.status == 400 && answer.errorCode == "invalid_content", "\(method) \(path): \(answer.text)")
            #expect(answer.json["errors"]?[field] != nil, "\(field): \(answer.text)")
        }
        #expect(try read() == before)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `changes nothing where it is of another store or comes late`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let order = try shop.create(shop.newOrder(), key)
        let (path, id) = ("/v3/orders/\(order.json.text("id"))", order.json["id"] ?? .null)
        let foreign = try #require(
            try Fixture.orders().first {
                guard case .string? = $0["id"] else { return false }
                return try MerchantOrder($0).storeID == shop.otherStoreID
            })
        let bulk: JSON = ["ids": [id, foreign["id"] ?? .null]]
        for (path, body) in [
            ("/v3/orders/delete", bulk), ("/v3/orders/change-status", bulk.replacing([("status", "canceled")])),
        ] {
            let answer = try shop.send("POST", path, body, key)
            #expect(answer.status == 400 && answer.errorCode == "invalid_content")
            #expect(answer.json["errors"] == ["ids[1]": ["is no order of this store"]], "\(answer.text)")
        }
        let store = "/v3/stores/\(shop.otherStoreID)"
        for (method, path, body) in [
            ("PATCH", store, ["name": "x"]), ("POST", store + "/public-api-keys", nil),
            ("POST", store + "/storefront/allowed-origins", ["origin": "https://x.example"]),
        ] as [(String, String, JSON?)] {
            let answer = try shop.send(method, path, body, key)
            #expect(answer.status == 404 && answer.errorCode == "store_not_found", "\(method) \(path)")
        }
        let theirs = try await shop.newKey(store: shop.otherStoreID)
        for path in [store + "/public-api-keys", store + "/storefront/allowed-origins"] {
            guard case .array(let entries)? = try shop.server.server.ask(path, token: theirs).json["data"] else { return }
            #expect(entries.count == 1)
        }
        #expect(try shop.server.server.ask(path, token: key).json == order.json)

        // Of moves that are based on the same order one is made.
        let tag = try #require(order["etag"])
        let answers = try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for word in ["pending", "confirmed", "ready", "canceled"] as [JSON] {
                group.addTask { try shop.move(key, ["ids": [id], "status": word], ("If-Match", tag)) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.map(\.status).sorted() == [200, 412, 412, 412])
        #expect(answers.filter { $0.status == 412 }.allSatisfy { $0.errorCode == "order_changed" })
        guard case .array(let events)? = try shop.server.server.ask(path + "/events", token: key).json["data"] else { return }
        #expect(events.map { $0["event"] } == ["order.created", "order.status_changed"])
    }
}
