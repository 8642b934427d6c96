import Crypto
import Foundation

/// The signature of a webhook from Scalev: `X-Scalev-Hmac-Sha256` (`api.md`).
package enum WebhookSignature {
    package static let header = "X-Scalev-Hmac-Sha256"

    /// Whether a header is base64 of HMAC-SHA256 over the body as it came. Compared in constant time.
    package static func isValid(_ header: String?, of body: [UInt8], secret: String) -> Bool {
        guard let header, let code = Data(base64Encoded: header.trimmingCharacters(in: .whitespaces)) else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: body, using: SymmetricKey(data: Data(secret.utf8)))
    }

    /// The header for a body.
    package static func header(for body: [UInt8], secret: String) -> String {
        Data(HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Data(secret.utf8)))).base64EncodedString()
    }
}
