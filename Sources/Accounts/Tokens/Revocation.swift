package import Orders

/// Tokens that must be rejected although they have not expired.
package struct Revocation: Hashable, Sendable {
    package enum Subject: Hashable, Sendable {
        /// The access token with this id.
        case token(String)
        /// All tokens of a session.
        case session(SessionID)
        /// All of the customer's tokens from generations earlier than this one.
        case generations(CustomerID, before: Int64)
    }

    package let storeID: StoreID
    package let subject: Subject
    /// When the last such token has expired anyway; seconds since 1970.
    package let expires: Int64

    package init(_ subject: Subject, in storeID: StoreID, expires: Int64) {
        self.subject = subject
        self.storeID = storeID
        self.expires = expires
    }

    /// A token may be signed shortly after its session has ended, by a server that has not learned of the end yet or whose clock
    /// is ahead.
    private static let margin: Int64 = 60

    /// Revokes all tokens of a session that ends at the given time.
    package static func end(of session: SessionID, in storeID: StoreID, at time: Timestamp) -> Revocation {
        let expires = time.seconds + AccessTokens.sessionLifetime + margin
        return Revocation(.session(session), in: storeID, expires: expires)
    }

    /// Revokes all of a customer's tokens issued before their sessions were ended at the given time.
    package static func end(ofGenerationsBefore generation: Int64, of buyer: Buyer, at time: Timestamp) -> Revocation {
        let expires = time.seconds + KeyRing.longestLifetime + margin
        return Revocation(.generations(buyer.customerID, before: generation), in: buyer.storeID, expires: expires)
    }
}

/// All current revocations, for checking tokens.
struct Revocations: Sendable {
    private struct Key: Hashable {
        let storeID: StoreID
        let id: String
    }

    private var tokens: [Key: Int64] = [:]
    private var sessions: [SessionID: Int64] = [:]
    private var generations: [Buyer: (first: Int64, expires: Int64)] = [:]

    mutating func insert(_ revocation: Revocation) {
        let expires = revocation.expires
        switch revocation.subject {
        case .token(let id): tokens[Key(storeID: revocation.storeID, id: id)] = expires
        case .session(let id): sessions[id] = max(sessions[id] ?? 0, expires)
        case .generations(let customerID, let before):
            let buyer = Buyer(storeID: revocation.storeID, customerID: customerID)
            let known = generations[buyer]
            generations[buyer] = (max(before, known?.first ?? 0), max(expires, known?.expires ?? 0))
        }
    }

    func covers(_ access: AccessGrant) -> Bool {
        let grant = access.grant
        if let session = grant.session, sessions[session] != nil { return true }
        if let first = generations[grant.buyer]?.first, grant.generation < first { return true }
        return tokens[Key(storeID: grant.buyer.storeID, id: access.tokenID)] != nil
    }

    mutating func removeExpired(at now: Int64) {
        tokens = tokens.filter { $0.value > now }
        sessions = sessions.filter { $0.value > now }
        generations = generations.filter { $0.value.expires > now }
    }
}
