import Accounts
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `An order that a merchant's system creates` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is its buyer's at once, and goes its way`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let place: [(String, JSON)] = [
            ("customer_phone", "0812-3456 7890"), ("address", "Jl. Melati 1\r\nBlok B"), ("city", "Denpasar"),
            ("location_id", 17), ("postal_code", "80361"), ("notes", "Titip <b>satpam</b>"), ("unique_code_discount", 123),
            ("courier_service", ["name": "REG", "code": "REG", "courier": ["name": "JNE", "code": "jne"]]),
            ("metadata", ["ref": "x-1"]), ("external_id", "EXT-1"),
        ]
        let created = try shop.create(shop.newOrder(place), key)
        #expect(created.status == 200, "\(created.text)")
        let order = created.json
        #expect(order["gross_revenue"] == "181877.00" && order["product_price"] == "170000.00" && order["total_quantity"] == 2)
        #expect(order.text("secret_slug").utf8.count == 43 && order.text("order_id").utf8.count == 14)
        #expect(order["public_order_url"] == .string("\(Fixture.publicURL)/o/\(order.text("secret_slug"))"))

        let buyer = try await shop.token(of: "putu@example.com")
        let seen = try shop.server.server.ask(shop.path(order), token: buyer)
        #expect(seen.status == 200)
        #expect(
            seen.json["status"] == "draft" && seen.json["payment_status"] == "unpaid" && seen.json["gross_revenue"] == "181877.00"
        )
        #expect(seen.json["destination_address"]?["address"] == "Jl. Melati 1\nBlok B")
        #expect(seen.json["destination_address"]?["phone"] == "0812-3456 7890" && seen.json["notes"] == "Titip <b>satpam</b>")
        #expect(seen.json["courier_service"]?["courier"]?["name"] == "JNE" && seen.json["final_variants"] == ["Kopi": 2])
        #expect(!seen.text.contains("x-1") && !seen.text.contains("EXT-1"))

        #expect(JSONSchema(try Fixture.schema()).violations(of: seen.json) == [])

        // It is found by its number too, and the same tag means the same answer.
        let path = "/v3/orders/\(order.text("order_id"))"
        let tag = try #require(created["etag"])
        #expect(try shop.server.server.ask(path, token: key).json == order)
        #expect(try shop.server.server.ask(path, token: key)["etag"] == tag)

        let changed = try shop.send("PATCH", path, ["shipping_cost": 0, "customer_name": "Putu A."], key, ("If-Match", tag))
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json["gross_revenue"] == "169877.00" && changed.json["destination_address"]?["name"] == "Putu A.")
        #expect(changed.json["destination_address"]?["city"] == "Denpasar" && changed.json["notes"] == order["notes"])
        let late = try shop.send("PATCH", path, ["notes": "late"], key, ("If-Match", tag))
        #expect(late.status == 412 && late.errorCode == "order_changed")
        let same = try shop.send("PATCH", path, ["notes": order["notes"] ?? .null], key)
        #expect(same["etag"] == changed["etag"])

        let receipt = try shop.send("PATCH", path + "/shipment-receipt", ["shipment_receipt": "JNE1"], key)
        #expect(receipt.json["shipment_receipt"] == "JNE1" && receipt.json["orderlines"] == nil)
        let shipment: JSON = ["awb_ca_status": "created", "is_shipment_completed": false, "shipment_provider_code": "ninja"]
        #expect(try shop.send("PATCH", path + "/shipment", shipment, key).json["awb_ca_status"] == "created")
        for (status, time) in [("shipped", "2026-11-27T10:00:00+07:00"), ("ready", "2026-11-27T01:00:00Z")] {
            let entry: JSON = ["status": .string(status), "description": "Diambil", "timestamp": .string(time)]
            #expect(try shop.send("POST", path + "/shipment-status-history", entry, key).status == 200)
        }
        #expect(try shop.send("POST", path + "/update-tags", ["tags": ["INTERNAL"]], key).status == 200)
        #expect(
            try shop.move(key, ["ids": [order["order_id"] ?? .null], "status": "shipped", "payment_status": "paid"]).status == 200
        )
        let shipped = try shop.server.server.ask(shop.path(order), token: buyer)
        #expect(shipped.json["status"] == "shipped" && shipped.json["shipment_receipt"] == "JNE1")
        #expect(shipped.json["shipment_status"] == "shipped" && !shipped.text.contains("INTERNAL"))
        guard case .array(let history)? = shipped.json["shipment_status_history"] else { return }
        #expect(history.map { $0["at"] } == ["2026-11-27T03:00:00Z", "2026-11-27T01:00:00Z"])
        #expect(try shop.send("POST", path + "/payment", nil, key).json == [:])

        // An order like it takes its place, but this one has been shipped.
        #expect(try shop.send("POST", path + "/duplicate", nil, key).errorCode == "status_not_allowed")
        #expect(try shop.move(key, ["ids": [order["id"] ?? .null], "status": "ready"]).status == 200)
        let copy = try shop.send("POST", path + "/duplicate", ["payment_method": "qris"], key)
        #expect(copy.status == 200, "\(copy.text)")
        #expect(copy.json["gross_revenue"] == "169877.00" && copy.json["payment_method"] == "qris")
        #expect(copy.json["order_id"] != order["order_id"] && copy.json["status"] == "draft")
        #expect(try shop.server.server.ask(shop.path(order), token: buyer).json["status"] == "canceled")
        #expect(try shop.server.server.ask(shop.path(copy.json), token: buyer).json["notes"] == order["notes"])

        #expect(
            try shop.send("POST", "/v3/orders/delete", ["ids": [order["order_id"] ?? .null]], key).json["data"] == [
                order["id"] ?? .null
            ])
        #expect(try shop.server.server.ask(shop.path(order), token: buyer).errorCode == "order_not_found")
        #expect(try shop.server.server.ask(path, token: key).errorCode == "order_not_found")
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [order["id"] ?? .null]], key).status == 400)
        let log = try await shop.server.server.log()
        for word in ["putu", "Melati", "7890", order.text("secret_slug"), key] { #expect(!log.contains(word), "\(word)") }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `is for whoever has the address or else the phone number, or for somebody new`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let sample = try #require(try SignInServer.samples().first { $0.buyer.storeID == shop.storeID })
        let customer = { (changes: [(String, JSON)]) in
            let answer = try shop.create(shop.newOrder(changes), key)
            #expect(answer.status == 200, "\(answer.text)")
            return answer.json["customer"] ?? .null
        }
        let known = try customer([("customer_email", .string(sample.email.uppercased()))])
        #expect(known["id"] == .number(sample.buyer.customerID.description) && known["name"] == sample.order["customer"]?["name"])
        let phone = sample.order["customer"]?.text("phone") ?? ""
        let spoken = "0" + phone.dropFirst(2).prefix(3) + "-" + phone.dropFirst(5)
        let numbered = try customer([("customer_email", .null), ("customer_phone", .string(spoken))])
        // Another customer may have the same number.
        #expect(PhoneNumber(numbered.text("phone"))?.digits == phone)
        // Whoever gives another address is somebody else.
        let other = try customer([("customer_email", "new@example.com"), ("customer_phone", .string(phone))])
        #expect(other["id"] != known["id"] && other["email"] == "new@example.com")
        #expect(try customer([("customer_email", "new@example.com")])["id"] == other["id"])
        // Of orders that come at the same time, one makes the customer.
        let ids = try await withThrowingTaskGroup(of: JSON?.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    try shop.create(shop.newOrder([("customer_email", "many@example.com")]), key).json["customer"]?["id"]
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(ids.allSatisfy { $0 != nil && $0 == ids[0] })
        let nobody = try customer([("customer_email", .null)])
        #expect(nobody["email"] == .null)
        #expect(try customer([("customer_email", .null)])["id"] != nobody["id"])

        let order = try shop.create(shop.newOrder(), key).json
        let path = "/v3/orders/\(order.text("id"))/customer"
        let mine = try await shop.token(of: "putu@example.com")
        #expect(try shop.server.server.ask(shop.path(order), token: mine).status == 200)
        #expect(try shop.send("PATCH", path, ["customer_id": known["id"] ?? .null], key).json["customer"]?["id"] == known["id"])
        #expect(try shop.server.server.ask(shop.path(order), token: mine).status == 404)
        #expect(try shop.server.server.ask(shop.path(order), token: try await shop.token(of: sample.email)).status == 200)
        for (id, words) in [(4, "is no customer of this store"), ("x", "is not a whole number"), (.null, "is required")]
            as [(JSON, String)]
        {
            let refused = try shop.send("PATCH", path, ["customer_id": id], key)
            #expect(refused.status == 400 && refused.text.contains(words))
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `is copied for its customer as they are now`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let order = try shop.create(shop.newOrder(), key).json
        let path = "/v3/orders/\(order.text("id"))"
        let id = String(decoding: (order["customer"]?["id"] ?? .null).encoded, as: UTF8.self)
        let changes: JSON = ["name": "Putu Baru", "email": "baru@example.com", "phone": "0811 22"]
        let customer = try shop.send("PATCH", "/v3/customers/\(id)", changes, key).json
        #expect(customer["email"] == "baru@example.com")
        // What was sent with the order stays.
        #expect(try shop.server.server.ask(path, token: key).json["customer"] == order["customer"])
        let copy = try shop.send("POST", path + "/duplicate", nil, key)
        #expect(copy.status == 200 && copy.json["customer"] == customer, "\(copy.text)")
        #expect(try shop.server.server.ask("/v3/customers/\(id)", token: key).json == customer)
        let seen = try shop.server.server.ask(shop.path(copy.json), token: try await shop.token(of: "baru@example.com")).json
        #expect(seen["customer"]?["name"] == "Putu Baru" && seen["orderlines"] != nil)
    }

    @Test func `is refused with everything that is wrong, and leaves no trace`() async throws {
        let shop = try await MerchantShop(.embedded)
        let key = try await shop.newKey()
        let line: JSON = ["product_name": "Kopi", "variant_price": 1, "quantity": 1]
        let lines = { (count: Int) in JSON.array(Array(repeating: line, count: count)) }
        let cases: [([(String, JSON)], [String: String])] = [
            (
                [("customer_name", .null), ("store_unique_id", .string(shop.otherStoreID.text)), ("shipping_cst", 1)],
                [
                    "customer_name": "is required", "store_unique_id": "is not the store of this key",
                    "shipping_cst": "is not known: is shipping_cost meant?",
                ]
            ),
            (
                [
                    ("shipping_cost", "12.345"), ("other_income", -1),
                    ("product_discount", .number(String(repeating: "9", count: 30))),
                    ("unique_code_discount", "1,50"), ("shipping_discount", []), ("discount_code_discount", "1000000000000.01"),
                    ("product_price", .number(String(repeating: "9", count: 50))),
                ],
                [
                    "shipping_cost": "has more than two decimals", "other_income": "is negative",
                    "product_discount": "is too large",
                    "unique_code_discount": "is not an amount", "shipping_discount": "is not an amount",
                    "discount_code_discount": "is too large", "product_price": "is too large",
                ]
            ),
            ([("gross_revenue", "182000.50")], ["gross_revenue": "is 0.50 more than what it adds up to"]),
            ([("orderlines", lines(10_000))], ["orderlines": "has more than 1000 elements"]),
            (
                [("orderlines", [["product_name": "", "quantity": "2"], ["variant_price": 1, "quantity": 0, "name": "x"], 3])],
                [
                    "orderlines[0].product_name": "is required", "orderlines[0].variant_price": "is required",
                    "orderlines[0].quantity": "is not a whole number", "orderlines[1].quantity": "is not from 1 to 1000000",
                    "orderlines[1].product_name": "is required", "orderlines[1].name": "is not known",
                    "orderlines[2]": "is not an object",
                ]
            ),
            (
                [
                    ("customer_email", "nobody"), ("payment_method", .null), ("transferproof_url", "javascript:alert(1)"),
                    ("ordervariants", [["variant_unique_id": "v", "quantity": 1]]),
                    ("courier_service", ["nam": "REG", "courier": 1]),
                    ("order_id", "with blank"), ("notes", "a\u{0}b"), ("is_dropshipping", "yes"), ("metadata", "x"),
                ],
                [
                    "customer_email": "is not an e-mail address", "payment_method": "is required",
                    "transferproof_url": "is no http(s):// URL",
                    "ordervariants":
                        "needs a catalogue, which is not here: send orderlines with product_name, variant_price and quantity",
                    "courier_service.nam": "is not known: is name meant?", "courier_service.courier": "is not an object",
                    "order_id": "can't have blanks, nor be a UUID", "notes": "holds a control character",
                    "is_dropshipping": "is neither true nor false", "metadata": "is not an object",
                ]
            ),
            ([("payment_account_unique_id", "nope")], ["payment_account_unique_id": "is no payment account of the store"]),
        ]
        for (changes, errors) in cases {
            let answer = try shop.create(shop.newOrder(changes), key)
            #expect(answer.status == 400 && answer.errorCode == "invalid_content")
            for (field, words) in errors {
                #expect(answer.json["errors"]?[field] == [.string(words)], "\(field): \(answer.text)")
            }
        }
        let numbered = try shop.create(shop.newOrder([("order_id", "INV/2026-1")]), key)
        #expect(numbered.json["order_id"] == "INV/2026-1", "\(numbered.text)")
        #expect(try shop.server.server.ask("/v3/orders/INV%2F2026-1", token: key).json["id"] == numbered.json["id"])
        let taken = try shop.create(shop.newOrder([("order_id", "INV/2026-1")]), key)
        #expect(taken.json["errors"]?["order_id"] == ["is that of another order"])
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [numbered.json["id"] ?? .null]], key).status == 200)
        #expect(try shop.create(shop.newOrder([("order_id", "INV/2026-1")]), key).status == 400)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<6 { group.addTask { try shop.create(shop.newOrder([("order_id", "INV-2")]), key).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 400, 400, 400, 400, 400])
        #expect(try shop.create(shop.newOrder([("orderlines", lines(1000))]), key).json["gross_revenue"] == "13000.00")
        let huge = try shop.server.server.send(
            "POST", "/v3/orders", bytes: Array(repeating: 0x20, count: 20 << 20), token: key, [])
        #expect(huge.status == 413 && huge.errorCode == "body_too_large")
        let inAddress = try shop.server.server.send("POST", "/v3/orders?api_key=\(key)", bytes: shop.newOrder().encoded, [])
        #expect(inAddress.status == 401)
        #expect(try await !shop.server.server.log().contains(key))
    }

    @Test func `needs the scope of each route, and is nobody else's`() async throws {
        let shop = try await MerchantShop(.embedded)
        let all = try await shop.newKey()
        let order = try shop.create(shop.newOrder(), all).json
        let item = "/v3/orders/\(order.text("id"))"
        let routes: [(String, String, String)] = [
            ("POST", "/v3/orders", "order:create"), ("PATCH", item, "order:update"),
            ("POST", "/v3/orders/delete", "order:delete"),
            ("PATCH", item + "/shipment", "order:update"), ("PATCH", item + "/shipment-receipt", "order:update"),
            ("POST", item + "/shipment-status-history", "order:update"), ("POST", item + "/payment", "order:update"),
            ("POST", item + "/duplicate", "order:create"), ("PATCH", item + "/customer", "order:update"),
            ("POST", item + "/update-tags", "order:update"), ("GET", item, "order:read"),
        ]
        let scopes = BusinessScope.allCases.map(\.rawValue)
        let buyer = try await shop.token(of: "putu@example.com")
        let theirs = try await shop.newKey(store: shop.otherStoreID)
        var lacking: [String: String] = [:]
        for scope in Set(routes.map(\.2)) {
            lacking[scope] = try await shop.newKey("--scopes", scopes.filter { $0 != scope }.joined(separator: ","))
        }
        for (method, path, scope) in routes {
            let refused = try shop.send(method, path, [:], try #require(lacking[scope]))
            #expect(
                refused.status == 403 && refused.errorCode == "missing_scope" && refused.text.contains(scope), "\(method) \(path)"
            )
            for token in [buyer, "x", BusinessKey(isRestricted: false).text] {
                #expect(try shop.send(method, path, [:], token).status == 401, "\(method) \(path)")
            }
            guard path.hasPrefix(item) else { continue }
            let bodies: [String: JSON] = [
                "/shipment-receipt": ["shipment_receipt": "x"], "/customer": ["customer_id": 100_025],
                "/update-tags": ["tags": []],
                "/shipment-status-history": ["status": "shipped", "description": "x", "timestamp": "2026-01-01T00:00:00Z"],
            ]
            let body = bodies.first { path.hasSuffix($0.key) }?.value ?? [:]
            let answer = try shop.send(method, path, body, theirs)
            #expect(
                answer.errorCode == "order_not_found" || answer.text.contains("is no customer of this store"), "\(method) \(path)"
            )
        }
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [order["id"] ?? .null]], theirs).status == 400)
        #expect(try shop.server.server.ask(item, token: all).json == order)
    }
}
