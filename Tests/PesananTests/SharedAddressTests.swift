import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `An address that several customers have` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is one account, with all of their orders and nobody else's`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let storeID = try #require(try SignInServer.samples().first).buyer.storeID
        let otherStore = try #require(server.keys.keys.first { $0 != storeID })
        let first = 880_000
        let email = "both@example.com"
        // Three customers take turns; one has the address in another store, and one has another address.
        var lines: [JSON] = []
        for number in 0..<9 {
            lines.append(order(number, of: first + number % 3, " Both@EXAMPLE.com", in: storeID))
        }
        lines.append(order(9, of: first + 5, email, in: otherStore))
        lines.append(order(10, of: first + 6, "nobody@example.com", in: storeID))
        lines.append(
            Fixture.order(id: .number("990011"), store: storeID, ["customer": Fixture.customer(first + 1, email: email)]))
        try await add(lines, to: server)

        let tokens = try await server.signIn(
            .init(buyer: Buyer(storeID: storeID, customerID: CustomerID(Int64(first))), email: email, order: lines[0]))
        let ask = { (path: String, tag: String) in
            try server.server.ask(
                server.path(storeID, "customers/me/\(path)"), token: tokens.text("access"), ("If-None-Match", tag))
        }
        let me = try ask("orders", "")
        #expect(me.status == 200)
        let all = ids(of: me)
        #expect(all.dropFirst() == (0..<9).reversed().map { id($0).description }[...])
        #expect(try ask("orders/990011", "").json["id"] == .string(all[0]))
        #expect(try ask("orders", me["etag"] ?? "").status == 304)
        for number in 0..<9 {
            let order = try ask("orders/\(id(number))", "")
            #expect(order.status == 200)
            #expect(order.json["customer"]?["id"] == .number(String(first + number % 3)))
            #expect(try ask("orders/\(id(number))", order["etag"] ?? "").status == 304)
        }
        for number in [9, 10] { #expect(try ask("orders/\(id(number))", "").errorCode == "order_not_found") }

        // Page by page and back.
        var (seen, next): ([String], String?) = ([], nil)
        var last: HTTPAnswer?
        repeat {
            let page = try ask("orders?page_size=2\(next.map { "&next_cursor=" + $0 } ?? "")", "")
            seen += ids(of: page)
            next = page.json["next_cursor"] == .null ? nil : page.json.text("next_cursor")
            #expect(page.json["has_next"] == .bool(next != nil))
            last = page
        } while next != nil
        #expect(seen == all)
        let before = try ask("orders?page_size=25&previous_cursor=\(try #require(last).json.text("previous_cursor"))", "")
        #expect(ids(of: before) == Array(all.dropLast(2)))
        #expect(before.json["has_next"] == true && before.json["has_previous"] == false)

        // What the customer changes shows in all of their orders.
        let change = { (body: JSON) in
            try server.server.send("PATCH", server.path(storeID, "customers/me"), body, token: tokens.text("access"))
        }
        #expect(try change(["name": "Siti Dua"]).status == 200)
        for number in 0..<3 { #expect(try ask("orders/\(id(number))", "").json["customer"]?["name"] == "Siti Dua") }
        #expect(try await eventually { try ask("orders", "").json["data"] != me.json["data"] })

        // A new address is that of all of them.
        let new = "both.new@example.com"
        #expect(try change(["email": .string(new)]).status == 200)
        let code = try server.server.code(in: try await server.server.mail(to: new))
        #expect(try change(["email": .string(new), "otp": .string(code)]).status == 200)
        #expect(ids(of: try ask("orders", "")) == all)
        for number in 0..<3 { #expect(try ask("orders/\(id(number))", "").json["customer"]?["email"] == .string(new)) }
        #expect(try server.post("otp/send", storeID, ["email": .string(email)]).status == 200)
        // Signing in by the new one gives the same orders.
        let again = try await server.signIn(
            .init(buyer: Buyer(storeID: storeID, customerID: CustomerID(Int64(first))), email: new, order: lines[0]), mail: 2)
        let list = try server.server.ask(server.path(storeID, "customers/me/orders"), token: again.text("access"))
        #expect(ids(of: list) == all)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `shows no order any more that the merchant gives another address`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let storeID = try #require(try SignInServer.samples().first).buyer.storeID
        let (owner, guest) = (881_000, 881_001)
        let email = "mixed.up@example.com"
        let lines = [order(20, of: owner, email, in: storeID), order(21, of: guest, email, in: storeID)]
        try await add(lines, to: server)
        let tokens = try await server.signIn(
            .init(buyer: Buyer(storeID: storeID, customerID: CustomerID(Int64(owner))), email: email, order: lines[0]))
        let path = server.path(storeID, "customers/me/orders")
        let token = tokens.text("access")
        #expect(ids(of: try server.server.ask(path, token: token)) == [id(21).description, id(20).description])
        try await add(
            [order(22, of: guest, "somebody.else@example.com", in: storeID, updated: "2026-02-02T00:00:00Z")], to: server)
        #expect(try await eventually { ids(of: try server.server.ask(path, token: token)) == [id(20).description] })
        #expect(try server.server.ask("\(path)/\(id(21))", token: token).status == 404)
        #expect(try server.server.ask("\(path)/\(id(22))", token: token).status == 404)
    }

    private func id(_ number: Int) -> OrderID {
        var generator = SeededGenerator(seed: UInt64(number))
        return OrderID(mintedAt: Timestamp(seconds: 1_600_000_000 + Int64(number) * 3_000_000), using: &generator)!
    }

    private func order(
        _ number: Int, of customer: Int, _ email: String, in storeID: StoreID, updated: String? = "2026-01-01T00:00:00Z"
    ) -> JSON {
        Fixture.order(
            id: .string(id(number).description), store: storeID,
            ["customer": Fixture.customer(customer, email: email, updated: updated)])
    }

    private func add(_ orders: [JSON], to server: SignInServer) async throws {
        let outcome = try Pesanan.run(
            ["import", "orders", "-", "--data", server.server.folder.path("data")], input: JSON.array(orders).encoded,
            environment: try await server.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    private func ids(of page: HTTPAnswer) -> [String] {
        guard case .array(let orders)? = page.json["data"] else { return [] }
        return orders.map { $0.text("id") }
    }
}
