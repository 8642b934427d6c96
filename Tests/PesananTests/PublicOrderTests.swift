import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `The link of an order` {
    /// A page of a store of the shop.
    private struct Page {
        let shop: MerchantShop
        let key: String

        init(_ kind: TestServer.Kind) async throws {
            shop = try await MerchantShop(kind)
            key = try await shop.newKey()
        }

        func ask(
            _ method: String, _ slug: String, _ body: [UInt8] = [], token: String? = nil, store: StoreID? = nil,
            key: String? = nil,
            _ fields: (String, String)...
        ) throws -> HTTPAnswer {
            let storeID = store ?? shop.storeID
            return try shop.server.server.send(
                method, shop.server.path(storeID, "public/orders/\(slug)"), bytes: body, token: token,
                [("X-Scalev-Storefront-Api-Key", key ?? shop.server.keys[storeID] ?? ""), ("Origin", SignInServer.origin)]
                    + fields)
        }

        func ask(_ method: String, _ slug: String, _ body: JSON, token: String? = nil) throws -> HTTPAnswer {
            try ask(method, slug, body.encoded, token: token)
        }

        /// A new order with an address.
        func order(_ changes: [(String, JSON)] = []) throws -> JSON {
            let address: [(String, JSON)] = [
                ("customer_phone", "081234567890"), ("address", "Jalan Merdeka 17"), ("city", "Bandung"),
                ("province", "Jawa Barat"),
            ]
            let created = try shop.create(shop.newOrder(address + changes), key)
            #expect(created.status == 200, "\(created.text)")
            return created.json
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `shows strangers what they may see, and its customer the rest`(kind: TestServer.Kind) async throws {
        let page = try await Page(kind)
        let order = try page.order()
        let slug = order.text("secret_slug")
        #expect(slug.utf8.count == 43)
        let seen = try page.ask("GET", slug)
        #expect(seen.status == 200 && seen["access-control-allow-origin"] == SignInServer.origin)
        #expect(seen["cache-control"] == "private, no-cache" && seen["referrer-policy"] == "no-referrer")
        #expect(seen.json["id"] == order["id"] && seen.json["gross_revenue"] == "182000.00")
        #expect(seen.json["customer"] == ["email": "p***@e***.com"])
        #expect(seen.json["payment_instructions"]?["state"] == "unpaid")
        for secret in ["putu@", "1234567890", "Merdeka"] { #expect(!seen.text.contains(secret)) }
        let tag = try #require(seen["etag"])
        #expect(try page.ask("GET", slug, key: nil, ("If-None-Match", tag)).status == 304)
        #expect(try page.ask("POST", slug + "/payment").json == seen.json)

        let token = try await page.shop.token(of: "putu@example.com")
        let own = try page.ask("GET", slug, token: token, key: nil, ("If-None-Match", tag))
        #expect(own.status == 200 && own["etag"] != tag)
        #expect(own.json["customer"] == ["email": "putu@example.com"])
        #expect(own.json["destination_address"]?["address"] == "Jalan Merdeka 17")
        // Somebody else, of this store or of another, is a stranger.
        let others = try SignInServer.samples()
        let other = try await page.shop.token(of: others[0].email)
        #expect(try page.ask("GET", slug, token: other).json == seen.json)

        #expect(try page.ask("GET", slug, key: "sfpk_wrong").errorCode == "store_not_found")
        #expect(try page.ask("GET", slug, store: page.shop.otherStoreID).errorCode == "order_not_found")
        #expect(try page.ask("GET", slug, store: StoreID("store_nobody")!, key: "x").errorCode == "store_not_found")
        for token in ["nonsense", page.key] { #expect(try page.ask("GET", slug, token: token).status == 401) }
        for slug in [
            "x", order.text("order_id"), order.text("id"), "%00", "%ff", slug.lowercased(), String(repeating: "a", count: 2000),
            slug + "%20",
        ] {
            #expect(try page.ask("GET", slug).errorCode == "order_not_found", "\(slug)")
        }
        #expect(try page.shop.send("POST", "/v3/orders/delete", ["ids": [order["id"]!]], page.key).status == 200)
        #expect(try page.ask("GET", slug).errorCode == "order_not_found")
        #expect(try page.ask("PATCH", slug, ["notes": "x"]).errorCode == "order_not_found")
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `takes what is said of the payment, as long as it is awaited`(kind: TestServer.Kind) async throws {
        let page = try await Page(kind)
        let order = try page.order()
        let (slug, id) = (order.text("secret_slug"), order.text("id"))
        let store = try #require(try Fixture.stores().first { $0["unique_id"] == .string(page.shop.storeID.text) })
        guard case .array(let accounts)? = store["payment_accounts"], let account = accounts.last else { return }
        let reported: JSON = [
            "transferproof_url": "https://cdn.example.id/proof/a.webp", "transfer_time": "2026-03-01T07:00:00+07:00",
            "payment_account": account["unique_id"] ?? .null, "notes": "Sudah dibayar", "unknown": ["of": "no matter"],
        ]
        let answer = try page.ask("PATCH", slug, reported)
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["transferproof_url"] == "https://cdn.example.id/proof/a.webp")
        #expect(answer.json["transfer_time"] == "2026-03-01T00:00:00Z")
        #expect(answer.json["payment_account_number"] == account["account_number"])
        let stored = try page.shop.send("GET", "/v3/orders/\(id)", nil, page.key).json
        #expect(stored["notes"] == "Sudah dibayar" && stored["financial_entity"]?["id"] == account["financial_entity"]?["id"])
        #expect(stored["gross_revenue"] == order["gross_revenue"] && stored["unknown"] == nil)
        let events = try page.shop.send("GET", "/v3/orders/\(id)/events", nil, page.key).text
        #expect(events.contains("\"actor\":\"visitor\""), "\(events)")
        // null takes it back; what is not given stays.
        let back = try page.ask(
            "PATCH", slug, ["transferproof_url": .null, "financial_entity_id": account["financial_entity"]?["id"] ?? .null])
        #expect(back.json["transferproof_url"] == .null && back.json["transfer_time"] == "2026-03-01T00:00:00Z")

        for (body, field) in [
            (["transferproof_url": "javascript:alert(1)"], "transferproof_url"), (["transfer_time": "gestern"], "transfer_time"),
            (["payment_account": "pa_nobody"], "payment_account"), (["financial_entity_id": 999_999], "financial_entity_id"),
            (["financial_entity_id": "x"], "financial_entity_id"),
            (["notes": .string(String(repeating: "n", count: 1001))], "notes"),
            (["payment_account_holder": "a\u{0}b"], "payment_account_holder"),
        ] as [(JSON, String)] {
            let refused = try page.ask("PATCH", slug, body)
            #expect([400, 422].contains(refused.status) && refused.json["errors"]?[field] != nil, "\(refused.text)")
        }
        for body in ["", "[]", "{", String(repeating: "a", count: 100_000)] {
            #expect([400, 413].contains(try page.ask("PATCH", slug, Array(body.utf8)).status))
        }
        #expect(try page.shop.send("GET", "/v3/orders/\(id)", nil, page.key).json["notes"] == "Sudah dibayar")
        #expect(try page.shop.move(page.key, ["ids": [.string(id)], "payment_status": "paid"]).status == 200)
        let late = try page.ask("PATCH", slug, ["notes": "Terlambat"])
        #expect(late.status == 400 && late.errorCode == "order_not_payable")
        #expect(try page.ask("GET", slug).json["payment_instructions"]?["state"] == "paid")
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `is replaced, ended and dated by its customer and its merchant, on every server at once`(kind: TestServer.Kind)
        async throws
    {
        let page = try await Page(kind)
        let order = try page.order()
        let (first, id) = (order.text("secret_slug"), order.text("id"))
        let token = try await page.shop.token(of: "putu@example.com")
        // Two servers of one folder there can't be.
        let other = kind == .postgres ? try await page.shop.server.another([]) : nil
        func isOpen(_ slug: String) throws -> Bool {
            let path = page.shop.server.path(page.shop.storeID, "public/orders/\(slug)")
            let header = ("X-Scalev-Storefront-Api-Key", page.shop.server.keys[page.shop.storeID] ?? "")
            let answers = try [page.shop.server.server, other?.server].compactMap { try $0?.ask(path, header).status }
            #expect(Set(answers).count == 1)
            return answers[0] == 200
        }
        let path = page.shop.server.path(page.shop.storeID, "customers/me/orders/\(id)/link")
        func buyer(_ body: JSON, token: String? = token) throws -> HTTPAnswer {
            try page.shop.server.server.send("POST", path, body, token: token)
        }
        func merchant(_ body: JSON) throws -> HTTPAnswer { try page.shop.send("POST", "/v3/orders/\(id)/link", body, page.key) }

        for _ in 0..<3 { #expect(try isOpen(first)) }
        let rotated = try buyer(["rotate": true])
        #expect(rotated.status == 200 && rotated.json["is_open"] == true && rotated.json["looks"] == nil, "\(rotated.text)")
        let second = rotated.json.text("secret_slug")
        #expect(second != first && second.utf8.count == 43)
        #expect(try !isOpen(first) && isOpen(second))
        let own = try page.shop.server.server.ask(String(path.dropLast(5)), token: token).json
        #expect(own["secret_slug"] == .string(second) && own["public_order_url"] == rotated.json["public_order_url"])
        #expect(try merchant(["revoke": true]).json["is_open"] == false)
        #expect(try !isOpen(second))
        #expect(try merchant(["expires_at": "2999-01-01T00:00:00Z"]).json["expires_at"] == "2999-01-01T00:00:00Z")
        #expect(try isOpen(second))
        #expect(try buyer(["expires_at": "2020-01-01T00:00:00Z"]).json["is_open"] == false)
        #expect(try !isOpen(second))
        let third = try merchant(["rotate": true]).json
        #expect(third["expires_at"] == .null)
        #expect(try isOpen(third.text("secret_slug")))
        #expect(try buyer(["expires_at": .null]).json["is_open"] == true)
        let ended = try buyer(["rotate": true, "expires_at": "2020-01-01T00:00:00Z"]).json
        #expect(try !isOpen(ended.text("secret_slug")) && !isOpen(third.text("secret_slug")))

        // What is refused changes nothing: neither opens nor ends a link.
        let closed = ended.text("secret_slug")
        for body in [["rotate": true, "expires_at": "2999-01-01T00:00:00Z"], ["expires_at": .null], ["rotate": true]] as [JSON] {
            let refused = try page.shop.send("POST", "/v3/orders/\(id)/link", body, page.key, ("If-Match", "\"other\""))
            #expect(refused.status == 412)
            #expect(try !isOpen(closed))
        }

        // Who looked is not known; how often is what the merchant sees, within seconds.
        #expect(
            try await eventually {
                guard case .array(let looks)? = try page.shop.send("GET", "/v3/orders/\(id)/link", nil, page.key).json["looks"]
                else { return false }
                let counts = looks.compactMap { Int(String(decoding: ($0["count"] ?? 0).encoded, as: UTF8.self)) }
                return counts.reduce(0, +) == (other == nil ? 6 : 12)
            })

        // A repeated request makes no other secret, and gets the same answer.
        let repeated = try (0..<2).map { _ in
            try page.shop.send("POST", "/v3/orders/\(id)/link", ["rotate": true], page.key, ("Idempotency-Key", "link-1"))
        }
        #expect(repeated[0].status == 200 && repeated[0].text == repeated[1].text)
        #expect(try isOpen(repeated[0].json.text("secret_slug")))
        let tag = try #require(repeated[0]["etag"])
        #expect(try page.shop.send("POST", "/v3/orders/\(id)/link", ["rotate": true], page.key, ("If-Match", tag)).status == 200)
        #expect(try page.shop.send("POST", "/v3/orders/\(id)/link", ["rotate": true], page.key, ("If-Match", tag)).status == 412)

        for body in [
            [:], ["rotate": false], ["revoke": true, "rotate": true], ["rotat": true], ["expires_at": "x"], ["expires_at": ""],
            ["rotate": 1],
        ] as [JSON] {
            let refused = try merchant(body)
            #expect([400, 422].contains(refused.status) && refused.json["errors"] != nil, "\(refused.text)")
            #expect([400, 422].contains(try buyer(body).status))
        }
        let stranger = try await page.shop.token(of: try SignInServer.samples()[0].email)
        #expect(try buyer(["rotate": true], token: stranger).errorCode == "order_not_found")
        #expect(try buyer(["rotate": true], token: nil).status == 401)
        let reader = try await page.shop.newKey("--scopes", "order:read")
        #expect(try page.shop.send("POST", "/v3/orders/\(id)/link", ["rotate": true], reader).status == 403)
        #expect(try page.shop.send("GET", "/v3/orders/\(id)/link", nil, reader).status == 200)
        let foreign = try await page.shop.newKey(store: page.shop.otherStoreID)
        #expect(try page.shop.send("POST", "/v3/orders/\(id)/link", ["rotate": true], foreign).errorCode == "order_not_found")
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `stays replaced, whatever an import says later`(kind: TestServer.Kind) async throws {
        let page = try await Page(kind)
        let sample = try #require(
            try Fixture.orders().first {
                $0["store"]?["unique_id"] == .string(page.shop.storeID.text) && $0.optionalText("id") != nil
            })
        let slug = sample.text("secret_slug")
        #expect(try page.ask("GET", slug).status == 200)
        #expect(try page.shop.send("POST", "/v3/orders/\(sample.text("id"))/link", ["rotate": true], page.key).status == 200)
        #expect(try page.ask("GET", slug).status == 404)
        let file = page.shop.server.server.folder.path("again.ndjson")
        try Data(sample.replacing([("last_updated_at", "2030-01-01T00:00:00Z")]).encoded).write(to: URL(filePath: file))
        let data = page.shop.server.server.folder.path("data")
        let imported = try Pesanan.run(
            "import", "orders", file, "--data", data, environment: try await page.shop.server.environment)
        #expect(imported.output.contains("1 replaced"), "\(imported.output)\(imported.errors)")
        #expect(try page.ask("GET", slug).status == 404)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `leads nobody to another order, and its customer learns how to pay without it`(kind: TestServer.Kind) async throws {
        let page = try await Page(kind)
        let order = try page.order([("payment_method", "va_bca")])
        let token = try await page.shop.token(of: "putu@example.com")
        let path = page.shop.server.path(page.shop.storeID, "customers/me/orders/\(order.text("id"))/payment")
        let payment = try page.shop.server.server.ask(path, token: token)
        #expect(payment.status == 200 && payment.json["kind"] == "virtual_account" && payment.json["amount"] == "182000.00")
        #expect(try payment.json == page.ask("GET", order.text("secret_slug")).json["payment_instructions"])
        let stranger = try await page.shop.token(of: try SignInServer.samples()[0].email)
        #expect(try page.shop.server.server.ask(path, token: stranger).errorCode == "order_not_found")
        #expect(try page.shop.server.server.ask(path).status == 401)

        // So do they learn where their parcel is.
        let id = order.text("id")
        let shipped = try page.shop.send("PATCH", "/v3/orders/\(id)/shipment-receipt", ["shipment_receipt": "JNE-17"], page.key)
        #expect(shipped.status == 200)
        let moved = ["status": "in_transit", "description": "Tiba di Bandung", "timestamp": "2026-03-01T00:00:00Z"] as JSON
        _ = try page.shop.send(
            "POST", "/v3/orders/\(id)/shipment-status-history", moved.replacing([("status", "shipped")]), page.key)
        let parcel = page.shop.server.path(page.shop.storeID, "customers/me/orders/\(id)/tracking")
        let tracking = try page.shop.server.server.ask(parcel, token: token)
        #expect(tracking.json["status"] == "in_transit" && tracking.json["receipt"] == "JNE-17", "\(tracking.text)")
        #expect(tracking.json["estimated_delivery"] == .null && tracking.json["tracking_url"] == .null)
        #expect(try page.shop.server.server.ask(parcel, token: stranger).errorCode == "order_not_found")
        #expect(try page.shop.server.server.ask(parcel).status == 401)
    }
}
