import CCurl
import Foundation
package import OrderServices
package import Orders

/// Where mails are handed over, from `smtp://` (STARTTLS where the server has it) and `smtps://` addresses.
package struct SMTPServer: Sendable {
    let url: String
    let user: String?
    let password: String?
    /// Whether the mail goes over TLS or not at all.
    let requiresTLS: Bool

    /// Reads `smtp[s]://[user:password@]host[:port]`; `nil` for anything else.
    ///
    /// With a user and a password TLS is required, so that nobody on the way reads them, unless the server is on this machine.
    package init?(_ text: String) {
        guard let components = URLComponents(string: text), let scheme = components.scheme, ["smtp", "smtps"].contains(scheme),
            let host = components.host, !host.isEmpty, ["", "/"].contains(components.path), components.query == nil,
            components.fragment == nil, (components.user == nil) == (components.password == nil)
        else { return nil }
        user = components.user
        password = components.password
        let isLocal = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        requiresTLS = scheme == "smtps" || user != nil && !isLocal
        url = "\(scheme)://\(host)\(components.port.map { ":\($0)" } ?? "")"
    }
}

/// Hands mails to an SMTP server, through libcurl.
package final class SMTPTransport: MailTransport {
    private let server: SMTPServer
    private let format: MailFormat
    private let queue = DispatchQueue(label: "pesanan.mail")
    /// How long one mail may take, in seconds.
    private static let patience = 30

    package init(_ server: SMTPServer, sender: EmailAddress) {
        self.server = server
        format = MailFormat(sender: sender)
    }

    package func send(_ message: MailMessage) async throws {
        let bytes = format.bytes(of: message, at: .now)
        // libcurl waits for the server on the thread that calls it, so that is one of our own.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async { [self] in
                continuation.resume(with: Result { try send(bytes, to: message.recipient) })
            }
        }
    }

    /// What we call ourselves: the domain of the sender, where that is one that fits.
    private static func greeting(_ sender: EmailAddress) -> String {
        sender.domain.wholeMatch(of: /[a-z0-9.-]+/) == nil ? "localhost" : sender.domain
    }

    private func send(_ bytes: [UInt8], to recipient: EmailAddress) throws {
        var reason = [CChar](repeating: 0, count: 256)
        var response = 0
        let code = bytes.withUnsafeBytes { buffer in
            ccurl_send_mail(
                "\(server.url)/\(Self.greeting(format.sender))", server.user, server.password, server.requiresTLS ? 1 : 0,
                "<\(format.sender.text)>",
                "<\(recipient.text)>", buffer.baseAddress, buffer.count, Self.patience, &reason, reason.count, &response)
        }
        guard code != 0 else { return }
        let words = String(decoding: reason.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let answer = response > 0 ? " (the server answered \(response))" : ""
        // 5xx is for good (RFC 5321, section 4.2.1), but not where it is we who were not let in.
        let isFinal = (550...559).contains(response)
        throw MailFailure("\(words)\(answer)", isFinal: isFinal)
    }
}
