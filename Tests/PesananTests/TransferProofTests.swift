import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A proof of transfer` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is sent, seen, rejected with a reason, sent again and accepted`(kind: TestServer.Kind) async throws {
        let page = try await ProofPage(kind)
        let description = Description(try page.server.server.ask("/openapi.json").json)
        let order = try page.order()
        let (slug, id) = (order.text("secret_slug"), order.text("id"))
        let store = "/v3/stores/{store_id}"
        let none = try page.ask("GET", slug + "/transfer-proof")
        #expect(none.status == 200 && none.json["state"] == .null && none.json["file_url"] == .null)
        try description.expect(none, "get", store + "/public/orders/{secret_slug}/transfer-proof")

        let photo = try ProofPage.picture("photo.jpg")
        let answer = try page.ask(
            "POST", slug + "/transfer-proof-upload", page.announcement("bukti ☂.jpg", "image/jpeg", photo.count))
        try description.expect(answer, "post", store + "/public/orders/{secret_slug}/transfer-proof-upload")
        let announced = answer.json
        #expect(announced["filename"] == "bukti ☂.jpg" && announced["size_in_bytes"] == .number(String(photo.count)))
        #expect(announced.text("file_url").hasSuffix("/public/files/" + announced.text("key")))
        #expect(try page.file(announced).0.errorCode == "file_not_found")
        // It is none of the order's until it is there.
        let early = try page.ask("PATCH", slug, ["transferproof_url": announced["file_url"]!])
        #expect(early.status == 400 && early.json["errors"]?["transferproof_url"] != nil)
        let sent = try page.put(photo, announced)
        #expect(sent.status == 200 && sent["access-control-allow-origin"] == SignInServer.origin, "\(sent.text)")
        #expect(try page.put(photo, announced).errorCode == "upload_not_found")
        #expect(try page.ask("GET", slug + "/transfer-proof").json["state"] == .null)

        let (file, bytes) = try page.file(announced, ("Origin", SignInServer.origin))
        #expect(file.status == 200 && file["content-type"] == "image/jpeg" && file["x-content-type-options"] == "nosniff")
        #expect(file["content-security-policy"] == "default-src 'none'; sandbox")
        #expect(file["content-disposition"] == "inline; filename=\"transfer-proof.jpg\"")
        #expect(file["cross-origin-resource-policy"] == "cross-origin" && file["cache-control"]?.contains("immutable") == true)
        #expect(file["access-control-allow-origin"] == SignInServer.origin && file["set-cookie"] == nil)
        #expect(bytes.starts(with: [0xFF, 0xD8]) && bytes.firstRange(of: Array("GEHEIM".utf8)) == nil)
        let tag = try #require(file["etag"])
        #expect(try page.file(announced, ("If-None-Match", tag)).0.status == 304)
        #expect(try page.file(announced, method: "HEAD").0["content-type"] == "image/jpeg")

        let patched = try page.ask("PATCH", slug, ["transferproof_url": announced["file_url"]!])
        #expect(patched.status == 200 && patched.json["transferproof_url"] == announced["file_url"], "\(patched.text)")
        #expect(patched.json["transferproof"] == nil)
        let received = try page.ask("GET", slug + "/transfer-proof").json
        #expect(received["state"] == "received" && received["size_in_bytes"] == .number(String(bytes.count)))
        #expect(received["file_url"] == announced["file_url"] && received["content_type"] == "image/jpeg")
        #expect(received["received_at"] != .null && received["decided_at"] == .null && received["reason"] == .null)

        let rejected = try page.decide(order, ["state": "rejected", "reason": "Jumlahnya kurang 12.000"])
        #expect(rejected.status == 200 && rejected.json["reason"] == "Jumlahnya kurang 12.000", "\(rejected.text)")
        try description.expect(rejected, "patch", "/v3/orders/{id}/transfer-proof")
        let token = try await page.shop.token(of: "putu@example.com")
        let own = try page.server.server.ask(page.shop.path(order) + "/transfer-proof", token: token)
        try description.expect(own, "get", store + "/customers/me/orders/{id}/transfer-proof")
        #expect(own.json == rejected.json && own.json["state"] == "rejected" && own.json["decided_at"] != .null)
        #expect(try page.ask("GET", slug + "/transfer-proof").json == own.json)
        // The seed's object knows nothing of it.
        let seed = try page.server.server.ask(page.shop.path(order), token: token).json
        #expect(seed["transferproof_url"] == announced["file_url"] && seed["transferproof"] == nil)
        // Saying the same again changes nothing.
        #expect(try page.ask("PATCH", slug, ["transferproof_url": announced["file_url"]!]).status == 200)
        #expect(try page.ask("GET", slug + "/transfer-proof").json == own.json)

        let second = try page.report(slug, "screenshot.png", "image/png")
        let again = try page.ask("GET", slug + "/transfer-proof").json
        #expect(again["state"] == "received" && again["reason"] == .null && again["file_url"] == second["file_url"])
        #expect(again["content_type"] == "image/png" && again["decided_at"] == .null)
        #expect(try page.decide(order, ["state": "accepted"]).json["state"] == "accepted")
        let accepted = try page.server.server.ask("/v3/orders/\(id)/transfer-proof", token: page.key)
        try description.expect(accepted, "get", "/v3/orders/{id}/transfer-proof")
        #expect(accepted.json["state"] == "accepted" && accepted["etag"] != nil)
        #expect(try page.server.server.ask("/v3/orders/\(id)", token: page.key).json["payment_status"] == "unpaid")
        // A picture elsewhere is taken too, and nothing of ours is known of it.
        #expect(try page.ask("PATCH", slug, ["transferproof_url": "https://cdn.example.id/a.webp"]).status == 200)
        let elsewhere = try page.ask("GET", slug + "/transfer-proof").json
        #expect(elsewhere["state"] == "received" && elsewhere["size_in_bytes"] == .null)
        #expect(try page.ask("PATCH", slug, ["transferproof_url": .null]).status == 200)
        #expect(try page.ask("GET", slug + "/transfer-proof").json["state"] == .null)
        #expect(try page.decide(order, ["state": "accepted"]).errorCode == "no_transfer_proof")

        // Whoever reads the log learns neither what is sent where, nor by whom.
        let log = try await page.server.server.log()
        for secret in [slug, announced.text("key"), ProofPage.path(announced.text("upload_url")), "bukti", "putu@"] {
            #expect(!log.contains(secret), "\(secret)")
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `is nobody else's`(kind: TestServer.Kind) async throws {
        let page = try await ProofPage(kind)
        let (order, another) = (try page.order(), try page.order())
        let slug = order.text("secret_slug")
        let announced = try page.report(slug)
        let (upload, other) = (slug + "/transfer-proof-upload", page.shop.otherStoreID)
        let announcement = page.announcement("a.jpg", "image/jpeg", 100)
        // Strangers, other stores, and what never was.
        for (method, route, body) in [("POST", upload, announcement), ("GET", slug + "/transfer-proof", nil)]
            as [(String, String, JSON?)]
        {
            #expect(try page.ask(method, route, body, key: "sfpk_wrong").errorCode == "store_not_found")
            #expect(try page.ask(method, route, body, store: other).errorCode == "order_not_found")
            #expect(try page.ask(method, "x" + route, body).errorCode == "order_not_found")
        }
        let own = page.shop.path(order) + "/transfer-proof"
        #expect(try page.server.server.ask(own).status == 401)
        #expect(try page.server.server.ask(own, token: page.key).errorCode == "invalid_token")
        let stranger = try await page.shop.token(of: try SignInServer.samples()[0].email)
        #expect(try page.server.server.ask(own, token: stranger).errorCode == "order_not_found")
        // A picture of one order is none of another's.
        let foreign = try page.ask("PATCH", another.text("secret_slug"), ["transferproof_url": announced["file_url"]!])
        #expect(foreign.status == 400 && foreign.json["errors"]?["transferproof_url"] != nil)
        let key = announced.text("key")
        let base = Fixture.publicURL + "/v3/stores/"
        for address in [
            "\(base)\(other)/public/files/\(key)", "\(base)\(page.shop.storeID)/public/files/\(key)x",
            "\(base)\(page.shop.storeID)/public/files/\(UploadToken().key)",
            "\(base)\(page.shop.storeID)/public/files/../files/\(key)",
            announced.text("upload_url"), (base + "x").replacing("https", with: "HTTPS"),
        ] {
            #expect(try page.ask("PATCH", slug, ["transferproof_url": .string(address)]).status == 400, "\(address)")
        }
        #expect(try page.ask("GET", another.text("secret_slug") + "/transfer-proof").json["state"] == .null)
        #expect(try page.ask("GET", slug + "/transfer-proof").json["file_url"] == announced["file_url"])
        // All that leads to no file is the same 404.
        let server = page.server.server
        let unknown = try server.ask(page.server.path(page.shop.storeID, "public/files/\(UploadToken().key)"))
        #expect(unknown.status == 404 && unknown.errorCode == "file_not_found")
        for path in [
            page.server.path(other, "public/files/\(key)"), page.server.path(page.shop.storeID, "public/files/x"),
            page.server.path(page.shop.storeID, "public/files/%00"),
            page.server.path(page.shop.storeID, "public/files/..%2F\(key)"),
            "/v3/stores/store_absent/public/files/\(key)", "/v3/stores/%00/public/files/\(key)",
        ] {
            #expect(try server.ask(path).comparable == unknown.comparable, "\(path)")
        }
        let file = try ProofPage.picture("photo.jpg")
        let free = try page.announce(file, for: slug)
        let token = try #require(free.text("upload_url").split(separator: "/").last)
        for path in [
            page.server.path(other, "public/uploads/\(token)"), page.server.path(page.shop.storeID, "public/uploads/\(token)a"),
            page.server.path(page.shop.storeID, "public/uploads/\(free.text("key"))"),
            page.server.path(page.shop.storeID, "public/uploads/\(UploadToken().text)"),
            page.server.path(page.shop.storeID, "public/uploads/%ff"), "/v3/stores/%00/public/uploads/\(token)",
        ] {
            let refused = try server.send("PUT", path, bytes: file, [])
            #expect(refused.status == 404 && refused.errorCode == "upload_not_found", "\(path)")
        }
        for origin in [SignInServer.origin, "https://evil.example"] {
            let preflight = try server.ask(
                ProofPage.path(free.text("upload_url")), method: "OPTIONS", ("Origin", origin),
                ("Access-Control-Request-Method", "PUT"), ("Access-Control-Request-Headers", "content-type"))
            #expect(preflight.status == (origin == SignInServer.origin ? 204 : 403))
        }
        #expect(try page.put(file, free).status == 200)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `is decided by its merchant alone, once, and told to who listens`(kind: TestServer.Kind) async throws {
        let page = try await ProofPage(kind)
        let order = try page.order()
        let (slug, id) = (order.text("secret_slug"), order.text("id"))
        _ = try page.report(slug)
        let token = try await page.shop.token(of: "putu@example.com")
        let field = ("X-Scalev-Storefront-Api-Key", page.server.keys[page.shop.storeID] ?? "")
        let buyer = try EventStream(page.server.server, page.shop.path(order) + "/events", token: token)
        let visitor = try EventStream(
            page.server.server, page.server.path(page.shop.storeID, "public/orders/\(slug)/events"), [field])
        for stream in [buyer, visitor] { #expect(try stream.next()?.name == "ready") }

        for body in [
            [:], ["state": "paid"], ["state": "rejected"], ["state": "rejected", "reason": " "], ["state": .null],
            ["state": "accepted", "reason": "Bagus"], ["state": "accepted", "other": 1], ["state": 1],
            ["state": "rejected", "reason": "a\nb"],
            ["state": "rejected", "reason": .string(String(repeating: "a", count: 501))],
        ] as [JSON] {
            let refused = try page.decide(order, body)
            #expect(refused.status == 400 && refused.json["errors"] != nil, "\(refused.text)")
        }
        let reader = try await page.shop.newKey("--scopes", "order:read")
        #expect(try page.decide(order, ["state": "accepted"], key: reader).errorCode == "missing_scope")
        let foreign = try await page.shop.newKey(store: page.shop.otherStoreID)
        #expect(try page.decide(order, ["state": "accepted"], key: foreign).errorCode == "order_not_found")
        #expect(try page.server.server.ask("/v3/orders/\(id)/transfer-proof", token: foreign).errorCode == "order_not_found")
        #expect(try page.decide(order, ["state": "accepted"], key: token).status == 401)
        #expect(try page.decide(order, ["state": "accepted"], ("If-Match", "\"other\"")).status == 412)
        #expect(try page.ask("GET", slug + "/transfer-proof").json["state"] == "received")

        let first = try page.decide(order, ["state": "rejected", "reason": "Buram"], ("Idempotency-Key", "proof-1"))
        #expect(first.status == 200)
        for stream in [buyer, visitor] { #expect(try stream.next()?.name == "order.updated") }
        #expect(try page.decide(order, ["state": "received"]).json["decided_at"] == .null)
        for stream in [buyer, visitor] { #expect(try stream.next()?.name == "order.updated") }
        let repeated = try page.decide(order, ["state": "rejected", "reason": "Buram"], ("Idempotency-Key", "proof-1"))
        #expect(repeated.text == first.text)
        #expect(
            try page.decide(order, ["state": "accepted"], ("Idempotency-Key", "proof-1")).errorCode == "idempotency_key_reused")
        #expect(try page.ask("GET", slug + "/transfer-proof").json["state"] == "received")
        let accepted = try page.decide(order, ["state": "accepted"])
        #expect(try page.decide(order, ["state": "accepted"])["etag"] == accepted["etag"])
        let events = try page.shop.send("GET", "/v3/orders/\(id)/events", nil, page.key).text
        #expect(events.matches(of: /order\.updated/).count == 4)

        #expect(try page.shop.move(page.key, ["ids": [.string(id)], "payment_status": "paid"]).status == 200)
        let announcement = page.announcement("a.jpg", "image/jpeg", 100)
        let late = try page.ask("POST", slug + "/transfer-proof-upload", announcement)
        #expect(late.status == 400 && late.errorCode == "order_not_payable")
        #expect(try page.ask("GET", slug + "/transfer-proof").json["state"] == "accepted")
    }
}
