import Crypto
import Foundation
import Orders

/// 256 random bits in a link that allows someone to set a new password, once and within an hour.
package struct ResetToken: Sendable {
    package static let lifetime: Int64 = 3600

    /// The bits in URL-safe base64.
    package let text: String
    /// The stored form of the token: its SHA-256.
    package let digest: [UInt8]

    /// A new token from the system's random number generator.
    package init() {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        self.init(bytes: bytes)
    }

    /// Parses a token; `nil` if it does not have the format of ours.
    package init?(_ text: String) {
        guard text.utf8.count == 43, let bytes = Data(base64URLEncoded: text), bytes.count == 32 else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: Data) {
        text = bytes.base64URLEncoded
        digest = [UInt8](SHA256.hash(data: bytes))
    }
}
