import CCurl
import Foundation
package import OrderServices
package import Orders

/// The address of an SMTP server: `smtp://` (STARTTLS if the server supports it) or `smtps://`.
package struct SMTPServer: Sendable {
    let url: String
    let user: String?
    let password: String?
    /// Whether a mail must not be sent without TLS.
    let requiresTLS: Bool

    /// Parses `smtp[s]://[user:password@]host[:port]`; `nil` for anything else.
    ///
    /// With a user and a password, TLS is required so that nobody can read them in transit, unless the server is on this machine.
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

/// Sends mails to an SMTP server with libcurl.
package final class SMTPTransport: MailTransport {
    private let server: SMTPServer
    private let format: MailFormat
    private let queue = DispatchQueue(label: "pesanan.mail", attributes: .concurrent)
    /// The time limit for one mail, in seconds.
    private static let patience = 30

    /// libcurl's global initialization, which must precede its use by several threads.
    private static let isPrepared: Void = ccurl_prepare()

    package init(_ server: SMTPServer, sender: EmailAddress) {
        _ = Self.isPrepared
        self.server = server
        format = MailFormat(sender: sender)
    }

    package func send(_ message: MailMessage) async throws {
        let bytes = format.bytes(of: message, at: .now)
        // libcurl blocks its calling thread, so it runs on a separate queue.
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async { [self] in
                continuation.resume(with: Result { try send(bytes, to: message.recipient) })
            }
        }
    }

    /// The name used in the SMTP greeting: the sender's domain if it is valid there.
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
        // 5xx codes are permanent (RFC 5321, section 4.2.1), but not if it is our own login that was refused.
        let isFinal = (500...529).contains(response) || (550...559).contains(response)
        let why = isFinal && recipient.hasUnicodeLocalPart ? "; the address needs a server that supports SMTPUTF8" : ""
        throw MailFailure("\(words)\(answer)\(why)", isFinal: isFinal)
    }
}
