package import Accounts
package import Orders

extension SQLAccounts {
    /// How long audit records are kept, in seconds.
    private static var auditLifetime: Int64 { 180 * 86400 }
    /// The same for records of no customer, which are written so that a request for an unknown address takes as long.
    private static var auditLifetimeOfNobody: Int64 { 3600 }

    package func record(_ record: AuditRecord) async throws {
        try await database.transaction { try await $0.record(record) }
    }

    package func customers(with email: EmailAddress) async throws -> [Buyer] {
        try await database.read(
            "SELECT store_id, id FROM customer WHERE email = $1 ORDER BY store_id, id", [.text(email.text)]
        ).map { row throws in
            guard let storeID = StoreID(try row[0].requiredText()) else { throw StorageFailure.damaged }
            return Buyer(storeID: storeID, customerID: CustomerID(try row[1].requiredInteger()))
        }
    }

    package func hasSignedIn(with email: EmailAddress, from client: String?, in storeID: StoreID) async throws -> Bool {
        try await !database.read(
            """
            SELECT 1 FROM customer c JOIN audit_record r ON r.store_id = c.store_id AND r.customer_id = c.id
            WHERE c.store_id = $1 AND c.email = $2 AND ($3 IS NULL OR r.client = $3)
                AND r.kind IN ('\(AuditRecord.Kind.signedInWithCode.rawValue)', '\(AuditRecord.Kind.signedInWithPassword.rawValue)')
            LIMIT 1
            """, [.text(storeID.text), .text(email.text), StoredValue(client)]
        ).isEmpty
    }

    package func auditRecords(of customers: [CustomerID], in storeID: StoreID, limit: Int) async throws -> [AuditRecord] {
        var records: [AuditRecord] = []
        for customerID in customers {
            let rows = try await database.read(
                """
                SELECT kind, at, client FROM audit_record WHERE store_id = $1 AND customer_id = $2
                ORDER BY at DESC, id DESC LIMIT $3
                """, Buyer(storeID: storeID, customerID: customerID).key + [.integer(Int64(limit))])
            for row in rows {
                guard let kind = AuditRecord.Kind(rawValue: try row[0].requiredText()) else { continue }
                records.append(
                    AuditRecord(
                        kind, in: storeID, of: customerID, at: Timestamp(microseconds: try row[1].requiredInteger()),
                        from: row[2].text))
            }
        }
        return Array(records.sorted { $0.at > $1.at }.prefix(limit))
    }

    package func removeExpired(at time: Timestamp) async throws {
        try await database.transaction { transaction in
            let now = StoredValue.time(time)
            try await transaction.run("DELETE FROM one_time_code WHERE expires_at < $1", [now])
            try await transaction.run("DELETE FROM remembered_answer WHERE expires_at < $1", [now])
            try await transaction.run(
                "DELETE FROM mirror_event WHERE received_at < $1", [.time(time.adding(seconds: -30 * 86_400))])
            // No code or link lives for so long.
            try await transaction.run(
                "DELETE FROM mail WHERE requested_at < $1", [.time(time.adding(seconds: -2 * ResetToken.lifetime))])
            try await transaction.run(
                """
                DELETE FROM refresh_token WHERE EXISTS (
                    SELECT 1 FROM token_family f
                    WHERE f.store_id = refresh_token.store_id AND f.id = refresh_token.family_id AND f.expires_at < $1)
                """, [now])
            try await transaction.run("DELETE FROM token_family WHERE expires_at < $1", [now])
            try await transaction.run("DELETE FROM revocation WHERE expires_at < $1", [.integer(time.seconds)])
            try await transaction.run(
                "DELETE FROM audit_record WHERE at < $1 OR customer_id IS NULL AND at < $2",
                [
                    .time(time.adding(seconds: -Self.auditLifetime)), .time(time.adding(seconds: -Self.auditLifetimeOfNobody)),
                ])
        }
    }
}

extension SQLTransaction {
    func record(_ record: AuditRecord) async throws {
        try await run(
            "INSERT INTO audit_record (store_id, id, customer_id, kind, at, client) VALUES ($1, $2, $3, $4, $5, $6)",
            [
                .text(record.storeID.text), .bytes(UUIDBytes.random().bytes), StoredValue(record.customerID?.number),
                .text(record.kind.rawValue), .time(record.at), StoredValue(record.client),
            ])
    }
}
