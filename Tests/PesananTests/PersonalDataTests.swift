import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import TestServer
import Testing

@Suite struct `What is held about a person` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is handed out whole, and erased but for the accounts`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let server = shop.server.server
        let sample = try #require(try SignInServer.samples().first { $0.buyer.storeID == shop.storeID })
        let command = { (arguments: String...) in
            try Pesanan.run(
                ["customer"] + arguments + ["--data", server.folder.path("data")], environment: try await shop.server.environment)
        }
        _ = try await shop.server.signIn(sample)
        let token = try await shop.token(of: sample.email)
        let me = "/v3/stores/\(shop.storeID)/customers/me"
        #expect(try server.send("POST", me + "/addresses", ["address": "Jl. Rahasia 7"], token: token).status == 200)
        // An order that is there, and one that was deleted.
        let place: [(String, JSON)] = [
            ("customer_email", .string(sample.email)), ("address", "Jl. Rahasia 8"), ("notes", "Rahasia untuk kurir"),
        ]
        let answer = try shop.send("POST", "/v3/orders", shop.newOrder(place), key, ("Idempotency-Key", "personal"))
        let order = answer.json
        let deleted = try shop.create(shop.newOrder(place), key).json
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [deleted["id"] ?? .null]], key).status == 200)
        #expect(try server.ask(shop.path(order), token: token).status == 200)

        let exported = try await command("export", sample.email)
        #expect(exported.status == 0, "\(exported.errors)")
        let json = try JSON(parsing: Array(exported.output.utf8))
        guard case .array(let customers)? = json["customers"], case .array(let orders)? = customers.first?["orders"] else {
            Issue.record("\(exported.output.prefix(500))")
            return
        }
        let numbers = Set(orders.map { $0.text("order_id") })
        #expect(numbers.isSuperset(of: [order.text("order_id"), deleted.text("order_id"), sample.order.text("order_id")]))
        for words in ["Jl. Rahasia 7", "Jl. Rahasia 8", "signed_in_with_code", "\"sessions\":[{"] {
            #expect(exported.output.contains(words), "\(words)")
        }
        #expect(!exported.output.contains("scrypt"))

        let forgotten = try await command("forget", sample.email)
        #expect(
            forgotten.status == 0 && forgotten.output.contains("1 customer forgotten, \(orders.count) orders kept"),
            "\(forgotten.output)\(forgotten.errors)")
        #expect(try await eventually { try server.ask(me, token: token).status == 401 })
        let kept = try server.ask("/v3/orders/\(order.text("order_id"))", token: key).json
        #expect(kept["gross_revenue"] == order["gross_revenue"] && kept["orderlines"] == order["orderlines"])
        #expect(kept["destination_address"] == nil && kept["notes"] == nil && kept["secret_slug"] != order["secret_slug"])
        guard case .array(let events)? = try server.ask("/v3/orders/\(order.text("order_id"))/events", token: key).json["data"]
        else { return }
        #expect(events.last?["actor"] == "privacy")
        let phone = sample.order["customer"]?.text("phone") ?? ""
        let name = sample.order["customer"]?.text("name") ?? ""
        for words in [sample.email, "Rahasia", phone] where !words.isEmpty {
            #expect(try await !isStored(words, kind, shop), "\(words)")
        }
        #expect(try !server.ask("/v3/customers/\(sample.buyer.customerID)", token: key).text.contains(name))
        for arguments in [["export", sample.email], ["forget", sample.email], ["export", "nobody"]] {
            let refused = try Pesanan.run(
                ["customer"] + arguments + ["--data", server.folder.path("data")], environment: try await shop.server.environment)
            #expect(refused.status == 1 && !refused.errors.isEmpty)
        }
        #expect(
            try shop.create(shop.newOrder([("customer_email", .string(sample.email))]), key).json["customer"]?["id"]
                != order["customer"]?["id"])
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has no order that was deleted and came back as somebody else's`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let server = shop.server.server
        let theirs = shop.newOrder([("customer_email", "first@example.com"), ("address", "Jl. Rahasia 9")])
        let order = try shop.create(theirs, key).json
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [order["id"] ?? .null]], key).status == 200)
        let back = order.replacing([
            ("customer", Fixture.customer(991, name: "Wayan", email: "second@example.com")),
            ("last_updated_at", .string(Timestamp.now.adding(seconds: 60).description)),
        ])
        let run = { (arguments: [String], input: [UInt8]) in
            try Pesanan.run(
                arguments + ["--data", server.folder.path("data")], input: input, environment: try await shop.server.environment)
        }
        #expect(try await run(["import", "orders", "-"], back.encoded).output.contains("1 replaced"))
        let path = "/v3/orders/\(order.text("id"))"
        let before = try server.ask(path, token: key)
        #expect(before.status == 200 && before.json["customer"]?["id"] == 991, "\(before.text)")
        #expect(try await !run(["customer", "export", "first@example.com"], []).output.contains("Jl. Rahasia 9"))
        let forgotten = try await run(["customer", "forget", "first@example.com"], [])
        #expect(forgotten.output.contains("1 customer forgotten, 0 orders kept"), "\(forgotten)")
        #expect(try server.ask(path, token: key).json == before.json)
    }

    /// Whether a text is in any column of any row of the database.
    private func isStored(_ text: String, _ kind: TestServer.Kind, _ shop: MerchantShop) async throws -> Bool {
        if kind == .postgres, let database = shop.server.database {
            let hex = text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            let tables = try await Cluster.shared().run(
                "SELECT c.oid::regclass FROM pg_class c WHERE relnamespace = 'pesanan'::regnamespace AND relkind = 'r'",
                in: database)
            for table in tables.split(separator: "\n") {
                // Rows as text show binary values in hexadecimal.
                let found = try await Cluster.shared().run(
                    "SELECT count(*) FROM \(table) t WHERE t::text LIKE '%\(text)%' OR t::text LIKE '%\(hex)%'", in: database)
                if found != "0\n" { return true }
            }
            return false
        }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "python3", "-c",
            """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1])
            db.text_factory = bytes
            for (table,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                for row in db.execute('SELECT * FROM "%s"' % table.decode()):
                    if any(isinstance(value, bytes) and sys.argv[2].encode() in value for value in row):
                        print(table.decode())
                        sys.exit(3)
            """, shop.server.server.folder.path("data/pesanan.sqlite"), text,
        ]
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 3
    }
}
