import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A buyer signs in` {
    @Test(arguments: TestServer.Kind.allCases)
    func `with a code, reads the order, refreshes, and signs out`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let sample = try SignInServer.samples()[0]
        let storeID = sample.buyer.storeID
        let tokens = try await server.signIn(sample)
        guard case .object(let members) = tokens else {
            Issue.record("no tokens")
            return
        }
        #expect(
            members.members.map(\.name) == [
                "access", "refresh", "token_type", "expires_in", "refresh_expires_in", "store_unique_id",
            ])
        #expect(tokens["expires_in"] == 900 && tokens["refresh_expires_in"] == 2_592_000 && tokens["token_type"] == "Bearer")
        #expect(tokens["store_unique_id"] == .string(storeID.text))
        let order = try server.server.ask(sample.order.orderPath, token: tokens.text("access"))
        #expect(order.status == 200)
        #expect(order.json["customer"]?["email"] == .string(sample.email))
        #expect(order.json["customer"]?["confirmed_at"] != .null)
        #expect(order.json["customer"]?["status"] == "confirmed")

        let next = try server.post("jwt/refresh", storeID, ["refresh": tokens["refresh"] ?? .null])
        #expect(next.status == 200)
        #expect(next["cache-control"] == "no-store")
        // As if the answer had been lost.
        #expect(try server.post("jwt/refresh", storeID, ["refresh": tokens["refresh"] ?? .null]).status == 200)
        let access = next.json.text("access")
        #expect(try server.server.ask(sample.order.orderPath, token: access).status == 200)

        let out = try server.post("jwt/blacklist", storeID, ["tokens": [.string(access), next.json["refresh"] ?? .null, "x"]])
        #expect(out.status == 204)
        // Both access tokens belong to the session.
        for token in [access, tokens.text("access")] {
            let refused = try server.server.ask(sample.order.orderPath, token: token)
            #expect(refused.status == 401)
            #expect(refused.errorCode == "invalid_token")
        }
        let over = try server.post("jwt/refresh", storeID, ["refresh": next.json["refresh"] ?? .null])
        #expect(over.status == 401)
        #expect(over.errorCode == "invalid_refresh_token")
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `with a password set through a link`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let sample = try SignInServer.samples()[1]
        let storeID = sample.buyer.storeID
        let before = try await server.signIn(sample)
        #expect(
            try server.post(
                "forget-password", storeID, ["email": .string(" " + sample.email.uppercased())], ("Origin", SignInServer.origin),
                ("Accept-Language", "en-US,en;q=0.9,id;q=0.8")
            )
            .status == 204)
        let mail = try await server.server.mail(to: sample.email, number: 2)
        #expect(mail.contains("Subject: Set your password"))
        let link = try server.server.link(in: mail)
        #expect(link.hasPrefix(SignInServer.origin + "/reset-password?token="))
        let token = String(link.split(separator: "=")[1])
        let save = { (password: String) in
            try server.post("save-password", storeID, ["token": .string(token), "password": .string(password)])
        }
        let weak = try save("password")
        #expect(weak.status == 400)
        #expect(weak.json["errors"]?["password"] != nil)
        // The link is still valid.
        #expect(try save("tepi-sawah-pagi ☕").status == 204)
        #expect(try save("tepi-sawah-pagi ☕").errorCode == "invalid_reset_token")
        #expect(try server.server.ask(sample.order.orderPath, token: before.text("access")).status == 401)
        #expect(try server.post("jwt/refresh", storeID, ["refresh": before["refresh"] ?? .null]).status == 401)

        let credentials: JSON = ["email": .string(sample.email), "password": "tepi-sawah-pagi ☕"]
        let answer = try server.post("login", storeID, credentials)
        #expect(answer.status == 200)
        #expect(try server.server.ask(sample.order.orderPath, token: answer.json.text("access")).status == 200)
        let wrong = try server.post("login", storeID, ["email": .string(sample.email), "password": "tepi-sawah-malam"])
        #expect(wrong.status == 401)
        #expect(wrong.errorCode == "wrong_credentials")
        #expect(wrong["www-authenticate"]?.hasPrefix("Bearer") == true)
    }

    @Test func `with both, if the store also requires a code`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let sample = try SignInServer.samples(requiringCode: true)[0]
        let storeID = sample.buyer.storeID
        try await server.setPassword(sample, "gunung merapi 2968")
        let wrong = try server.post("login", storeID, ["email": .string(sample.email), "password": "gunung merapi 2967"])
        #expect(wrong.status == 401)
        let answer = try server.post("login", storeID, ["email": .string(sample.email), "password": "gunung merapi 2968"])
        #expect(answer.status == 200)
        #expect(answer.json["message"] != nil && answer.json["access"] == nil)
        let code = try server.server.code(in: try await server.server.mail(to: sample.email, number: 2))
        let tokens = try server.post("otp/verify", storeID, ["email": .string(sample.email), "otp": .string(code)])
        #expect(tokens.status == 200)
        #expect(try server.server.ask(sample.order.orderPath, token: tokens.json.text("access")).status == 200)
    }

    @Test func `and sets a new password, which ends the other sessions`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let sample = try SignInServer.samples()[2]
        let path = server.path(sample.buyer.storeID, "customers/me/set-new-password")
        let first = try await server.signIn(sample)
        let set = { (token: String, body: JSON) in try server.server.send("POST", path, body, token: token) }
        let second = try set(first.text("access"), ["new_password": "danau toba 1145"])
        #expect(second.status == 200, "\(second.text)")
        #expect(try server.server.ask(sample.order.orderPath, token: first.text("access")).status == 401)
        let access = second.json.text("access")
        #expect(try server.server.ask(sample.order.orderPath, token: access).status == 200)
        for body in [["new_password": "danau singkarak"], ["new_password": "danau singkarak", "current_password": "danau"]]
            as [JSON]
        {
            let refused = try set(access, body)
            #expect(refused.status == 400)
            #expect(refused.json["errors"]?["current_password"] != nil)
        }
        #expect(try server.server.ask(sample.order.orderPath, token: access).status == 200)
        // As the Storefront API has it, the access token is enough.
        let third = try set(access, ["password": "danau singkarak"])
        #expect(third.status == 200)
        #expect(try set(third.json.text("access"), ["password": "danau poso 99", "current_password": "danau"]).status == 400)
        #expect(try set(third.json.text("access"), ["password": "danau"]).json["errors"]?["password"] != nil)
        #expect(try server.server.send("POST", path, ["new_password": "danau singkarak"]).status == 401)
    }

    @Test func `with a code that withstands a thousand concurrent guesses`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let sample = try SignInServer.samples()[3]
        let storeID = sample.buyer.storeID
        _ = try server.post("otp/send", storeID, ["email": .string(sample.email)])
        let again = try server.post("otp/send", storeID, ["email": .string(sample.email)])
        #expect(again.status == 429)
        #expect(again.errorCode == "too_many_requests")
        #expect((1...60).contains(Int(again["retry-after"] ?? "") ?? 0))
        let code = try server.server.code(in: try await server.server.mail(to: sample.email))
        let guesses = (0..<1000).map { String(100_000 + $0) }.filter { $0 != code }
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for guess in guesses {
                group.addTask {
                    try server.post("otp/verify", storeID, ["email": .string(sample.email), "otp": .string(guess)]).status
                }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(statuses == [401])
        #expect(try server.post("otp/verify", storeID, ["email": .string(sample.email), "otp": .string(code)]).status == 401)
    }

    @Test func `and the audit log records everything, without secrets`() async throws {
        let server = try await SignInServer.shared(.embedded)
        let sample = try SignInServer.samples()[4]
        let storeID = sample.buyer.storeID
        let tokens = try await server.signIn(sample)
        _ = try server.post("login", storeID, ["email": .string(sample.email), "password": "SECRET-WORD"])
        _ = try server.post("jwt/blacklist", storeID, ["tokens": [tokens["access"] ?? .null]])
        let outcome = try Pesanan.run(
            "audit", "--store", storeID.text, "--customer", sample.email, "--data", server.server.folder.path("data"))
        #expect(outcome.status == 0)
        let kinds = outcome.output.split(separator: "\n").map { $0.split(separator: " ", omittingEmptySubsequences: true) }
        #expect(kinds.map { String($0[1]) } == ["signed_out", "wrong_password", "signed_in_with_code", "code_sent"])
        #expect(kinds[0].last == "127.0.0.1")
        // Without a store, all stores are searched.
        let data = server.server.folder.path("data")
        #expect(try Pesanan.run("audit", "--customer", " \(sample.email.uppercased())", "--data", data).output == outcome.output)
        for customer in ["x@example.com", "\(sample.buyer.customerID)"] {
            #expect(try Pesanan.run("audit", "--customer", customer, "--data", data).status == 1)
        }
        let log = try await server.server.log()
        for secret in ["SECRET-WORD", sample.email, tokens.text("access"), tokens.text("refresh")] {
            #expect(!outcome.output.contains(secret) && !log.contains(secret))
        }
        #expect(
            try Pesanan.run(
                "audit", "--store", storeID.text, "--customer", "x@example.com", "--data", server.server.folder.path("data")
            ).status == 1)
    }
}
