import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `Listening to orders` {
    @Test(arguments: TestServer.Kind.allCases)
    func `tells each change of one order, with its tag, and what was missed`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let server = shop.server.server
        let key = try await shop.newKey()
        let order = try shop.create(shop.newOrder(), key).json
        let (id, slug) = (order.text("id"), order.text("secret_slug"))
        let token = try await shop.token(of: "putu@example.com")
        let path = shop.server.path(shop.storeID, "customers/me/orders/\(id)")
        let tag = { try server.ask(path, token: token)["etag"] }
        let link = shop.server.path(shop.storeID, "public/orders/\(slug)")
        let page = [("X-Scalev-Storefront-Api-Key", shop.server.keys[shop.storeID] ?? "")]

        let one = try EventStream(server, path + "/events", token: token)
        #expect(one.answer.status == 200 && one.answer["content-type"] == "text/event-stream")
        let ready = try #require(try one.next())
        #expect(try ready.name == "ready" && ready.tag == tag())
        let visitor = try EventStream(server, link + "/events", page)
        let seen = try #require(try visitor.next())
        #expect(try seen.tag == server.ask(link, page[0])["etag"])

        #expect(try shop.move(key, ["ids": [.string(id)], "status": "shipped"]).status == 200)
        let moved = try #require(try one.next())
        #expect(try moved.name == "order.status_changed" && moved.tag == tag() && moved.tag != ready.tag)
        #expect(moved.data["status"] == ["from": "draft", "to": "shipped"] && moved.data["order_id"] == .string(id))
        #expect(moved.data["actor"] == nil && moved.data["version"] == nil)
        let movedForVisitor = try #require(try visitor.next())
        #expect(try movedForVisitor.id == moved.id && movedForVisitor.tag == server.ask(link, page[0])["etag"])

        // Another process has changed it.
        var imported = try shop.send("GET", "/v3/orders/\(id)", nil, key).json
        imported = imported.replacing([("notes", "Dari berkas"), ("last_updated_at", "2999-01-01T00:00:00Z")])
        let file = server.folder.path("change.ndjson")
        try Data(imported.encoded).write(to: URL(filePath: file))
        let outcome = try Pesanan.run(
            "import", "orders", file, "--data", server.folder.path("data"), environment: try await shop.server.environment)
        #expect(outcome.output.contains("1 replaced"), "\(outcome.output)\(outcome.errors)")
        let updated = try #require(try one.next())
        #expect(try updated.name == "order.updated" && updated.tag == tag())
        #expect(try visitor.next()?.id == updated.id)

        // What was missed comes first.
        let again = try EventStream(server, path + "/events", token: token, after: ready.id)
        #expect(try again.next()?.id == moved.id)
        #expect(try again.next()?.id == updated.id)
        #expect(try again.next()?.name == "ready")
        let anew = try EventStream(server, path + "/events", token: token, after: "999999999999")
        #expect(try anew.next()?.name == "reset")

        // The link that is replaced ends its stream, and nobody is told what follows.
        #expect(try shop.send("POST", "/v3/orders/\(id)/link", ["rotate": true], key).status == 200)
        #expect(try visitor.next() == nil)
        #expect(try one.next()?.name == "order.updated")
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [.string(id)]], key).status == 200)
        let deleted = try #require(try one.next())
        #expect(deleted.name == "order.deleted" && deleted.tag == nil)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `tells a buyer of their own orders, and nobody of others'`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let server = shop.server.server
        let key = try await shop.newKey()
        let own = try shop.create(shop.newOrder(), key).json.text("id")
        let token = try await shop.token(of: "putu@example.com")
        let foreign = try shop.create(shop.newOrder([("customer_email", "wayan@example.com")]), key).json.text("id")
        let path = shop.server.path(shop.storeID, "customers/me/orders")
        let all = try EventStream(server, path + "/events", token: token)
        let ready = try #require(try all.next())
        #expect(ready.name == "ready" && ready.tag == nil)
        for id in [foreign, own] { #expect(try shop.move(key, ["ids": [.string(id)], "status": "confirmed"]).status == 200) }
        let first = try #require(try all.next())
        #expect(try first.data["order_id"] == .string(own) && first.tag == server.ask("\(path)/\(own)", token: token)["etag"])
        // A new order is one of theirs from the beginning.
        let new = try shop.create(shop.newOrder(), key).json.text("id")
        let created = try #require(try all.next())
        #expect(created.name == "order.created" && created.data["order_id"] == .string(new))
        #expect(try shop.send("POST", "/v3/orders/delete", ["ids": [.string(new)]], key).status == 200)
        #expect(try all.next()?.name == "order.deleted")

        let missed = try EventStream(server, path + "/events", token: token, after: ready.id)
        #expect(
            try (0..<4).map { _ in try missed.next()?.name } == [
                "order.status_changed", "order.created", "order.deleted", "ready",
            ])

        #expect(try server.ask("\(path)/\(foreign)/events", token: token).errorCode == "order_not_found")
        #expect(try server.ask("\(path)/\(own)/events").status == 401)
        #expect(try server.ask("\(path)/events", token: key).status == 401)
        #expect(try server.ask(shop.server.path(shop.otherStoreID, "customers/me/orders/events"), token: token).status == 401)
        for id in ["x", "-1", "1 2", String(repeating: "9", count: 30)] {
            #expect(
                try server.ask("\(path)/events", token: token, ("Last-Event-ID", id)).errorCode == "invalid_last_event_id",
                "\(id)")
        }

        // An order that is given to somebody else is theirs, with its events.
        let given = try shop.create(shop.newOrder(), key).json.text("id")
        #expect(try all.next()?.name == "order.created")
        let one = try EventStream(server, "\(path)/\(given)/events", token: token)
        #expect(try one.next()?.name == "ready")
        let other = try #require(try server.ask("/v3/orders/\(foreign)", token: key).json["customer"]?["id"])
        #expect(try shop.send("PATCH", "/v3/orders/\(given)/customer", ["customer_id": other], key).status == 200)
        #expect(try one.next() == nil)
        #expect(try server.ask("\(path)/\(given)/events", token: token).errorCode == "order_not_found")

        // A token that is revoked tells nothing more.
        #expect(
            try server.send(
                "POST", shop.server.path(shop.storeID, "public/auth/jwt/blacklist"),
                bytes: (["tokens": [.string(token)]] as JSON).encoded,
                [("X-Scalev-Storefront-Api-Key", shop.server.keys[shop.storeID] ?? "")]
            ).status == 204)
        #expect(try await eventually { try server.ask("\(path)/\(own)", token: token).status == 401 })
        #expect(try shop.move(key, ["ids": [.string(own)], "status": "shipped"]).status == 200)
        #expect(try all.next() == nil)
    }

    @Test func `goes on at another server where it was left, and misses nothing`() async throws {
        let shop = try await MerchantShop(.postgres)
        let first = shop.server.server
        let other = try await shop.server.another(["--limits", "off"])
        let second = other.server
        let key = try await shop.newKey()
        let token = try await shop.token(of: try #require(try SignInServer.samples().first).email)
        let ids = try (0..<4).map { _ in
            try shop.create(shop.newOrder([("customer_email", .string(SignInServer.samples()[0].email))]), key).json.text("id")
        }
        let path = shop.server.path(shop.storeID, "customers/me/orders/events")
        let (here, there) = (try EventStream(first, path, token: token), try EventStream(second, path, token: token))
        let ready = try #require(try here.next())
        #expect(try there.next()?.name == "ready")
        func move(_ status: JSON, at server: TestServer) throws {
            for id in ids {
                let body: JSON = ["ids": [.string(id)], "status": status]
                #expect(try server.send("POST", "/v3/orders/change-status", bytes: body.encoded, token: key, []).status == 200)
            }
        }
        try move("confirmed", at: second)
        var seen = try ids.map { _ in try #require(try here.next()).id }
        #expect(try seen == ids.map { _ in try there.next()?.id })
        // Half of what comes next is heard here, and the rest there, after this server is gone.
        try move("in_process", at: second)
        for _ in ids.prefix(2) { seen.append(try #require(try here.next()).id) }
        _ = first.stop(SIGKILL)
        try move("ready", at: second)
        let again = try EventStream(second, path, token: token, after: seen.last)
        // What was handed out already comes in front of "ready", and the rest behind it.
        let rest = try (0..<7).map { _ in try #require(try again.next()) }
        seen += rest.filter { $0.name != "ready" }.map(\.id)
        #expect(rest.count { $0.name == "ready" } == 1)
        let all = try EventStream(second, path, token: token, after: ready.id)
        #expect(try seen == seen.map { _ in try all.next()?.id })
        #expect(try all.next()?.name == "ready")
    }
}
