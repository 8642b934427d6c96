package import Accounts
package import Orders

extension SQLAccounts {
    package func request(_ mail: MailRequest, pause: Int64, at time: Timestamp) async throws -> Int64 {
        try await database.transaction { transaction in
            let key: [StoredValue] = [.text(mail.storeID.text), .text(mail.kind.rawValue), .text(mail.subject)]
            // Done even if the address belongs to nobody, so that neither the stored data nor the time taken reveals anything. A
            // request in the future was stored before the clock was set back.
            let taken = try await transaction.run(
                """
                INSERT INTO one_time_code (store_id, kind, subject, address, requested_at, expires_at, tries, client)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $9)
                ON CONFLICT (store_id, kind, subject) DO UPDATE SET
                    customer_id = NULL, address = excluded.address, salt = NULL, digest = NULL, requested_at = excluded.requested_at,
                    expires_at = excluded.expires_at, tries = excluded.tries, client = excluded.client
                WHERE one_time_code.requested_at <= $8 OR one_time_code.requested_at > $5
                RETURNING requested_at
                """,
                key + [
                    .text(mail.address.text), .time(time), .time(time.adding(seconds: OneTimeCode.lifetime)),
                    .integer(OneTimeCode.tries),
                    .time(time.adding(seconds: -pause)), StoredValue(mail.client),
                ])
            guard !taken.isEmpty else {
                let rows = try await transaction.run(
                    "SELECT requested_at FROM one_time_code WHERE store_id = $1 AND kind = $2 AND subject = $3", key)
                let last = Timestamp(microseconds: try rows.first?[0].requiredInteger() ?? time.microseconds)
                return min(pause, max(1, last.seconds + pause - time.seconds))
            }
            try await transaction.run(
                "DELETE FROM mail WHERE store_id = $1 AND kind = $2 AND subject = $3", key)
            try await transaction.run(
                """
                INSERT INTO mail (store_id, kind, subject, id, address, customer_id, language, link_base, requested_at, attempts, due_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $9)
                """,
                key + [
                    .bytes(UUIDBytes.random().bytes), .text(mail.address.text), StoredValue(mail.customerID?.number),
                    .text(mail.language.rawValue), StoredValue(mail.linkBase), .time(time),
                ])
            return 0
        }
    }

    package func claimMails(
        _ limit: Int, perStore: Int, busy: [StoreID: Int], lease: Int64, at time: Timestamp
    ) async throws -> [QueuedMail] {
        let busy = Dictionary(uniqueKeysWithValues: busy.map { ($0.key.text, $0.value) })
        let rows = try await SQLQueue(database: database, table: "mail", receiver: "store_id").claim(
            limit, perReceiver: perStore, busy: busy, lease: lease, at: time,
            returning: "store_id, id, kind, address, customer_id, language, link_base, requested_at, attempts")
        // One that can't be read, a newer server's perhaps, does not hold up the others, and is removed when it is too late for it.
        return rows.compactMap { try? QueuedMail($0) }
    }

    package func recipient(of mail: MailRequest) async throws -> MailRecipient? {
        let select = """
            SELECT c.id, c.document, s.document, c.version, s.version FROM customer c JOIN store s ON s.id = c.store_id
            WHERE c.store_id = $1
            """
        let store = StoredValue.text(mail.storeID.text)
        let rows =
            if let customerID = mail.customerID {
                try await database.read("\(select) AND c.id = $2", [store, .integer(customerID.number)])
            } else {
                try await database.read("\(select) AND c.id = (\(SharedAddress.account))", [store, .text(mail.address.text)])
            }
        return try rows.first.map { row in
            let buyer = Buyer(storeID: mail.storeID, customerID: CustomerID(try row[0].requiredInteger()))
            return MailRecipient(
                customerID: buyer.customerID,
                customer: try buyer.customer(document: row[1], version: row[3]),
                store: BuyerStore.json(
                    try StoredDocument.store(mail.storeID, version: row[4].requiredInteger()).opened(row[2].requiredBytes())))
        }
    }

    package func setCode(
        _ code: OneTimeCodeHash, of mail: QueuedMail, customerID: CustomerID, expires: Timestamp
    ) async throws -> Bool {
        try await set(salt: code.salt, digest: code.digest, of: mail, customerID, expires)
    }

    package func setResetToken(
        _ digest: [UInt8], of mail: QueuedMail, customerID: CustomerID, expires: Timestamp
    ) async throws -> Bool {
        try await set(salt: [], digest: digest, of: mail, customerID, expires)
    }

