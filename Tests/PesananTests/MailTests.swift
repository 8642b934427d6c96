import Accounts
import Foundation
import JSON
import Orders
import Synchronization
import TestFixtures
import TestPostgres
import TestServer
import Testing

/// A real SMTP server, `scripts/smtp-server`.
private struct SMTP {
    private let server: ScriptedServer

    init(_ options: String...) throws { server = try ScriptedServer("smtp-server", options) }

    var port: Int { server.port }

    /// Waits until there are this many mails, and returns them.
    func mails(_ count: Int = 1) async throws -> [JSON] {
        guard try await eventually({ server.lines.count >= count }) else { throw TestServer.NoMail() }
        return server.lines
    }
}

@Suite struct `A mail` {
    private func code(in mail: JSON) throws -> String {
        let content = mail.text("content").replacing("\r\n", with: "\n")
        return String(try #require(content.firstMatch(of: /\n {4}(\d{6})\n/)).1)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `is sent over SMTP, in the requested language`(kind: TestServer.Kind) async throws {
        let smtp = try SMTP()
        let server = try await SignInServer(
            kind, ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(smtp.port)", "--mail-from", "toko@shop.example"])
        let (sample, other) = (try SignInServer.samples()[0], try SignInServer.samples()[1])
        let storeID = sample.buyer.storeID
        #expect(try server.post("otp/send", storeID, ["email": .string(sample.email)]).status == 200)
        // Nobody's address: nothing is sent or queued.
        #expect(try server.post("otp/send", storeID, ["email": "nobody@example.com"]).status == 200)
        let mail = try await smtp.mails()[0]
        #expect(mail["to"] == [.string(sample.email)])
        #expect(mail["from"] == "toko@shop.example")
        let content = mail.text("content")
        #expect(content.contains("Subject: Kode masuk Anda untuk"))
        #expect(
            content.contains("Content-Type: text/plain; charset=utf-8")
                && content.contains("Content-Type: text/html; charset=utf-8"))
        #expect(content.contains("Auto-Submitted: auto-generated"))
        let answer = try server.post("otp/verify", storeID, ["email": .string(sample.email), "otp": .string(code(in: mail))])
        #expect(answer.status == 200)
        _ = try server.post(
            "otp/send", other.buyer.storeID, ["email": .string(other.email)], ("Accept-Language", "en"))
        let second = try await smtp.mails(2)[1]
        #expect(second["to"] == [.string(other.email)])
        #expect(second.text("content").contains("Subject: Your sign-in code for"))
        #expect(try server.server.mails().isEmpty)
    }

    @Test func `waits for an unavailable server, and then has a valid code`() async throws {
        let port = try SMTP().port
        let server = try await SignInServer(.embedded, ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(port)"])
        let sample = try SignInServer.samples()[0]
        #expect(try server.post("otp/send", sample.buyer.storeID, ["email": .string(sample.email)]).status == 200)
        #expect(try await eventually { try await server.server.log().contains("a mail could not be delivered") })
        let smtp = try SMTP("--port", String(port))
        let mail = try await smtp.mails()[0]
        let answer = try server.post(
            "otp/verify", sample.buyer.storeID, ["email": .string(sample.email), "otp": .string(code(in: mail))])
        #expect(answer.status == 200)
        #expect(try await !server.server.log().contains(sample.email))
    }

    @Test func `that is permanently refused is dropped, and the audit log records it`() async throws {
        let smtp = try SMTP("--refuse", "550")
        let server = try await SignInServer(.embedded, ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(smtp.port)"])
        let sample = try SignInServer.samples()[0]
        #expect(try server.post("otp/send", sample.buyer.storeID, ["email": .string(sample.email)]).status == 200)
        let isOnRecord = try await eventually {
            try Pesanan.run(
                "audit", "--store", sample.buyer.storeID.text, "--customer", sample.email, "--data",
                server.server.folder.path("data")
            ).output.contains("mail_failed")
        }
        #expect(isOnRecord)
        let log = try await server.server.log()
        #expect(log.contains("550") && log.contains(#""again":"no""#))
        #expect(!log.contains(sample.email))
    }

    /// Imports an order of a new customer with an address in the merchant's form.
    private func customer(_ id: Int, _ address: String, of store: StoreID, _ server: SignInServer) throws {
        var generator = SystemRandomNumberGenerator()
        let order = Fixture.order(
            id: .string(OrderID(mintedAt: .now, using: &generator)!.description), store: store, customer: id,
            ["customer": ["id": .number(String(id)), "name": "Mia", "email": .string(address)]])
        let data = server.server.folder.path("data")
        #expect(try Pesanan.run("import", "orders", "-", "--data", data, input: order.encoded).status == 0)
    }

    @Test func `reaches a domain beyond ASCII, in whatever form the address is given`() async throws {
        let smtp = try SMTP("--ascii")
        let server = try await SignInServer(
            .embedded,
            ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(smtp.port)", "--public-url", "https://müller-toko.example"])
        let storeID = try SignInServer.samples()[0].buyer.storeID
        try customer(990_001, "mia@müller-toko.example", of: storeID, server)
        #expect(try server.post("otp/send", storeID, ["email": "Mia@xn--mller-toko-9db.example"]).status == 200)
        let mail = try await smtp.mails()[0]
        #expect(mail["to"] == ["mia@xn--mller-toko-9db.example"])
        #expect(mail["from"] == "no-reply@xn--mller-toko-9db.example")
        let verified = try server.post(
            "otp/verify", storeID, ["email": "mia@mu\u{308}ller-toko.example", "otp": .string(code(in: mail) + "\n")])
        #expect(verified.status == 200)
        for address in ["mia@müller-toko.example", "MIA@xn--mller-toko-9db.example"] {
            let audit = try Pesanan.run(
                "audit", "--store", storeID.text, "--customer", address, "--data", server.server.folder.path("data"))
            #expect(audit.output.contains("signed_in_with_code"))
        }
    }

    @Test func `is given up if the server can't take the name before the domain`() async throws {
        let smtp = try SMTP("--ascii")
        let server = try await SignInServer(.embedded, ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(smtp.port)"])
        let storeID = try SignInServer.samples()[0].buyer.storeID
        try customer(990_002, "rené@example.com", of: storeID, server)
        #expect(try server.post("otp/send", storeID, ["email": "rené@example.com"]).status == 200)
        #expect(try await eventually { try await server.server.log().contains("supports SMTPUTF8") })
        let log = try await server.server.log()
        #expect(log.contains(#""again":"no""#) && !log.contains("rené"))
        // A server that supports it takes it.
        let unicode = try SMTP()
        let other = try await SignInServer(.embedded, ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(unicode.port)"])
        try customer(990_002, "rené@example.com", of: storeID, other)
        #expect(try other.post("otp/send", storeID, ["email": "rené@example.com"]).status == 200)
        #expect(try await unicode.mails()[0]["to"] == ["rené@example.com"])
    }

    @Test func `goes over TLS if the server supports it, and a password only over TLS`() async throws {
        let folder = try TemporaryFolder()
        let certificate = try await TestCertificate(in: folder)
        let smtp = try SMTP("--tls", certificate.file, certificate.keyFile)
        let server = try await SignInServer(.embedded, ["--limits", "off", "--smtp", "smtp://127.0.0.1:\(smtp.port)"])
        let sample = try SignInServer.samples()[0]
        _ = try server.post("otp/send", sample.buyer.storeID, ["email": .string(sample.email)])
        #expect(try await smtp.mails()[0]["tls"] == true)

        // An untrusted certificate is not good enough for a password, and smtps:// requires TLS.
        let strict = try SMTP("--tls", certificate.file, certificate.keyFile, "--login", "toko", "SECRET-WORD")
        let other = try await SignInServer(
            .embedded, ["--limits", "off", "--smtp", "smtps://toko:SECRET-WORD@127.0.0.1:\(strict.port)"])
        _ = try other.post("otp/send", sample.buyer.storeID, ["email": .string(sample.email)])
        #expect(try await eventually { try await other.server.log().contains("a mail could not be delivered") })
        #expect(try await !other.server.log().contains("SECRET-WORD"))
    }

    @Test func `is sent with user and password on this machine`() async throws {
        let smtp = try SMTP("--login", "toko", "kata sandi@1")
        let server = try await SignInServer(
            .embedded, ["--limits", "off", "--smtp", "smtp://toko:kata%20sandi%401@127.0.0.1:\(smtp.port)"])
        let sample = try SignInServer.samples()[0]
        _ = try server.post("otp/send", sample.buyer.storeID, ["email": .string(sample.email)])
        #expect(try await smtp.mails()[0]["user"] == "toko")
    }
}
