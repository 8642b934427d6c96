package import Accounts
package import Orders

/// Signs buyers in, keeps them signed in and signs them out.
///
/// Nothing here reveals who is a customer: whether or not an address belongs to one, every method does the same work and gives
/// the same answer. The mail, which does differ, is created elsewhere (``MailDelivery``).
package struct SignIn: Sendable {
    /// The seconds during which a used refresh token may be presented again, by callers who lost the answer.
    private static let grace: Int64 = 10
    /// The hash of a code that nobody was sent.
    private static let decoy = OneTimeCodeHash(OneTimeCode())
    /// The maximum number of tokens in a single sign-out.
    package static let maximumTokens = 20

    let storage: any AccountStorage
    let tokens: AccessTokens
    let hasher: PasswordHasher
    /// The base of links that were not requested from one of the store's own pages, without a path.
    let linkBase: @Sendable () -> String
    let now: @Sendable () -> Timestamp

    package init(
        storage: any AccountStorage, tokens: AccessTokens, hasher: PasswordHasher,
        linkBase: @escaping @Sendable () -> String,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.storage = storage
        self.tokens = tokens
        self.hasher = hasher
        self.linkBase = linkBase
        self.now = now
    }

    /// Signs in with a password.
    /// - Returns: the tokens; `nil` if the store also requires a one-time code, which is then sent.
    /// - Throws: ``Failure/wrongCredentials``, ``Failure/tooManyRequests(seconds:)``; ``StorageFailure``.
    package func signIn(
        _ email: EmailAddress, password: Password, in storeID: StoreID, language: MailLanguage, from client: String?
    ) async throws
        -> SessionTokens?
    {
        let (account, requiresCode) = try await check(email, password, in: storeID, from: client)
        if requiresCode {
            try await sendCode(to: email, in: storeID, language: language, from: client)
            return nil
        }
        // The recommended cost of a hash grows over the years, and only at this moment is the password itself available.
        var newHash: PasswordHash?
        if let hash = account.passwordHash, hasher.isOutdated(hash) { newHash = try await hashed(password) }
        let session = SessionID()
        let time = now()
        guard
            try await storage.beginSession(
                session, of: account, rehashed: newHash, expires: time.adding(seconds: SessionTokens.refreshLifetime), at: time,
                from: client)
        else { throw Failure.wrongCredentials }
        return try await issue(Grant(buyer: account.buyer, generation: account.generation, session: session), number: 1)
    }

    private func check(
        _ email: EmailAddress, _ password: Password, in storeID: StoreID, from client: String?
    ) async throws -> (Account, requiresCode: Bool) {
        let (account, requiresCode) = try await storage.account(of: email, in: storeID)
        let isRight = try await hashing { try await hasher.matches(password, account?.passwordHash) }
        guard let account, isRight else {
            try await storage.record(
                AuditRecord(.wrongPassword, in: storeID, of: account?.buyer.customerID, at: now(), from: client))
            throw Failure.wrongCredentials
        }
        return (account, requiresCode)
    }

    /// Sends a one-time code to an address, if it belongs to a customer.
    /// - Parameter password: if given, must be the customer's password.
    /// - Throws: ``Failure/wrongCredentials``, ``Failure/tooManyRequests(seconds:)``; ``StorageFailure``.
    package func sendCode(
        to email: EmailAddress, password: Password? = nil, in storeID: StoreID, language: MailLanguage, from client: String?
    ) async throws {
        if let password { _ = try await check(email, password, in: storeID, from: client) }
        try await storage.take(
            MailRequest(.signInCode, to: email, in: storeID, language: language, client: client), at: now())
    }

    /// Whether somebody has signed in with an address from a client's IP address, in the last half year.
    /// - Throws: ``StorageFailure``.
    package func isKnown(_ client: String?, to email: EmailAddress, in storeID: StoreID) async throws -> Bool {
        guard let client else { return false }
        return try await storage.hasSignedIn(with: email, from: client, in: storeID)
    }

    /// Signs in with a one-time code.
    /// - Parameter isKnown: as in ``isKnown(_:to:in:)``. Other clients can't use up the last tries of a code, unless it is for the first sign-in with the address and
    ///   they asked for it.
    /// - Throws: ``Failure/wrongCode``; ``StorageFailure``.
    package func signIn(
        _ email: EmailAddress, code: OneTimeCode, in storeID: StoreID, from client: String?, isKnown: Bool = true
    ) async throws -> SessionTokens {
        let time = now()
        // Whoever asked for a code may be a stranger too, unless the owner has never signed in.
        let isOwned = isKnown ? true : try await storage.hasSignedIn(with: email, from: nil, in: storeID)
        let tried = try await storage.tryCode(
            .signInCode, email.text, in: storeID, sparing: isKnown ? 0 : OneTimeCode.triesOfOwner, from: isOwned ? nil : client,
            at: time)
        let session = SessionID()
        // Compares even if there is no code, so that it takes as long.
        let isRight = (tried?.hash ?? Self.decoy).matches(code)
        guard let tried, isRight,
            let account = try await storage.beginSession(
                session, using: tried, with: email, expires: time.adding(seconds: SessionTokens.refreshLifetime), at: time,
                from: client)
        else {
            // Whether there is a code or not, so that the owner sees who guesses, and that it takes as long for everyone.
            let owner = try await storage.account(of: email, in: storeID).account?.buyer.customerID
            try await storage.record(AuditRecord(.wrongCode, in: storeID, of: owner, at: time, from: client))
            throw Failure.wrongCode
        }
        return try await issue(Grant(buyer: account.buyer, generation: account.generation, session: session), number: 1)
    }

    /// Continues a session: exchanges a refresh token for new tokens.
    /// - Throws: ``Failure/invalidRefreshToken``; ``StorageFailure``.
    package func refresh(_ token: String, in storeID: StoreID, from client: String?) async throws -> SessionTokens {
        guard let grant = try? await tokens.refresh(presenting: token), grant.buyer.storeID == storeID else {
            throw Failure.invalidRefreshToken
        }
        let time = now()
        let outcome = try await storage.useRefreshToken(
            grant, grace: Self.grace, expires: time.adding(seconds: SessionTokens.refreshLifetime), at: time, from: client)
        switch outcome {
        case .next(let number):
            return try await issue(
                Grant(buyer: grant.buyer, generation: grant.generation, session: grant.session), number: number)
        case .reused(let revocation):
            tokens.revoke([revocation])
            throw Failure.invalidRefreshToken
        case .ended: throw Failure.invalidRefreshToken
        }
    }

    /// Revokes access and refresh tokens; anything that is not a token of this store is ignored.
    /// - Throws: ``StorageFailure``.
    package func signOut(_ presented: [String], in storeID: StoreID, from client: String?) async throws {
        let time = now()
        var revocations: [Buyer: [Revocation]] = [:]
        for token in presented.prefix(Self.maximumTokens) {
            if let access = try? await tokens.access(presenting: token), access.grant.buyer.storeID == storeID {
                revocations[access.grant.buyer, default: []].append(
                    Revocation(.token(access.tokenID), in: storeID, expires: access.expires))
            } else if let refresh = try? await tokens.refresh(presenting: token), refresh.buyer.storeID == storeID {
                revocations[refresh.buyer, default: []].append(.end(of: refresh.session, in: storeID, at: time))
            }
        }
        for (buyer, revocations) in revocations {
            try await storage.revoke(revocations, of: buyer, at: time, from: client)
            tokens.revoke(revocations)
        }
    }
}

extension SignIn {
    func issue(_ grant: Grant, number: Int64) async throws -> SessionTokens {
        guard let session = grant.session else { throw Failure.internalError }
        let refresh = RefreshGrant(buyer: grant.buyer, session: session, generation: grant.generation, number: number)
        return SessionTokens(
            access: try await tokens.issue(for: grant, validFor: AccessTokens.sessionLifetime),
            refresh: try await tokens.issue(refresh, validFor: SessionTokens.refreshLifetime), storeID: grant.buyer.storeID)
    }

    func hashed(_ password: Password) async throws -> PasswordHash { try await hashing { try await hasher.hash(password) } }

    func hashing<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch is PasswordHasher.Overloaded { throw Failure.tooManyRequests(seconds: 2) }
    }
}