    private func set(
        salt: [UInt8], digest: [UInt8], of mail: QueuedMail, _ customerID: CustomerID, _ expires: Timestamp
    ) async throws -> Bool {
        let request = mail.request
        return try await database.transaction { transaction in
            // Only for the exact request that the mail belongs to: a later one may concern another address or have been voided.
            let rows = try await transaction.run(
                """
                UPDATE one_time_code SET salt = $1, digest = $2, customer_id = $3, expires_at = $4, tries = $5
                WHERE store_id = $6 AND kind = $7 AND subject = $8 AND address = $9 AND requested_at = $10 RETURNING tries
                """,
                [
                    .bytes(salt), .bytes(digest), .integer(customerID.number), .time(expires), .integer(OneTimeCode.tries),
                    .text(request.storeID.text), .text(request.kind.rawValue), .text(request.subject),
                    .text(request.address.text), .time(mail.requestedAt),
                ])
            return !rows.isEmpty
        }
    }

    package func remove(_ mail: QueuedMail, recording record: AuditRecord?) async throws {
        try await database.transaction { transaction in
            try await transaction.run("DELETE FROM mail WHERE store_id = $1 AND id = $2", mail.key)
            if let record { try await transaction.record(record) }
        }
    }

    package func postpone(_ mail: QueuedMail, until time: Timestamp) async throws {
        try await database.transaction { transaction in
            _ = try await transaction.run("UPDATE mail SET due_at = $3 WHERE store_id = $1 AND id = $2", mail.key + [.time(time)])
        }
    }

    package func tryCode(
        _ kind: MailKind, _ subject: String, in storeID: StoreID, sparing spared: Int64, from client: String?, at time: Timestamp
    ) async throws -> TriedCode? {
        try await database.transaction { transaction in
            // A single statement counts and reads, so that of any number of concurrent attempts at most five ever read the code.
            let rows = try await transaction.run(
                """
                UPDATE one_time_code SET tries = tries - 1
                WHERE store_id = $1 AND kind = $2 AND subject = $3 AND tries > 0 AND expires_at > $4 AND expires_at <= $5
                    AND (tries > $6 OR client = $7)
                RETURNING salt, digest
                """,
                [
                    .text(storeID.text), .text(kind.rawValue), .text(subject), .time(time),
                    // A code with a longer validity was stored before the clock was set back.
                    .time(time.adding(seconds: OneTimeCode.lifetime + 60)), .integer(spared), StoredValue(client),
                ])
            guard let row = rows.first, let salt = row[0].bytes, let digest = row[1].bytes else { return nil }
            return TriedCode(
                storeID: storeID, kind: kind, subject: subject, hash: OneTimeCodeHash(salt: salt, digest: digest))
        }
    }
}

extension SQLTransaction {
    /// Uses up a code. The next one can be sent at once.
    /// - Returns: the address that the code proved; `nil` if it was already used.
    func useUp(_ code: TriedCode) async throws -> String? {
        let rows = try await run(
            """
            UPDATE one_time_code SET digest = NULL, salt = NULL, tries = 0, requested_at = 0
            WHERE store_id = $1 AND kind = $2 AND subject = $3 AND digest = $4 RETURNING address
            """,
            [.text(code.storeID.text), .text(code.kind.rawValue), .text(code.subject), .bytes(code.hash.digest)])
        return try rows.first?[0].requiredText()
    }

    /// Voids all codes and links requested for a customer, including those whose mails are still queued.
    func voidCodes(of buyer: Buyer, with email: String) async throws {
        // With a different time of the request, a queued mail no longer matches its request.
        try await run(
            """
            UPDATE one_time_code SET digest = NULL, salt = NULL, tries = 0, requested_at = requested_at + 1
            WHERE store_id = $1 AND (customer_id = $2 OR subject = $3)
            """, buyer.key + [.text(email)])
    }
}

extension QueuedMail {
    fileprivate var key: [StoredValue] { [.text(request.storeID.text), .bytes(id.bytes)] }

    fileprivate init(_ row: StoredRow) throws(StorageFailure) {
        guard let storeID = StoreID(try row[0].requiredText()), let id = UUIDBytes(bytes: try row[1].requiredBytes()),
            let kind = MailKind(rawValue: try row[2].requiredText()), let address = EmailAddress(try row[3].requiredText()),
            let language = MailLanguage(rawValue: try row[5].requiredText())
        else { throw .damaged }
        self.init(
            id: id,
            request: MailRequest(
                kind, to: address, in: storeID, customerID: row[4].integer.map { CustomerID($0) }, language: language,
                linkBase: row[6].text),
            requestedAt: Timestamp(microseconds: try row[7].requiredInteger()), attempts: try row[8].requiredInteger() - 1)
    }
}
