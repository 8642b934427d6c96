import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

/// The public routes, each with a well-formed body.
private let publicRoutes: [(route: String, body: JSON)] = [
    ("login", ["email": "nobody@example.com", "password": "x"]), ("otp/send", ["email": "nobody@example.com"]),
    ("otp/verify", ["email": "nobody@example.com", "otp": "123456"]), ("jwt/refresh", ["refresh": "x"]),
    ("jwt/blacklist", ["tokens": []]), ("forget-password", ["email": "nobody@example.com"]),
    ("save-password", ["token": "x", "password": "tepi-sawah-pagi"]),
]

@Suite struct `Signing in` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is for a store's own site: an unknown store and a wrong key look the same`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let stores = server.keys.keys.sorted { $0.text < $1.text }
        let (key, others) = (server.keys[stores[0]]!, server.keys[stores[1]]!)
        for (route, body) in publicRoutes {
            let ask = { (store: String, key: String?) in
                try server.server.send(
                    "POST", "/v3/stores/\(store)/public/auth/\(route)", bytes: body.encoded,
                    key.map { [("X-Scalev-Storefront-Api-Key", $0)] } ?? [])
            }
            let unknown = try ask("store_absent", key)
            #expect(unknown.status == 404)
            #expect(unknown.text == #"{"error":"Store not found","error_code":"store_not_found","message":"Store not found"}"#)
            for (store, key) in [
                (stores[0].text, nil), (stores[0].text, ""), (stores[0].text, others), (stores[0].text, "sfpk_x"),
                ("store_absent", nil),
                ("%00", key), (stores[0].text, "\(key), \(key)"), (stores[0].text, key + "x"),
            ] as [(String, String?)] {
                #expect(try ask(store, key).comparable == unknown.comparable, "\(route)")
            }
            #expect(try ask(stores[0].text, key).errorCode != "store_not_found")
        }
    }

    @Test func `can read that a header is too large, and goes on`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let order = try SignInServer.samples()[5].order
        let token = try await server.server.token(for: order)
        let connection = try RawConnection(port: server.server.port)
        let head =
            "GET \(order.orderPath) HTTP/1.1\r\nHost: a\r\nOrigin: \(SignInServer.origin)\r\nAuthorization: Bearer \(token)\r\n"
        let fields = [
            "Cookie: \(String(repeating: "a", count: 20_000))\r\n", (0..<200).map { "X-\($0): a\r\n" }.joined(),
        ]
        for field in fields {
            try connection.write((head + field + "\r\n").utf8)
            let answer = try connection.answer()
            #expect(answer.status == 431)
            #expect(answer.errorCode == "header_too_large")
            #expect(answer["access-control-allow-origin"] == SignInServer.origin)
            #expect(answer["access-control-expose-headers"]?.contains("X-Scalev-Request-Id") == true)
        }
        try connection.write((head + "\r\n").utf8)
        #expect(try connection.answer().status == 200)
    }

    @Test func `does not accept one kind of token for another`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let sample = try SignInServer.samples()[5]
        let storeID = sample.buyer.storeID
        let tokens = try await server.signIn(sample)
        let other = try #require(server.keys.keys.first { $0 != storeID })
        #expect(try server.server.ask(sample.order.orderPath, token: tokens.text("refresh")).errorCode == "invalid_token")
        _ = try server.post("forget-password", storeID, ["email": .string(sample.email)])
        let link = try server.server.link(in: try await server.server.mail(to: sample.email, number: 2))
        let reset = String(link.split(separator: "=")[1])
        for token in [tokens.text("access"), reset, "", ".", "a.b.c", String(repeating: "a", count: 5000)] {
            let answer = try server.post("jwt/refresh", storeID, ["refresh": .string(token)])
            #expect(answer.status == (token.isEmpty ? 400 : 401))
        }
        #expect(try server.post("jwt/refresh", other, ["refresh": tokens["refresh"] ?? .null]).status == 401)
        #expect(
            try server.post("jwt/blacklist", other, ["tokens": [tokens["access"] ?? .null, tokens["refresh"] ?? .null]]).status
                == 204)
        #expect(try server.server.ask(sample.order.orderPath, token: tokens.text("access")).status == 200)
        for code in [reset, tokens.text("access")] {
            #expect(try server.post("otp/verify", storeID, ["email": .string(sample.email), "otp": .string(code)]).status == 400)
        }
        for token in [tokens.text("access"), tokens.text("refresh"), "123456", String(reset.dropLast())] {
            let answer = try server.post("save-password", storeID, ["token": .string(token), "password": "tepi-sawah-pagi"])
            #expect(answer.errorCode == "invalid_reset_token")
        }
        #expect(try server.post("save-password", other, ["token": .string(reset), "password": "tepi-sawah-pagi"]).status == 404)
    }

    @Test func `reports an invalid body, and does nothing else`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let storeID = try SignInServer.samples()[6].buyer.storeID
        let field = ("X-Scalev-Storefront-Api-Key", server.keys[storeID]!)
        for (route, _) in publicRoutes {
            let path = server.path(storeID, "public/auth/\(route)")
            let texts: [(String, Int, String)] = [
                ("", 400, "unreadable_body"), ("x", 400, "unreadable_body"), ("[]", 400, "unreadable_body"),
                ("null", 400, "unreadable_body"),
                (#""text""#, 400, "unreadable_body"), (#"{"email":"a@example.com""#, 400, "unreadable_body"),
                (#"{"email":"a@example.com","email":"b@example.com"}"#, 400, "unreadable_body"),
                (#"{"email":"\#u{0}"}"#, 400, "unreadable_body"), (#"{"email":"\ud800"}"#, 400, "unreadable_body"),
                (String(repeating: "[", count: 1000), 400, "unreadable_body"), ("{}", 400, "invalid_content"),
                (
                    #"{"email":7,"password":[],"otp":123456,"refresh":{},"tokens":"x","token":true}"#, 400,
                    "invalid_content"
                ),
                (#"{"tokens":[7]}"#, 400, "invalid_content"),
            ]
            for (text, status, code) in texts {
                let answer = try server.server.send("POST", path, bytes: Array(text.utf8), [field])
                #expect(answer.status == status, "\(route) \(text)")
                #expect(answer.errorCode == code, "\(route) \(text)")
            }
            let invalid = try server.server.send("POST", path, bytes: [0x7B, 0x22, 0xFF, 0x22, 0x7D], [field])
            #expect(invalid.errorCode == "unreadable_body")
            let huge = try server.server.send("POST", path, bytes: [UInt8](repeating: 0x20, count: 10 << 20), [field])
            #expect(huge.status == 413)
            #expect(huge.errorCode == "body_too_large")
            #expect(try server.server.ask(path, field).status == 405)
        }
        for email in [
            "a@example.com\\r\\nBcc: b@example.com", "a@example.com\\nX: y", "a b@example.com", "a@example.com>",
            "<a@example.com>",
            "a@example.com,b@example.com", "a@b@example.com", "@example.com", "a@", "a\\u0000@example.com",
            "a@exam\\u2028ple.com",
            "\\\"a\\\"@example.com", "a;b@example.com", "a@\\u0301b@example.com",
            String(repeating: "a", count: 250) + "@example.com",
        ] {
            for route in ["otp/send", "forget-password"] {
                let answer = try server.server.send(
                    "POST", server.path(storeID, "public/auth/\(route)"), bytes: Array(#"{"email":"\#(email)"}"#.utf8), [field])
                #expect(answer.status == 400, "\(email)")
                #expect(answer.json["errors"]?["email"] == ["is not an e-mail address"])
                #expect(!answer.text.contains("Bcc"))
            }
        }
        try await Task.sleep(for: .milliseconds(600))
        #expect(try server.server.mails().filter { $0.contains("a@example.com") || $0.contains("Bcc") }.isEmpty)
        let head = "POST \(server.path(storeID, "public/auth/login")) HTTP/1.1\r\nHost: a\r\n\(field.0): \(field.1)\r\n"
        for rest in [
            "Transfer-Encoding: chunked\r\n\r\nzz\r\n", "Transfer-Encoding: chunked\r\n\r\n9\r\n{",
            "Content-Length: 20\r\n\r\n{}",
        ] {
            let cut = try RawConnection(port: server.server.port)
            try cut.write((head + rest).utf8)
            cut.endWriting()
            let answer = try cut.answer()
            #expect(answer.status == 400)
            #expect(answer.errorCode == "unreadable_body")
        }
        #expect(try await !server.server.log().contains(#""level":"error""#))
        let chunked = try RawConnection(port: server.server.port)
        try chunked.write("\(head)Transfer-Encoding: chunked\r\n\r\n20000\r\n".utf8)
        try? chunked.write([UInt8](repeating: 0x20, count: 0x20000))
        #expect(try chunked.answer().status == 413)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `does not reveal who is a customer`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let sample = try SignInServer.samples()[7]
        let storeID = sample.buyer.storeID
        for (route, body) in publicRoutes where body["email"] != nil {
            // An address that no other test uses.
            let ask = { (email: String) in try server.post(route, storeID, body.replacing([("email", .string(email))])) }
            let (customer, nobody) = (sample.email, "nobody.at.all@example.com")
            #expect(try ask(customer).comparable == ask(nobody).comparable, "\(route)")
            // A repeated request is too soon for both.
            #expect(try ask(customer).status == ask(nobody).status, "\(route)")
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `works in browsers on the store's own pages only`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let sample = try SignInServer.samples()[8]
        let storeID = sample.buyer.storeID
        let token = try await server.server.token(for: sample.order)
        let path = server.path(storeID, "public/auth/login")
        let preflight = { (path: String, origin: String) in
            try server.server.ask(
                path, method: "OPTIONS", ("Origin", origin), ("Access-Control-Request-Method", "POST"),
                ("Access-Control-Request-Headers", "content-type"))
        }
        for path in [path, sample.order.orderPath, server.path(storeID, "customers/me/addresses/1")] {
            let answer = try preflight(path, SignInServer.origin)
            #expect(answer.status == 204)
            #expect(answer["access-control-allow-origin"] == SignInServer.origin)
            #expect(
                answer["access-control-allow-headers"]
                    == "Authorization, Content-Type, X-Scalev-Storefront-Api-Key, X-Scalev-Guest-Token, Idempotency-Key, If-None-Match, Last-Event-ID"
            )
            #expect(answer["access-control-allow-methods"]?.contains("PATCH") == true)
            #expect(answer["access-control-allow-credentials"] == nil)
            for origin in [
                "https://evil.example", "null", "*", SignInServer.origin + ".evil", SignInServer.origin + "/",
                "http://shop.example", "",
            ] {
                let answer = try preflight(path, origin)
                #expect(answer.status == 403, "\(origin)")
                #expect(answer["access-control-allow-origin"] == nil)
                #expect(answer["vary"] == "Origin")
            }
        }
        #expect(try preflight("/v3/stores/store_absent/public/auth/login", SignInServer.origin).status == 403)
        #expect(try preflight("/openapi.json", SignInServer.origin).status == 405)
        // The answers themselves, direct ones too, and the errors.
        for (path, token, status) in [
            (sample.order.orderPath, token, 200), (sample.order.orderPath, token, 200), (sample.order.orderPath, "x", 401),
            (server.path(storeID, "customers/me"), token, 200), (server.path(storeID, "customers/me/none"), token, 404),
            ("/" + sample.order.orderPath, token, 200),
            (sample.order.orderPath.replacing("store_", with: "store%5F"), token, 200),
        ] {
            let own = try server.server.ask(path, token: token, ("Origin", SignInServer.origin))
            #expect(own.status == status)
            #expect(own["access-control-allow-origin"] == SignInServer.origin, "\(path)")
            #expect(own["access-control-expose-headers"]?.contains("ETag") == true)
            #expect(own["vary"]?.contains("Origin") == true)
            let other = try server.server.ask(path, token: token, ("Origin", "https://evil.example"))
            #expect(other.status == status)
            #expect(other["access-control-allow-origin"] == nil)
            #expect(other["vary"]?.contains("Origin") == true)
        }
        #expect(try server.server.ask("/openapi.json", ("Origin", SignInServer.origin))["access-control-allow-origin"] == nil)
    }

    @Test func `answers as described`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let sample = try SignInServer.samples()[9]
        let storeID = sample.buyer.storeID
        let description = Description(try server.server.ask("/openapi.json").json)
        let tokens = try await server.signIn(sample)
        let template = "/v3/stores/{store_id}"
        var called: Set<String> = []
        for (route, body) in publicRoutes {
            called.insert("post \(template)/public/auth/\(route)")
            for body in [body, [:], ["refresh": tokens["refresh"] ?? .null]] as [JSON] {
                try description.expect(try server.post(route, storeID, body), "post", "\(template)/public/auth/\(route)")
            }
            let unknown = try server.server.send("POST", server.path(storeID, "public/auth/\(route)"), body)
            try description.expect(unknown, "post", "\(template)/public/auth/\(route)")
        }
        let token = try await server.server.token(for: sample.order)
        let me = server.path(storeID, "customers/me")
        let address: JSON = ["name": "Siti", "address": "Jalan"]
        for (method, route, body) in [
            ("GET", "", nil), ("PATCH", "", ["name": "Siti"]), ("PATCH", "", ["name": 7]),
            ("PATCH", "", ["email": "a@example.com", "otp": "123456"]),
            ("POST", "/set-new-password", ["new_password": "x"]), ("GET", "/addresses", nil), ("POST", "/addresses", address),
            ("POST", "/addresses", [:]), ("GET", "/addresses/1", nil), ("GET", "/addresses/9", nil),
            ("PATCH", "/addresses/1", ["city": "Solo"]),
            ("PATCH", "/addresses/1", ["city": 7]), ("DELETE", "/addresses/1", nil), ("DELETE", "/addresses/1", nil),
        ] as [(String, String, JSON?)] {
            let described = "\(template)/customers/me" + route.replacing(/\/\d+/, with: "/{id}")
            called.insert("\(method.lowercased()) \(described)")
            for token in [token, nil] {
                try description.expect(
                    try server.server.send(method, me + route, body, token: token), method.lowercased(), described)
            }
        }
        #expect(called == description.operations(tagged: ["Signing in", "Customer"]))
    }
}
