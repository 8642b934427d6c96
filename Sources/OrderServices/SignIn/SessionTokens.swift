import Accounts
package import Orders

/// The tokens of a session.
package struct SessionTokens: Sendable {
    /// The lifetime of an access token in seconds (`api.md`).
    package static let accessLifetime = AccessTokens.sessionLifetime
    /// The lifetime of a refresh token in seconds (`api.md`).
    package static let refreshLifetime: Int64 = KeyRing.longestLifetime

    package let access: String
    package let refresh: String
    package let storeID: StoreID
}
