import Crypto
import Foundation

/// The key by which a store's own site calls the routes for everyone (`X-Scalev-Storefront-Api-Key`). It is public: it says which site
/// calls, not who.
package struct StorefrontKey: Hashable, Sendable {
    /// `sfpk_` and 32 letters, digits, `_` or `-`.
    package let text: String

    private static let prefix = "sfpk_"

    /// A new one, of 192 random bits.
    package init() {
        text = Self.prefix + SymmetricKey(size: .init(bitCount: 192)).withUnsafeBytes { Data($0).base64URLEncoded }
    }

    /// `nil` where the text is not of that form.
    package init?(_ text: String) {
        guard text.hasPrefix(Self.prefix), text.utf8.count == Self.prefix.utf8.count + 32,
            Data(base64URLEncoded: String(text.dropFirst(Self.prefix.count))) != nil
        else { return nil }
        self.text = text
    }
}
