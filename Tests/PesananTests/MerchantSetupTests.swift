import Accounts
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A merchant's store and its customers` {
    @Test(arguments: TestServer.Kind.allCases)
    func `are changed, and buyers see it at once`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let store = "/v3/stores/\(shop.storeID)"
        let order = try shop.create(shop.newOrder(), key).json
        let buyer = try await shop.token(of: "putu@example.com")
        let seen = { try shop.server.server.ask(shop.path(order), token: buyer).json }
        let before = try shop.server.server.ask(store, token: key).json
        #expect(before["unique_id"] == .string(shop.storeID.text) && before["chatbot_system_prompt"] != nil)
        let number = try #require(before["id"])
        #expect(
            try shop.server.server.ask("/v3/stores/\(String(decoding: number.encoded, as: UTF8.self))", token: key).json == before
        )

        let account: JSON = [
            "method": "bank_transfer", "account_holder": "PT Baru", "account_number": "123",
            "financial_entity": ["id": 1, "code": "bca", "name": "BCA"],
        ]
        let changes: JSON = [
            "name": "Toko <Baru>", "is_show_whatsapp": true, "payment_accounts": [account], "auto_expire_days": 2,
        ]
        let changed = try shop.send("PATCH", store, changes, key)
        #expect(changed.status == 200, "\(changed.text)")
        #expect(changed.json["name"] == "Toko <Baru>" && changed.json["chatbot_system_prompt"] == before["chatbot_system_prompt"])
        #expect(try seen()["store"]?["name"] == "Toko <Baru>" && seen()["store"]?["is_show_whatsapp"] == true)
        guard case .array(let accounts)? = try seen()["store"]?["payment_accounts"] else { return }
        #expect(accounts.count == 1 && accounts[0]["account_holder"] == "PT Baru" && accounts[0]["unique_id"] != .null)
        let paying = try shop.send(
            "PATCH", "/v3/orders/\(order.text("id"))", ["payment_account_unique_id": accounts[0]["unique_id"] ?? .null], key)
        #expect(paying.json["payment_account_number"] == "123", "\(paying.text)")

        let wrong: JSON = [
            "name": "", "auto_expire_days": "x", "payment_accounts": [["account_holdr": "x"], 1], "logo": "javascript:x",
        ]
        let refused = try shop.send("PATCH", store, wrong, key)
        #expect(refused.status == 400)
        for field in ["name", "auto_expire_days", "payment_accounts[0].account_holdr", "payment_accounts[1]", "logo"] {
            #expect(refused.json["errors"]?[field] != nil, "\(field): \(refused.text)")
        }
        #expect(try seen()["store"]?["name"] == "Toko <Baru>")

        for (id, status) in [(Int64.max, 400), (1 << 53, 200)] {
            let accounts: JSON = [["id": .number(String(id))], [:]]
            #expect(try shop.send("PATCH", store, ["payment_accounts": accounts], key).status == status)
        }
        #expect(try shop.send("PATCH", store, ["auto_expire_days": 0, "is_auto_expire": true], key).status == 400)

        // Customers.
        let customer = try #require(order["customer"]?["id"])
        let path = "/v3/customers/\(String(decoding: customer.encoded, as: UTF8.self))"
        #expect(try shop.server.server.ask(path, token: key).json == order["customer"])
        let renamed = try shop.send("PATCH", path, ["name": "Ibu Putu", "phone": "0899 1", "email": "ibu@example.com"], key)
        #expect(renamed.json["name"] == "Ibu Putu" && renamed.json["email"] == "ibu@example.com", "\(renamed.text)")
        #expect(try seen()["customer"]?["name"] == "Ibu Putu")
        #expect(
            try shop.send("PATCH", path, ["email": .null, "nam": "x"], key).json["errors"]?["nam"] == [
                "is not known: is name meant?"
            ])
        let list = { (query: String) in try shop.server.server.ask("/v3/customers?\(query)", token: key).json }
        guard case .array(let found)? = try list("search=ibu%20p&search_field=name")["data"] else { return }
        #expect(found.map { $0["id"] } == [customer])
        let added = try shop.send("POST", "/v3/customers", ["name": "Made", "email": "MADE@example.com"], key)
        #expect(added.json["email"] == "made@example.com" && added.json["id"] != customer, "\(added.text)")
        #expect(
            try shop.send("POST", "/v3/customers", ["name": "Made", "email": "made@example.com"], key).errorCode == "email_taken")
        #expect(try shop.send("PATCH", path, ["email": "made@example.com"], key).errorCode == "email_taken")
        #expect(
            try shop.create(shop.newOrder([("customer_email", "made@example.com")]), key).json["customer"]?["id"]
                == added.json["id"])
        var (ids, cursor): (Set<String>, String) = ([], "")
        repeat {
            let page = try list("page_size=25&next_cursor=\(cursor)")
            guard case .array(let data)? = page["data"] else { return }
            for one in data { #expect(ids.insert(String(decoding: (one["id"] ?? .null).encoded, as: UTF8.self)).inserted) }
            cursor = page.text("next_cursor")
        } while !cursor.isEmpty
        #expect(ids.count > 25 && ids.contains(path.split(separator: "/").last.map(String.init) ?? ""))

        // One who has signed in has proven their address.
        let sample = try #require(try SignInServer.samples().first { $0.buyer.storeID == shop.storeID })
        _ = try await shop.server.signIn(sample)
        let proven = try shop.send("PATCH", "/v3/customers/\(sample.buyer.customerID)", ["email": "x@example.com"], key)
        #expect(proven.status == 400 && proven.errorCode == "email_proven")

        let address = try shop.send("POST", path + "/addresses", ["address": "Jl. Mawar 2", "city": "Ubud"], key)
        #expect(address.status == 200, "\(address.text)")
        let addressPath = path + "/addresses/\(String(decoding: (address.json["id"] ?? .null).encoded, as: UTF8.self))"
        #expect(try shop.send("PATCH", addressPath, ["notes": "Pagar hijau"], key).json["notes"] == "Pagar hijau")
        #expect(try shop.server.server.ask(path + "/addresses", token: key).text.contains("Pagar hijau"))
        #expect(try shop.send("DELETE", addressPath, nil, key).status == 204)
        #expect(try shop.send("DELETE", addressPath, nil, key).errorCode == "address_not_found")

        let theirs = try await shop.newKey(store: shop.otherStoreID)
        for (method, path) in [("GET", path), ("PATCH", path), ("GET", path + "/addresses"), ("POST", path + "/addresses")] {
            let answer = try shop.send(method, path, method == "PATCH" ? ["name": "x"] : ["address": "x"], theirs)
            #expect(answer.errorCode == "customer_not_found", "\(method) \(path) \(answer.text)")
        }
        for path in [store, store + "/public-api-keys", store + "/storefront/allowed-origins", "/v3/stores/nobody"] {
            #expect(try shop.server.server.ask(path, token: theirs).errorCode == "store_not_found", "\(path)")
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `give access to browsers, and take it away`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let (keys, origins) = (
            "/v3/stores/\(shop.storeID)/public-api-keys", "/v3/stores/\(shop.storeID)/storefront/allowed-origins"
        )
        let added = try shop.send("POST", keys, nil, key)
        #expect(added.status == 200, "\(added.text)")
        #expect(added.json["status"] == "active" && added.json["store_id"] != .null)
        let login = { (storefrontKey: String) in
            try shop.server.server.send(
                "POST", "/v3/stores/\(shop.storeID)/public/auth/otp/send", ["email": "nobody@example.com"],
                ("X-Scalev-Storefront-Api-Key", storefrontKey))
        }
        let token = added.json.text("token")
        #expect(try await eventually { try login(token).status == 200 })
        let listed = try shop.server.server.ask(keys, token: key)
        #expect(listed.text.contains(token))
        let path = keys + "/" + added.json.text("id")
        #expect(try shop.send("DELETE", path, nil, key).status == 204)
        #expect(try shop.send("DELETE", path, nil, key).status == 404)
        #expect(try await eventually { try login(token).status == 404 })
        #expect(try shop.server.server.ask(keys, token: key).text.contains("\"status\":\"revoked\""))

        let origin = try shop.send("POST", origins, ["origin": "https://new.example"], key)
        #expect(origin.json["origin"] == "https://new.example" && origin.json["status"] == "active", "\(origin.text)")
        let preflight = {
            try shop.server.server.send(
                "OPTIONS", "/v3/stores/\(shop.storeID)/customers/me", nil, ("Origin", "https://new.example"),
                ("Access-Control-Request-Method", "GET"))
        }
        #expect(try await eventually { try preflight()["access-control-allow-origin"] == "https://new.example" })
        #expect(try shop.send("DELETE", origins + "/" + origin.json.text("id"), nil, key).status == 204)
        #expect(try await eventually { try preflight()["access-control-allow-origin"] == nil })
        for body in [["origin": "https://new.example/path"], ["origin": 1], [:]] as [JSON] {
            #expect(try shop.send("POST", origins, body, key).json["errors"]?["origin"] != nil)
        }
        for id in ["x", "00000000-0000-4000-8000-000000000000"] {
            #expect(try shop.send("DELETE", origins + "/" + id, nil, key).status == 404)
        }
    }

    @Test func `need the scope of each route`() async throws {
        let shop = try await MerchantShop(.embedded)
        let reading = try await shop.newKey("--scopes", "order:read")
        let store = "/v3/stores/\(shop.storeID)"
        let routes = [
            ("GET", store, "store:read"), ("PATCH", store, "store:update"), ("GET", store + "/public-api-keys", "store:read"),
            ("POST", store + "/public-api-keys", "store:update"), ("DELETE", store + "/public-api-keys/x", "store:update"),
            ("GET", store + "/storefront/allowed-origins", "store:read"),
            ("POST", store + "/storefront/allowed-origins", "store:update"),
            ("DELETE", store + "/storefront/allowed-origins/x", "store:update"), ("GET", "/v3/customers", "customer:list"),
            ("POST", "/v3/customers", "customer:create"), ("GET", "/v3/customers/1", "customer:read"),
            ("PATCH", "/v3/customers/1", "customer:update"), ("GET", "/v3/customers/1/addresses", "customer:read"),
            ("POST", "/v3/customers/1/addresses", "customer:update"), ("PATCH", "/v3/customers/1/addresses/1", "customer:update"),
            ("DELETE", "/v3/customers/1/addresses/1", "customer:update"),
        ]
        for (method, path, scope) in routes {
            let refused = try shop.send(method, path, [:], reading)
            #expect(refused.status == 403 && refused.text.contains(scope), "\(method) \(path)")
            #expect(try shop.send(method, path, [:], BusinessKey(isRestricted: false).text).status == 401, "\(method) \(path)")
        }
    }
}
