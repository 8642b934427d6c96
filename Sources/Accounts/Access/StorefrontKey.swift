import Crypto
import Foundation

/// The key by which a store's own site calls the routes for everyone (`X-Scalev-Storefront-Api-Key`). It is public: it says which site
/// calls, not who.
package struct StorefrontKey: Hashable, Sendable {
    /// `sfpk_` and 32 letters, digits, `_` or `-`.
    package let text: String

    /// A new one, of 192 random bits.
    package init() {
        text = "sfpk_" + SymmetricKey(size: .init(bitCount: 192)).withUnsafeBytes { Data($0).base64URLEncoded }
    }
}
