import Crypto
import Foundation

/// 256 random bits in a link that lets somebody set a new password, once and within an hour.
package struct ResetToken: Sendable {
    package static let lifetime: Int64 = 3600

    /// The bits in base64 as addresses take it.
    package let text: String
    /// What is stored of it: its SHA-256.
    package let digest: [UInt8]

    /// A new token, from the system's generator.
    package init() {
        let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        self.init(bytes: bytes)
    }

    /// Reads a token; `nil` where it is none of ours by its form.
    package init?(_ text: String) {
        guard text.utf8.count == 43, let bytes = Data(base64URLEncoded: text), bytes.count == 32 else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: Data) {
        text = bytes.base64URLEncoded
        digest = [UInt8](SHA256.hash(data: bytes))
    }
}
