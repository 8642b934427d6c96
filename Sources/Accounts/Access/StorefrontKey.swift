import Crypto
import Foundation
import Orders

/// The key with which a store's own site calls the public routes (`X-Scalev-Storefront-Api-Key`). The key is public: it
/// identifies the calling site, not the person.
package struct StorefrontKey: Hashable, Sendable {
    /// `sfpk_` and 32 letters, digits, `_` or `-`.
    package let text: String

    /// A new key with 192 random bits.
    package init() {
        text = "sfpk_" + SymmetricKey(size: .init(bitCount: 192)).withUnsafeBytes { Data($0).base64URLEncoded }
    }
}
