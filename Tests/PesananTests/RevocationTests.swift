import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A token` {
    /// Sends requests until the status is the given one.
    private func status(_ wanted: Int, _ server: TestServer, _ path: String, _ token: String) async throws -> Bool {
        try await eventually { try server.ask(path, token: token).status == wanted }
    }

    @Test func `that is revoked on one server is soon refused by all, cached or not`() async throws {
        let first = try await SignInServer(.postgres, ["--limits", "off"])
        let sample = try SignInServer.samples()[0]
        let storeID = sample.buyer.storeID
        let path = sample.order.orderPath
        let tokens = try await first.signIn(sample)
        let second = try await first.another(["--limits", "off"])
        let access = tokens.text("access")
        for _ in 1...2 { #expect(try second.server.ask(path, token: access).status == 200) }
        let next = try second.post("jwt/refresh", storeID, ["refresh": tokens["refresh"] ?? .null]).json
        #expect(try first.post("jwt/blacklist", storeID, ["tokens": [.string(access)]]).status == 204)
        #expect(try first.server.ask(path, token: access).status == 401)
        #expect(try await status(401, second.server, path, access))
        // The session stays valid.
        #expect(try first.server.ask(path, token: next.text("access")).status == 200)
        // Tokens that an operator issued earlier become invalid too.
        let operators = try await first.server.token(for: sample.order)
        try await second.setPassword(sample, "laut-banda-7440", mail: 2)
        for token in [next.text("access"), operators] {
            #expect(try second.server.ask(path, token: token).status == 401)
            #expect(try await status(401, first.server, path, token))
        }
        let made = try Pesanan.run(
            "token", "--store", storeID.text, "--customer", sample.email, environment: try await first.environment)
        let new = made.output.trimmingCharacters(in: .newlines)
        #expect(try second.server.ask(path, token: new).status == 200)
        #expect(try second.post("login", storeID, ["email": .string(sample.email), "password": "laut-banda-7440"]).status == 200)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `stays valid when keys rotate, and the new key signs`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer(kind, ["--limits", "off"])
        let sample = try SignInServer.samples()[0]
        let path = sample.order.orderPath
        let old = try await server.server.token(for: sample.order)
        #expect(try server.server.ask(path, token: old).status == 200)
        let data = server.server.folder.path("data")
        let environment = try await server.environment
        let run = { (words: String...) in try Pesanan.run(words + ["--data", data], environment: environment) }
        let rotated = try run("keys", "rotate")
        #expect(rotated.status == 0, "\(rotated.errors)")
        let newKey = rotated.output.trimmingCharacters(in: .newlines)
        #expect(try run("keys", "list").output.split(separator: "\n").count == 2)
        #expect(try await eventually { try server.server.ask("/.well-known/jwks.json").text.contains(newKey) })
        #expect(try server.server.ask(path, token: old).status == 200)
        // When every server knows the new key.
        try await Task.sleep(for: .seconds(5))
        let tokens = try await server.signIn(sample)
        #expect(tokens.text("access").tokenHeader["kid"] == .string(newKey))
        #expect(try server.server.ask(path, token: tokens.text("access")).status == 200)
        #expect(try server.server.ask(path, token: old).status == 200)
        #expect(try run("keys", "rotate", "--revoke").status == 0)
        #expect(try await status(401, server.server, path, old))
        #expect(try await status(401, server.server, path, tokens.text("access")))
        #expect(try server.post("jwt/refresh", sample.buyer.storeID, ["refresh": tokens["refresh"] ?? .null]).status == 401)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `of a store's site is valid until its key is revoked`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer(kind, ["--limits", "off"])
        let storeID = try SignInServer.samples()[0].buyer.storeID
        let environment = try await server.environment
        let data = server.server.folder.path("data")
        let run = { (words: [String]) in
            try Pesanan.run(words + ["--store", storeID.text, "--data", data], environment: environment)
        }
        #expect(try run(["storefront-key", "list"]).output.hasPrefix(server.keys[storeID]! + "  "))
        #expect(try run(["origin", "list"]).output.hasPrefix(SignInServer.origin + "  "))
        #expect(try server.post("jwt/blacklist", storeID, ["tokens": []]).status == 204)
        #expect(try run(["storefront-key", "revoke", server.keys[storeID]!]).status == 0)
        #expect(try run(["origin", "revoke", SignInServer.origin]).status == 0)
        #expect(try await eventually { try server.post("jwt/blacklist", storeID, ["tokens": []]).status == 404 })
        let isRefused = try await eventually {
            try server.server.ask(
                server.path(storeID, "customers/me"), method: "OPTIONS", ("Origin", SignInServer.origin),
                ("Access-Control-Request-Method", "GET")
            ).status == 403
        }
        #expect(isRefused)
        #expect(try run(["storefront-key", "revoke", server.keys[storeID]!]).status == 1)
        #expect(try run(["origin", "create", "https://shop.example/"]).status == 64)
        #expect(try run(["origin", "create", "*"]).status == 64)
        #expect(
            try Pesanan.run(["storefront-key", "create", "--store", "store_absent", "--data", data], environment: environment)
                .status == 1)
    }
}
