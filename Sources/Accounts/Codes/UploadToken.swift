import Crypto
import Foundation
package import Orders

/// 256 random bits with which somebody may send one file.
///
/// The file's name follows from it, and it does not follow from the name: who may see the file can't replace it.
package struct UploadToken: Sendable {
    /// The bits in URL-safe base64.
    package let text: String
    /// The name of the file.
    package let key: FileKey

    /// A new token from the system's random number generator.
    package init() { self.init(bytes: SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }) }

    /// Parses a token; `nil` if it does not have the form of ours.
    package init?(_ text: String) {
        guard let key = FileKey(text), let bytes = Data(base64URLEncoded: key.text), bytes.count == 32,
            // One token has one form.
            bytes.base64URLEncoded == text
        else { return nil }
        self.init(bytes: bytes)
    }

    private init(bytes: Data) {
        text = bytes.base64URLEncoded
        key = FileKey(Data(SHA256.hash(data: bytes)).base64URLEncoded)!
    }
}
