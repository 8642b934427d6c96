package import Accounts
package import JSON
import Orders

/// Who calls a route of signing in, as far as that is known.
package struct Caller: Sendable {
    /// The address of the network from which the request came.
    package let client: String?
    /// Which language mails are to be in.
    package let language: MailLanguage
    /// The page that calls, where it is one of the store's own origins.
    package let origin: String?

    package init(client: String?, language: MailLanguage, origin: String?) {
        self.client = client
        self.language = language
        self.origin = origin
    }
}

/// The tokens of a session, as `api.md` has them.
package struct SessionTokens: Sendable {
    /// How long a refresh token lives, in seconds (`api.md`).
    static let refreshLifetime: Int64 = KeyRing.longestLifetime

    let access: String
    let refresh: String
    let storeID: StoreID

    package var json: JSON {
        [
            "access": .string(access), "refresh": .string(refresh), "token_type": "Bearer",
            "expires_in": .number(String(AccessTokens.sessionLifetime)),
            "refresh_expires_in": .number(String(Self.refreshLifetime)), "store_unique_id": .string(storeID.text),
        ]
    }
}
