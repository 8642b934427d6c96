package import Orders

/// Sessions and passwords.
package protocol SessionStorage: Sendable {
    /// Uses up a one-time code, confirms its customer and begins a session.
    /// - Returns: the account; `nil` if the code was used up by someone else, or the customer has another address now.
    func beginSession(
        _ session: SessionID, using code: TriedCode, with email: EmailAddress, expires: Timestamp, at time: Timestamp,
        from client: String?
    ) async throws -> Account?

    /// Begins a session of an account.
    /// - Parameter newHash: the password's hash to be stored from then on, if it is to be renewed.
    /// - Returns: false if the password or the generation has changed in the meantime.
    func beginSession(
        _ session: SessionID, of account: Account, rehashed newHash: PasswordHash?, expires: Timestamp, at time: Timestamp,
        from client: String?
    ) async throws -> Bool

    /// Uses a refresh token.
    /// - Parameter grace: the number of seconds for which a token that was used may be used again by a client that lost the answer.
    func useRefreshToken(
        _ grant: RefreshGrant, grace: Int64, expires: Timestamp, at time: Timestamp, from client: String?
    ) async throws -> RefreshOutcome

    /// Revokes tokens, on all servers.
    func revoke(_ revocations: [Revocation], of buyer: Buyer, at time: Timestamp, from client: String?) async throws

    /// Sets a password by a reset token, uses up the token, confirms the customer and ends all sessions.
    /// - Returns: the customer with the new generation; `nil` if the token is not valid any more.
    func setPassword(
        _ hash: PasswordHash, resetToken digest: [UInt8], in storeID: StoreID, at time: Timestamp, from client: String?
    ) async throws -> (buyer: Buyer, generation: Int64)?

    /// Sets the password of a customer who is signed in, ends all sessions and begins a new one.
    /// - Parameter old: the password's hash before.
    /// - Returns: the new generation; `nil` if the hash before was another one.
    func setPassword(
        _ hash: PasswordHash, of buyer: Buyer, replacing old: PasswordHash?, session: SessionID, expires: Timestamp,
        at time: Timestamp, from client: String?
    ) async throws -> Int64?
}

/// What became of a refresh token that was used.
package enum RefreshOutcome: Equatable, Sendable {
    /// The session continues with the refresh token of this number.
    case next(Int64)
    /// It was used before, long ago: the whole session is ended.
    case reused(Revocation)
    /// The session has ended, or never existed.
    case ended
}
