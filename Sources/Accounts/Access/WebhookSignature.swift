import Crypto
import Foundation
package import Orders

/// The signatures of webhooks.
package enum WebhookSignature {
    /// The header of Scalev's webhooks (`api.md`).
    package static let header = "X-Scalev-Hmac-Sha256"

    /// Whether a header is base64 of HMAC-SHA256 over the body as it came. Compared in constant time.
    package static func isValid(_ header: String?, of body: [UInt8], secret: String) -> Bool {
        guard let header, let code = Data(base64Encoded: header.trimmingCharacters(in: .whitespaces)) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: SymmetricKey(data: Data(secret.utf8)))
    }

    /// The header for a body.
    package static func header(for body: [UInt8], secret: String) -> String { code(of: body, key: Array(secret.utf8)) }

    /// The headers of a delivery: those of Standard Webhooks, with a signature by each secret, and Scalev's, by the first.
    /// - Parameters:
    ///   - id: the same whenever an event is sent again.
    ///   - time: when it is sent.
    package static func headers(
        id: String, body: [UInt8], secrets: [WebhookSecret], at time: Timestamp
    ) -> [(name: String, value: String)] {
        let signed = Array("\(id).\(time.seconds).".utf8) + body
        return [
            ("webhook-id", id), ("webhook-timestamp", String(time.seconds)),
            ("webhook-signature", secrets.map { "v1,\(code(of: signed, key: $0.key))" }.joined(separator: " ")),
            (header, secrets.first.map { header(for: body, secret: $0.text) } ?? ""),
        ]
    }

    private static func code(of bytes: [UInt8], key: [UInt8]) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: key))).base64EncodedString()
    }
}
