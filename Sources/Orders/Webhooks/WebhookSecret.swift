import Foundation

/// The secret with which the deliveries to an endpoint are signed: `whsec_` and base64 of 32 random bytes (Standard Webhooks).
package struct WebhookSecret: Hashable, Sendable {
    package let text: String

    private static let prefix = "whsec_"
    private static let sizes = 24...64

    /// A new one.
    package init() {
        text = Self.prefix + Data((0..<32).map { _ in UInt8.random(in: .min ... .max) }).base64EncodedString()
    }

    /// `nil` unless it has the form of one, with 24 to 64 bytes.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), let key = Data(base64Encoded: String(text.dropFirst(Self.prefix.count))),
            Self.sizes.contains(key.count)
        else { return nil }
        self.text = text
    }

    /// The bytes that sign by Standard Webhooks. `X-Scalev-Hmac-Sha256` is signed with the text as it is.
    package var key: [UInt8] { Array(Data(base64Encoded: String(text.dropFirst(Self.prefix.count))) ?? Data()) }
}
