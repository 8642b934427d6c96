import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A merchant's list of orders` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is filtered, searched and walked through`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let list = { (query: String) in
            let answer = try shop.server.server.ask("/v3/orders?\(query)", token: key)
            #expect(answer.status == 200, "\(query): \(answer.text)")
            return answer.json
        }
        let orders = try Fixture.orders().filter { try MerchantOrder($0).storeID == shop.storeID }
        var found: Set<String> = []
        var next = ""
        repeat {
            let page = try list("page_size=25&next_cursor=\(next)")
            for order in page.elements { found.insert(order.text("order_id")) }
            #expect(page.elements.allSatisfy { $0["orderlines"] == nil && $0["status_history"] == nil && $0["customer"] != nil })
            next = page.text("next_cursor")
        } while !next.isEmpty
        #expect(found == Set(orders.map { $0.text("order_id") }))

        let shipped = orders.filter { $0["status"] == "shipped" && $0["payment_status"] == "paid" }
        let page = try list("status=shipped&payment_status=paid&columns=order_id,status")
        #expect(Set(page.elements.map { $0.text("order_id") }) == Set(shipped.map { $0.text("order_id") }))
        #expect(page.elements.allSatisfy { Self.names($0) == ["id", "order_id", "status"] })
        let order = try #require(shipped.first)
        #expect(try list("order_id=\(order.text("order_id"))").elements.count == 1)
        #expect(try list("search=\(order.text("order_id").prefix(8))").elements.contains { $0["order_id"] == order["order_id"] })
        let storeNumber = try #require(shop.server.server.ask("/v3/stores/\(shop.storeID)", token: key).json["id"])
        for (store, count) in [
            ("\(shop.storeID)", 1), (String(decoding: storeNumber.encoded, as: UTF8.self), 1), ("\(shop.otherStoreID)", 0),
            ("0", 0),
        ] {
            #expect(try list("order_id=\(order.text("order_id"))&store_id=\(store)").elements.count == count, "\(store)")
        }

        // A new order is first, and a cursor goes on where it was.
        let before = try list("page_size=2")
        let new = try shop.create(shop.newOrder(), key).json
        #expect(try list("page_size=1").elements[0]["id"] == new["id"])
        let previous = try list(
            "page_size=2&previous_cursor=\(PageCursor(try #require(OrderID(before.elements[0].text("id")))).text)")
        #expect(previous.elements.map { $0["id"] } == [new["id"]] && previous["has_next"] == true)
        #expect(try list("search=putu%40EX&search_field=customer_email").elements.map { $0["id"] } == [new["id"]])
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [new["id"] ?? .null]], key).status == 200)
        #expect(try list("page_size=1").elements[0]["id"] == before.elements[0]["id"])
    }

    @Test func `says what it can't filter by`() async throws {
        let shop = try await MerchantShop(.embedded)
        let key = try await shop.newKey()
        for (query, code) in [
            ("status=shippd", "invalid_status"), ("payment_status=x", "invalid_payment_status"),
            ("search=a", "invalid_search"), ("search=abc&search_field=notes", "invalid_search_field"),
            ("confirmed_time_since=yesterday", "invalid_confirmed_time_since"), ("page_size=26", "invalid_page_size"),
            ("next_cursor=x", "invalid_next_cursor"), ("statuses=shipped", "invalid_filter"),
            ("warehouse_id=3", "invalid_filter"),
        ] {
            let answer = try shop.server.server.ask("/v3/orders?\(query)", token: key)
            #expect(answer.status == 400 && answer.errorCode == code, "\(query): \(answer.text)")
        }
        for (path, name) in [("orders?statuses=shipped", "status"), ("customers?serch=putu", "search")] {
            let answer = try shop.server.server.ask("/v3/\(path)", token: key)
            #expect(answer.errorCode == "invalid_filter" && answer.text.contains("is not known: is \(name) meant?"))
        }
        let reading = try await shop.newKey("--scopes", "order:read")
        #expect(try shop.server.server.ask("/v3/orders", token: reading).text.contains("order:list"))
        #expect(try shop.server.server.ask("/v3/orders").status == 401)
    }

    private static func names(_ order: JSON) -> [String] {
        if case .object(let object) = order { object.members.map(\.name) } else { [] }
    }
}

extension JSON {
    /// The elements of a list's `data`.
    fileprivate var elements: [JSON] { if case .array(let elements)? = self["data"] { elements } else { [] } }
}
