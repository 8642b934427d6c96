package import Accounts
package import Orders

extension SQLAccounts {
    package func beginSession(
        _ session: SessionID, using code: TriedCode, with email: EmailAddress, expires: Timestamp, at time: Timestamp,
        from client: String?
    ) async throws -> Account? {
        try await database.transaction { transaction in
            guard try await transaction.useUp(code) == email.text,
                let buyer = try await transaction.account(of: email.text, in: code.storeID)
            else { return nil }
            let confirmed = try await transaction.confirm(buyer, with: email.text, at: time)
            let account = Account(
                buyer: buyer, email: email, passwordHash: try Self.hash(confirmed.passwordHash), generation: confirmed.generation)
            try await transaction.insert(session, of: buyer, generation: account.generation, expires: expires, at: time)
            try await transaction.record(
                AuditRecord(.signedInWithCode, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            return account
        }
    }

    package func beginSession(
        _ session: SessionID, of account: Account, rehashed newHash: PasswordHash?, expires: Timestamp, at time: Timestamp,
        from client: String?
    ) async throws -> Bool {
        guard let hash = account.passwordHash else { return false }
        let buyer = account.buyer
        return try await database.transaction { transaction in
            let rows = try await transaction.run(
                """
                UPDATE account SET password_hash = $3
                WHERE store_id = $1 AND customer_id = $2 AND password_hash = $4 AND generation = $5 RETURNING generation
                """, buyer.key + [.text((newHash ?? hash).text), .text(hash.text), .integer(account.generation)])
            guard !rows.isEmpty else { return false }
            try await transaction.insert(session, of: buyer, generation: account.generation, expires: expires, at: time)
            try await transaction.record(
                AuditRecord(.signedInWithPassword, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            return true
        }
    }

    package func useRefreshToken(
        _ grant: RefreshGrant, grace: Int64, expires: Timestamp, at time: Timestamp, from client: String?
    ) async throws -> RefreshOutcome {
        let buyer = grant.buyer
        let family: [StoredValue] = [.text(buyer.storeID.text), .bytes(grant.session.uuid.bytes)]
        return try await database.transaction { transaction in
            // Locks the session, so that its tokens are used one after the other. A number that was never issued is from before an older
            // copy of the database was restored, and sessions of an earlier generation have ended.
            let rows = try await transaction.run(
                """
                UPDATE token_family SET number = number + 1, used_at = $5, expires_at = $6
                WHERE store_id = $1 AND customer_id = $2 AND id = $3 AND generation = $4 AND number >= $7
                    AND revoked_at IS NULL AND expires_at > $5
                    AND coalesce((SELECT a.generation FROM account a WHERE a.store_id = $1 AND a.customer_id = $2), 0) = $4
                RETURNING number
                """,
                buyer.key + [
                    .bytes(grant.session.uuid.bytes), .integer(grant.generation), .time(time), .time(expires),
                    .integer(grant.number),
                ])
            guard let next = try rows.first?[0].requiredInteger() else { return .ended }
            switch try await transaction.useOfToken(grant.number, of: family, newest: next - 1) {
            case .never:
                try await transaction.run(
                    """
                    INSERT INTO refresh_token (store_id, family_id, number, used_at) VALUES ($1, $2, $3, $4)
                    ON CONFLICT (store_id, family_id, number) DO UPDATE SET used_at = excluded.used_at
                    """, family + [.integer(grant.number), .time(time)])
            // Allows for a clock that was set back slightly, but never for more.
            case .at(let used) where (-AccessTokens.leeway...grace).contains(time.seconds - used.seconds):
                try await transaction.record(
                    AuditRecord(.refreshTokenShared, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            case .at, .longAgo:
                let revocation = Revocation.end(of: grant.session, in: buyer.storeID, at: time)
                try await transaction.record(
                    AuditRecord(.refreshTokenReused, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
                try await transaction.revoke([revocation], at: time)
                return .reused(revocation)
            }
            try await transaction.run(
                "INSERT INTO refresh_token (store_id, family_id, number) VALUES ($1, $2, $3)", family + [.integer(next)])
            try await transaction.run(
                "DELETE FROM refresh_token WHERE store_id = $1 AND family_id = $2 AND used_at < $3",
                family + [.time(time.adding(seconds: -grace - AccessTokens.leeway))])
            return .next(next)
        }
    }

    package func revoke(_ revocations: [Revocation], of buyer: Buyer, at time: Timestamp, from client: String?) async throws {
        try await database.transaction { transaction in
            var revocations = revocations
            for revocation in revocations {
                guard case .session(let id) = revocation.subject else { continue }
                let goesOn = try await transaction.run(
                    "SELECT 1 FROM token_family WHERE store_id = $1 AND id = $2 AND revoked_at IS NULL",
                    [.text(revocation.storeID.text), .bytes(id.uuid.bytes)])
                // The session has already ended, so nobody needs to be notified again.
                if goesOn.isEmpty { revocations.removeAll { $0 == revocation } }
            }
            guard !revocations.isEmpty else { return }
            try await transaction.record(AuditRecord(.signedOut, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            try await transaction.revoke(revocations, at: time)
        }
    }

    package func setPassword(
        _ hash: PasswordHash, resetToken digest: [UInt8], in storeID: StoreID, at time: Timestamp, from client: String?
    ) async throws -> (buyer: Buyer, generation: Int64)? {
        try await database.transaction { transaction in
            let rows = try await transaction.run(
                """
                UPDATE one_time_code SET digest = NULL, salt = NULL, tries = 0 WHERE \(Self.isResetToken)
                RETURNING address
                """, Self.resetToken(digest, storeID, time))
            guard let address = try rows.first?[0].requiredText(),
                let buyer = try await transaction.account(of: address, in: storeID)
            else { return nil }
            _ = try await transaction.confirm(buyer, with: address, at: time)
            try await transaction.voidCodes(of: buyer, with: address)
            try await transaction.record(AuditRecord(.passwordReset, in: storeID, of: buyer.customerID, at: time, from: client))
            let changed = try await transaction.run(
                """
                UPDATE account SET password_hash = $3, generation = generation + 1 WHERE store_id = $1 AND customer_id = $2
                RETURNING generation
                """, buyer.key + [.text(hash.text)])
            guard let generation = try changed.first?[0].requiredInteger() else { throw StorageFailure.damaged }
            try await transaction.endSessions(of: buyer, before: generation, at: time)
            return (buyer, generation)
        }
    }

    package func email(ofResetToken digest: [UInt8], in storeID: StoreID, at time: Timestamp) async throws -> EmailAddress? {
        try await database.read(
            "SELECT address FROM one_time_code WHERE \(Self.isResetToken)", Self.resetToken(digest, storeID, time)
        ).first?[0].text.flatMap { EmailAddress($0) }
    }

    private static var isResetToken: String {
        "store_id = $1 AND kind = 'reset_link' AND digest = $2 AND expires_at > $3 AND expires_at <= $4"
    }

    private static func resetToken(_ digest: [UInt8], _ storeID: StoreID, _ time: Timestamp) -> [StoredValue] {
        // A token with a longer validity was stored before the clock was set back.
        [.text(storeID.text), .bytes(digest), .time(time), .time(time.adding(seconds: ResetToken.lifetime + 60))]
    }

    package func setPassword(
        _ hash: PasswordHash, of buyer: Buyer, replacing old: PasswordHash?, session: SessionID, expires: Timestamp,
        at time: Timestamp, from client: String?
    ) async throws -> Int64? {
        try await database.transaction { transaction in
            let rows = try await transaction.run(
                """
                INSERT INTO account (store_id, customer_id, password_hash, generation, last_address) VALUES ($1, $2, $3, 1, 0)
                ON CONFLICT (store_id, customer_id) DO UPDATE SET
                    password_hash = excluded.password_hash, generation = account.generation + 1
                WHERE account.password_hash IS NOT DISTINCT FROM $4
                RETURNING generation
                """, buyer.key + [.text(hash.text), StoredValue(old?.text)])
            guard let generation = try rows.first?[0].requiredInteger() else { return nil }
            // Links that were sent earlier can no longer set a password.
            try await transaction.voidCodes(of: buyer, with: transaction.email(of: buyer) ?? "")
            try await transaction.insert(session, of: buyer, generation: generation, expires: expires, at: time)
            try await transaction.record(
                AuditRecord(.passwordChanged, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            try await transaction.endSessions(of: buyer, before: generation, at: time)
            return generation
        }
    }
}

/// Whether a refresh token was used.
private enum TokenUse {
    case never
    case at(Timestamp)
    /// So long ago that its row is gone.
    case longAgo
}

extension SQLTransaction {
    /// - Parameter newest: the newest number of the session, whose row may be missing: earlier versions wrote none.
    fileprivate func useOfToken(_ number: Int64, of family: [StoredValue], newest: Int64) async throws -> TokenUse {
        let rows = try await run(
            "SELECT used_at FROM refresh_token WHERE store_id = $1 AND family_id = $2 AND number = $3",
            family + [.integer(number)])
        guard let row = rows.first else { return number == newest ? .never : .longAgo }
        return row[0].integer.map { .at(Timestamp(microseconds: $0)) } ?? .never
    }

    /// Who signs in with an address, now that it is proven: not necessarily who did when the code or link was sent.
    fileprivate func account(of address: String, in storeID: StoreID) async throws -> Buyer? {
        let rows = try await run(SharedAddress.account, [.text(storeID.text), .text(address)])
        return try rows.first.map { Buyer(storeID: storeID, customerID: CustomerID(try $0[0].requiredInteger())) }
    }

    func email(of buyer: Buyer) async throws -> String? {
        try await run("SELECT email FROM customer WHERE store_id = $1 AND id = $2", buyer.key).first?[0].text
    }

    fileprivate func insert(
        _ session: SessionID, of buyer: Buyer, generation: Int64, expires: Timestamp, at time: Timestamp
    ) async throws {
        try await run(
            """
            INSERT INTO token_family (store_id, customer_id, id, generation, number, created_at, used_at, expires_at)
            VALUES ($1, $2, $3, $4, 1, $5, $5, $6)
            """, buyer.key + [.bytes(session.uuid.bytes), .integer(generation), .time(time), .time(expires)])
        try await run(
            "INSERT INTO refresh_token (store_id, family_id, number) VALUES ($1, $2, 1)",
            [.text(buyer.storeID.text), .bytes(session.uuid.bytes)])
    }

    /// Ends a customer's sessions of earlier generations, and all sessions of others with the address: an operator or an earlier version may have
    /// begun some.
    fileprivate func endSessions(of buyer: Buyer, before generation: Int64, at time: Timestamp) async throws {
        var revocations = [Revocation.end(ofGenerationsBefore: generation, of: buyer, at: time)]
        for other in try await others(sharingAddressWith: buyer) {
            let rows = try await run(
                """
                INSERT INTO account (store_id, customer_id, generation, last_address) VALUES ($1, $2, 1, 0)
                ON CONFLICT (store_id, customer_id) DO UPDATE SET generation = account.generation + 1 RETURNING generation
                """, other.key)
            guard let generation = try rows.first?[0].requiredInteger() else { throw StorageFailure.damaged }
            revocations.append(.end(ofGenerationsBefore: generation, of: other, at: time))
        }
        try await revoke(revocations, at: time)
    }

    /// Revokes tokens. Call this last in a transaction, because from here on all revocations wait for each other.
    func revoke(_ revocations: [Revocation], at time: Timestamp) async throws {
        for revocation in revocations {
            if case .session(let id) = revocation.subject {
                try await run(
                    "UPDATE token_family SET revoked_at = $3 WHERE store_id = $1 AND id = $2 AND revoked_at IS NULL",
                    [.text(revocation.storeID.text), .bytes(id.uuid.bytes), .time(time)])
            }
        }
        // This locks the row until the transaction ends, so numbers become visible in order: anyone who has seen one has seen all
        // before it.
        let number = try await run("UPDATE access_version SET number = number + 1 RETURNING number", []).first?[0].integer
        guard let number else { throw StorageFailure.damaged }
        for revocation in revocations {
            let (kind, subject, generation) = revocation.columns
            try await run(
                """
                INSERT INTO revocation (store_id, kind, subject, generation, number, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
                ON CONFLICT (store_id, kind, subject) DO UPDATE SET
                    generation = excluded.generation, number = excluded.number, expires_at = excluded.expires_at
                """,
                [
                    .text(revocation.storeID.text), .text(kind), .text(subject), .integer(generation), .integer(number),
                    .integer(revocation.expires),
                ])
        }
    }
}
