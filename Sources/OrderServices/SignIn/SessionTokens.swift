import Accounts
package import Orders

/// The tokens of a session.
package struct SessionTokens: Sendable {
    /// How long an access token lives, in seconds (`api.md`).
    package static let accessLifetime = AccessTokens.sessionLifetime
    /// How long a refresh token lives, in seconds (`api.md`).
    package static let refreshLifetime: Int64 = KeyRing.longestLifetime

    package let access: String
    package let refresh: String
    package let storeID: StoreID
}
