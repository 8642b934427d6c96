package import Accounts
package import Orders

extension SignIn {
    /// Sends a link for setting a password to an address, if it belongs to a customer.
    /// - Parameter origin: the origin of the calling page, if it is one of the store's own. The link leads there.
    /// - Throws: ``Failure/tooManyRequests(seconds:)``; ``StorageFailure``.
    package func sendResetLink(
        to email: EmailAddress, in storeID: StoreID, origin: String?, language: MailLanguage
    ) async throws {
        try await storage.take(
            MailRequest(.resetLink, to: email, in: storeID, language: language, linkBase: origin ?? linkBase()),
            at: now())
    }

    /// Sets a password with the token of a link, and ends all sessions of the customer.
    /// - Throws: ``Failure/invalidResetToken``; ``Failure/invalidContent(_:)`` if the password is not acceptable: the link then
    ///   stays valid; ``StorageFailure``.
    package func setPassword(_ text: String, resetToken: String, in storeID: StoreID, from client: String?) async throws {
        let time = now()
        guard let token = ResetToken(resetToken),
            let email = try await storage.email(ofResetToken: token.digest, in: storeID, at: time)
        else {
            try await storage.record(AuditRecord(.wrongResetToken, in: storeID, of: nil, at: time, from: client))
            throw Failure.invalidResetToken
        }
        let hash = try await hashed(password(text, "password", for: email))
        guard
            let (buyer, generation) = try await storage.setPassword(
                hash, resetToken: token.digest, in: storeID, at: now(), from: client)
        else { throw Failure.invalidResetToken }
        endSessions(of: buyer, before: generation)
    }

    /// Sets the password of a signed-in customer, ends all their sessions and starts a new one.
    /// - Parameters:
    ///   - field: the name of the new password's field, for errors.
    ///   - old: the current password, if it was given.
    ///   - requiresOld: whether the current password is needed, if there is one.
    /// - Throws: ``Failure/invalidContent(_:)``; ``StorageFailure``.
    package func setPassword(
        _ text: String, in field: String, old: String?, requiresOld: Bool, of buyer: Buyer, from client: String?
    ) async throws -> SessionTokens {
        guard let profile = try await storage.profile(of: buyer, at: now()) else { throw Failure.invalidToken }
        let new = try password(text, field, for: profile.email)
        if let hash = profile.passwordHash, requiresOld || old != nil {
            guard let old else { throw Failure.invalidContent([FieldError("current_password", "is required")]) }
            guard try await hashing({ try await hasher.matches(Password(presented: old), hash) }) else {
                try await storage.record(
                    AuditRecord(.wrongPassword, in: buyer.storeID, of: buyer.customerID, at: now(), from: client))
                throw Failure.invalidContent([FieldError("current_password", "is wrong")])
            }
        }
        let hash = try await hashed(new)
        let session = SessionID()
        let time = now()
        let generation = try await storage.setPassword(
            hash, of: buyer, replacing: profile.passwordHash, session: session,
            expires: time.adding(seconds: SessionTokens.refreshLifetime), at: time, from: client)
        // Someone else has set a password at the same time.
        guard let generation else {
            throw Failure.invalidContent([
                FieldError(old == nil ? field : "current_password", "was changed by someone else: sign in again")
            ])
        }
        endSessions(of: buyer, before: generation)
        return try await issue(Grant(buyer: buyer, generation: generation, session: session), number: 1)
    }

    private func password(_ text: String, _ field: String, for email: EmailAddress?) throws -> Password {
        do throws(Password.Refused) { return try Password(new: text, for: email) } catch {
            throw Failure.invalidContent([FieldError(field, error.message)])
        }
    }

    /// Takes effect on this server at once; the other servers learn of it from the storage.
    private func endSessions(of buyer: Buyer, before generation: Int64) {
        tokens.revoke([.end(ofGenerationsBefore: generation, of: buyer, at: now())])
    }
}
