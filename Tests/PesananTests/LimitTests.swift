import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A client over the limit` {
    @Test func `is told when to retry, by IP address`() async throws {
        let server = try await SignInServer(
            .embedded, ["--limit-sign-in-client", "5/3600", "--trusted-proxies", " 127.0.0.0/8, 10.0.0.0/8 "])
        let storeID = try SignInServer.samples()[0].buyer.storeID
        let ask = { (forwarded: String?) in
            try server.server.send(
                "POST", server.path(storeID, "public/auth/jwt/blacklist"), bytes: Array(#"{"tokens":[]}"#.utf8),
                [("X-Scalev-Storefront-Api-Key", server.keys[storeID]!)] + (forwarded.map { [("X-Forwarded-For", $0)] } ?? []))
        }
        for number in 1...5 {
            let answer = try ask("192.0.2.7")
            #expect(answer.status == 204)
            #expect(answer["x-ratelimit-limit"] == "5")
            #expect(answer["x-ratelimit-remaining"] == String(5 - number))
            #expect((1...3600).contains(Int(answer["x-ratelimit-reset"] ?? "") ?? 0))
        }
        let refused = try ask("192.0.2.7")
        #expect(refused.status == 429)
        #expect(refused.errorCode == "too_many_requests")
        #expect((1...720).contains(Int(refused["retry-after"] ?? "") ?? 0))
        #expect(refused["x-ratelimit-remaining"] == "0")
        // Addresses that the client itself put in front do not count; a proxy behind the proxy does.
        #expect(try ask("198.51.100.1, 192.0.2.7").status == 429)
        #expect(try ask("192.0.2.7, 10.1.2.3").status == 429)
        #expect(try ask("192.0.2.7:4711").status == 429)
        #expect(try ask("192.0.2.8").status == 204)
        #expect(try ask(nil).status == 204)
        // Addresses of one IPv6 network count as one client.
        for number in 1...5 { #expect(try ask("2001:db8:1:2::\(number)").status == 204) }
        #expect(try ask("2001:db8:1:2:ffff::1").status == 429)
        #expect(try ask("[2001:db8:1:2::9]:4711").status == 429)
        #expect(try ask("2001:db8:1:3::1").status == 204)
    }

    @Test func `is the connecting address if no proxy is trusted`() async throws {
        let server = try await SignInServer(.embedded, ["--limit-sign-in-client", "2/3600"])
        let storeID = try SignInServer.samples()[0].buyer.storeID
        for (number, status) in [(1, 204), (2, 204), (3, 429)] {
            let answer = try server.post("jwt/blacklist", storeID, ["tokens": []], ("X-Forwarded-For", "192.0.2.\(number)"))
            #expect(answer.status == status)
        }
    }

    @Test func `is limited per e-mail address, whether it is a customer's or not`() async throws {
        let server = try await SignInServer(.embedded, ["--limit-sign-in-account", "3/600"])
        let sample = try SignInServer.samples()[0]
        for email in [sample.email, "nobody@example.com"] {
            for number in 1...4 {
                let spelled = number % 2 == 0 ? email.uppercased() : " \(email)"
                let answer = try server.post(
                    "otp/verify", sample.buyer.storeID, ["email": .string(spelled), "otp": "000000"])
                #expect(answer.status == (number < 4 ? 401 : 429))
            }
            let refused = try server.post("otp/send", sample.buyer.storeID, ["email": .string(email)])
            #expect(refused.status == 429)
            #expect((1...200).contains(Int(refused["retry-after"] ?? "") ?? 0))
            // The values of the exceeded limit, which is not the client's.
            #expect(refused["x-ratelimit-limit"] == "3" && refused["x-ratelimit-remaining"] == "0")
            #expect((1...600).contains(Int(refused["x-ratelimit-reset"] ?? "") ?? 0))
        }
        #expect(try server.post("otp/send", sample.buyer.storeID, ["email": "other@example.com"]).status == 200)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `can't lock the owner of an address out, however many clients it has`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer(kind, ["--limit-sign-in-address", "20/86400", "--trusted-proxies", "127.0.0.0/8"])
        let sample = try SignInServer.samples()[0]
        let storeID = sample.buyer.storeID
        let owner = "198.51.100.7"
        let ask = { (route: String, body: JSON, client: String) in
            try server.post(route, storeID, body, ("X-Forwarded-For", client))
        }
        let email = JSON.string(sample.email)
        // The owner has signed in before.
        #expect(try ask("otp/send", ["email": email], owner).status == 200)
        let first = try server.server.code(in: try await server.server.mail(to: sample.email))
        #expect(try ask("otp/verify", ["email": email, "otp": .string(first)], owner).status == 200)
        // Strangers guess before there is a code, and go on.
        func guess(_ rounds: ClosedRange<Int>) throws -> [Int] {
            try rounds.map { try ask("otp/verify", ["email": email, "otp": "000000"], "192.0.2.\($0)").status }
        }
        #expect(try guess(1...30).suffix(10) == Array(repeating: 429, count: 10)[...])
        #expect(try ask("otp/send", ["email": email], owner).status == 200)
        let code = try server.server.code(in: try await server.server.mail(to: sample.email, number: 2))
        _ = try guess(31...60)
        #expect(try ask("login", ["email": email, "password": "x"], "192.0.2.99").status == 429)
        #expect(
            try ask("otp/verify", ["email": email, "otp": .string(code == "111111" ? "222222" : "111111")], owner).status == 401)
        #expect(try ask("otp/verify", ["email": email, "otp": .string(code)], owner).status == 200)
        // The owner can see it.
        let audit = try Pesanan.run(
            ["audit", "--store", storeID.text, "--customer", sample.email, "--data", server.server.folder.path("data")],
            environment: try await server.environment)
        #expect(audit.output.contains("wrong_code  192.0.2.1\n"))
    }

    @Test func `can't use up a code that somebody else has asked for`() async throws {
        let server = try await SignInServer(.embedded, ["--trusted-proxies", "127.0.0.0/8"])
        let sample = try SignInServer.samples()[1]
        let storeID = sample.buyer.storeID
        let email = JSON.string(sample.email)
        #expect(try server.post("otp/send", storeID, ["email": email], ("X-Forwarded-For", "198.51.100.7")).status == 200)
        let code = try server.server.code(in: try await server.server.mail(to: sample.email))
        let wrong = code == "000000" ? "000001" : "000000"
        for number in 1...20 {
            let client = ("X-Forwarded-For", "192.0.2.\(number)")
            #expect(try server.post("otp/verify", storeID, ["email": email, "otp": .string(wrong)], client).status == 401)
            // Not even the right code helps a stranger once the tries of strangers are used up.
            guard number > 3 else { continue }
            #expect(try server.post("otp/verify", storeID, ["email": email, "otp": .string(code)], client).status == 401)
        }
        let right = try server.post(
            "otp/verify", storeID, ["email": email, "otp": .string(code)], ("X-Forwarded-For", "198.51.100.7"))
        #expect(right.status == 200)
        // Nor one that the stranger has asked for, now that the owner has signed in.
        let stranger = ("X-Forwarded-For", "192.0.2.50")
        #expect(try server.post("otp/send", storeID, ["email": email], stranger).status == 200)
        let next = try server.server.code(in: try await server.server.mail(to: sample.email, number: 2))
        let guess = JSON.string(next == "000000" ? "000001" : "000000")
        for _ in 1...7 {
            #expect(try server.post("otp/verify", storeID, ["email": email, "otp": guess], stranger).status == 401)
        }
        let owner = try server.post(
            "otp/verify", storeID, ["email": email, "otp": .string(next)], ("X-Forwarded-For", "198.51.100.7"))
        #expect(owner.status == 200)
    }

    @Test func `is limited as a customer on every route, without affecting others`() async throws {
        let server = try await SignInServer(.embedded, ["--limit-customer", "20/36000"])
        let (sample, other) = (try SignInServer.samples()[0], try SignInServer.samples()[1])
        let token = try await server.server.token(for: sample.order)
        let paths = [sample.order.orderPath, sample.order.orderPath + "0", server.path(sample.buyer.storeID, "customers/me")]
        for number in 1...20 {
            let answer = try server.server.ask(paths[number % 3], token: token)
            #expect(answer.status != 429)
            #expect(answer["x-ratelimit-remaining"] == String(20 - number), "\(number)")
        }
        for path in paths {
            let answer = try server.server.ask(path, token: token)
            #expect(answer.status == 429)
            #expect(answer["retry-after"] == "1800")
        }
        #expect(
            try server.server.ask(other.order.orderPath, token: try await server.server.token(for: other.order)).status == 200)
    }

    @Test func `is limited across all servers of a database`() async throws {
        let options = ["--limit-sign-in-account", "4/3600", "--limit-customer", "200/36000"]
        let first = try await SignInServer(.postgres, options)
        let second = try await first.another(options)
        let sample = try SignInServer.samples()[0]
        let statuses = try (0..<6).map { number in
            try (number % 2 == 0 ? first : second).post(
                "otp/verify", sample.buyer.storeID, ["email": .string(sample.email), "otp": "000000"]
            ).status
        }
        #expect(statuses == [401, 401, 401, 401, 429, 429])
        // Servers share frequent limits afterwards, so slightly more requests than the limit may get through.
        let token = try await first.server.token(for: sample.order)
        var answered = 0
        for number in 0..<600 {
            let answer = try (number % 2 == 0 ? first : second).server.ask(sample.order.orderPath, token: token)
            if answer.status == 200 { answered += 1 }
            if number % 20 == 0 { try await Task.sleep(for: .milliseconds(20)) }
        }
        #expect((200...300).contains(answered), "\(answered)")
    }

    @Test func `is determined by settings, which must be valid`() throws {
        for options in [
            ["--limits", "maybe"], ["--limit-customer", "0/60"], ["--limit-customer", "10"], ["--limit-sign-in-client", "x/60"],
            ["--limit-sign-in-account", "1/-1"], ["--trusted-proxies", "10.0.0.0/33"], ["--trusted-proxies", "proxy"],
            ["--smtp", "http://x"], ["--smtp", "smtp://user@x"], ["--mail-from", "x"],
        ] {
            let outcome = try Pesanan.run(["serve", "--port", "0"] + options)
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("the setting \(options[0].dropFirst(2))"), "\(outcome.errors)")
        }
    }
}
