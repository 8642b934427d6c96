import Foundation
import OrderServices
import Orders
import Testing

@testable import Mail

@Suite struct `A formatted mail` {
    private func written(_ message: MailMessage) -> String {
        let format = MailFormat(sender: EmailAddress("toko@shop.example")!)
        return String(decoding: format.bytes(of: message, at: Timestamp(seconds: 1_795_519_489), id: "1"), as: UTF8.self)
    }

    private let message = MailMessage(
        recipient: EmailAddress("siti@example.com")!, senderName: "Kopi Tepi Sawah", subject: "Kode masuk",
        text: "Halo,\n\n    042137\n",
        html: "<p>é = \u{2615}</p>\n")

    @Test func `has two forms of the same text`() {
        #expect(
            written(message) == """
                From: Kopi Tepi Sawah <toko@shop.example>\r
                To: <siti@example.com>\r
                Subject: Kode masuk\r
                Date: Tue, 24 Nov 2026 11:24:49 +0000\r
                Message-ID: <1@shop.example>\r
                MIME-Version: 1.0\r
                Auto-Submitted: auto-generated\r
                Content-Type: multipart/alternative; boundary="=_1"\r
                \r
                --=_1\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                Halo,\r
                \r
                    042137\r
                \r
                --=_1\r
                Content-Type: text/html; charset=utf-8\r
                Content-Transfer-Encoding: quoted-printable\r
                \r
                <p>=C3=A9 =3D =E2=98=95</p>\r
                \r
                --=_1--\r

                """)
    }

    @Test(arguments: [
        "Toko \u{2615} Sawah", "Toko\r\nBcc: x@example.com", "\"Toko\" <x@example.com>", String(repeating: "é☕ ", count: 80),
        "a\u{0}b",
    ])
    func `has no header injected by the store's name`(name: String) {
        let text = written(
            MailMessage(recipient: message.recipient, senderName: name, subject: name, text: "", html: ""))
        let header = text.components(separatedBy: "\r\n\r\n")[0]
        let lines = header.components(separatedBy: "\r\n")
        #expect(lines.allSatisfy { $0.utf8.count <= 100 && $0.utf8.allSatisfy { (0x20...0x7E).contains($0) } }, "\(header)")
        #expect(lines.filter { !$0.hasPrefix(" ") }.count == 8)
        #expect(!lines.contains { $0.hasPrefix("Bcc") })
        let words = lines.joined(separator: "\n").matches(of: /=\?utf-8\?B\?([A-Za-z0-9+\/=]+)\?=/)
        let decoded = words.map { String(decoding: Data(base64Encoded: String($0.1)) ?? Data(), as: UTF8.self) }.joined()
        #expect(decoded == name + name)
    }

    @Test func `keeps its lines within 76 characters, whatever their content`() {
        for line in [
            String(repeating: "a", count: 1000), String(repeating: "☕", count: 100), "a ", " ", "", "=",
            String(repeating: " ", count: 200),
        ] {
            let pieces = MailFormat.quotedPrintable(Substring(line))
            #expect(pieces.allSatisfy { $0.utf8.count <= 76 })
            #expect(pieces.last?.hasSuffix(" ") == false)
            let joined = pieces.map { $0 == pieces.last ? $0 : String($0.dropLast()) }.joined()
            let bytes = joined.split(separator: "=", omittingEmptySubsequences: false).enumerated().flatMap {
                position, part -> [UInt8] in
                guard position > 0 else { return Array(part.utf8) }
                return [UInt8(part.prefix(2), radix: 16)!] + Array(part.dropFirst(2).utf8)
            }
            #expect(String(decoding: bytes, as: UTF8.self) == line)
        }
    }

    @Test(arguments: [
        ("smtp://mail.example", "smtp://mail.example", false),
        ("smtps://mail.example:465", "smtps://mail.example:465", true),
        ("smtp://u:p@mail.example:587", "smtp://mail.example:587", true),
        ("smtp://u:p@localhost", "smtp://localhost", false),
    ])
    func `goes where the setting says, over TLS if a password is given`(text: String, url: String, requiresTLS: Bool) throws {
        let server = try #require(SMTPServer(text))
        #expect(server.url == url)
        #expect(server.requiresTLS == requiresTLS)
    }

    @Test(arguments: [
        "", "mail.example", "http://mail.example", "smtp://", "smtp://u@mail.example", "smtp://mail.example/x",
        "smtp://mail.example?x",
    ])
    func `goes nowhere else`(text: String) { #expect(SMTPServer(text) == nil) }
}
