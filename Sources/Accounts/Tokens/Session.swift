package import Orders

/// A sign-in: one family of refresh tokens, and the access tokens issued with them.
package struct SessionID: Hashable, Sendable, CustomStringConvertible {
    package let uuid: UUIDBytes

    package init(_ uuid: UUIDBytes) { self.uuid = uuid }

    /// A new id with 122 random bits.
    package init() { uuid = .random() }

    package init?(_ text: String) {
        guard let uuid = UUIDBytes(text) else { return nil }
        self.uuid = uuid
    }

    package var description: String { uuid.description }
}

/// What a token is issued for.
package struct Grant: Hashable, Sendable {
    package let buyer: Buyer
    /// How often all sessions of the customer had been ended before this one began.
    package let generation: Int64
    /// `nil` if an operator issued the token.
    package let session: SessionID?

    package init(buyer: Buyer, generation: Int64, session: SessionID?) {
        self.buyer = buyer
        self.generation = generation
        self.session = session
    }
}

/// A verified access token.
package struct AccessGrant: Hashable, Sendable {
    package let grant: Grant
    /// The token's own id (`jti`).
    package let tokenID: String
    /// Seconds since 1970.
    package let expires: Int64
}

/// A verified refresh token.
package struct RefreshGrant: Hashable, Sendable {
    package let buyer: Buyer
    package let session: SessionID
    package let generation: Int64
    /// Its number within the family, starting at 1.
    package let number: Int64

    package init(buyer: Buyer, session: SessionID, generation: Int64, number: Int64) {
        self.buyer = buyer
        self.session = session
        self.generation = generation
        self.number = number
    }
}
