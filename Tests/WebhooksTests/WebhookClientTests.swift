import Accounts
import Foundation
import OrderServices
import Orders
import TestFixtures
import TestServer
import Testing
import Webhooks

@Suite struct `The client that sends webhooks` {
    private static let body = Array(#"{"event":"order.created"}"#.utf8)

    private static func post(_ url: String, targets: WebhookTargets = .any) async throws -> WebhookAnswer {
        try await WebhookClient.with(targets: targets) { client in
            await client.post(body, headers: [("webhook-id", "event_1")], to: url)
        }
    }

    @Test func `says how it went, whatever the receiver does`() async throws {
        let receiver = try WebhookReceiver()
        for (path, status) in [
            ("/ok", 200), ("/status/204", 204), ("/status/500", 500), ("/status/410", 410), ("/redirect", 302),
        ] {
            let answer = try await Self.post(receiver.url(path))
            #expect(answer.status == status && answer.body == (status == 204 ? nil : "thanks\n"), "\(path): \(answer)")
            #expect((answer.failure == nil) == (200..<300).contains(status), "\(path)")
        }
        #expect(receiver.webhooks(to: "/ok").count == 1)

        let endless = try await Self.post(receiver.url("/endless"))
        #expect(endless.status == 200 && endless.body?.utf8.count == 1024)
        for (path, words) in [("/reset", "closed the connection"), ("/garbage", "not HTTP"), ("/silent", "within 10 seconds")] {
            let answer = try await Self.post(receiver.url(path))
            #expect(answer.status == nil && answer.failure?.contains(words) ?? false, "\(path): \(answer)")
        }
        let deaf = try WebhookReceiver("--deaf")
        #expect(try await Self.post(deaf.url("/")).failure?.contains("within 10 seconds") ?? false)
        let nobody = try await Self.post("http://127.0.0.1:9/")
        #expect(nobody.failure?.contains("can't be connected to") ?? false, "\(nobody)")
        let unknown = try await Self.post("http://no-such-host.invalid/")
        #expect(unknown.failure?.contains("no address") ?? false, "\(unknown)")
    }

    @Test func `accepts no certificate that nobody vouches for`() async throws {
        let folder = try TemporaryFolder()
        let openssl = Process()
        openssl.executableURL = URL(filePath: "/usr/bin/openssl")
        openssl.arguments =
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
            + ["-keyout", folder.path("key"), "-out", folder.path("certificate")]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        let receiver = try WebhookReceiver("--tls", folder.path("certificate"), folder.path("key"))
        let answer = try await Self.post("https://localhost:\(receiver.port)/ok")
        #expect(answer.failure?.contains("certificate") ?? false, "\(answer)")
        let plain = try WebhookReceiver()
        let wrong = try await Self.post("https://localhost:\(plain.port)/ok")
        #expect(wrong.status == nil && wrong.failure != nil)
        #expect(receiver.webhooks().isEmpty && plain.webhooks().isEmpty)
    }

    @Test func `connects to nothing but the public internet, whatever a name leads to`() async throws {
        let receiver = try WebhookReceiver()
        let port = receiver.port
        for host in ["127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.1", "0.0.0.0", "[::ffff:127.0.0.1]", "10.0.0.1"] {
            for url in ["http://\(host):\(port)/ok", "https://\(host):\(port)/ok"] {
                let answer = try await Self.post(url, targets: .public)
                #expect(answer.status == nil && answer.failure != nil, "\(url): \(answer)")
            }
        }
        let named = try await Self.post("https://2130706433:\(port)/ok", targets: .public)
        #expect(named.failure == "the host's address is not one of the public internet", "\(named)")
        #expect(receiver.webhooks().isEmpty)
    }
}
