import Accounts
package import JSON
package import Orders

extension SQLAccounts {
    package func orderIDs(of buyer: Buyer) async throws -> [(id: OrderID, isDeleted: Bool)] {
        let visible = try await ids("SELECT id FROM order_document WHERE store_id = $1 AND customer_id = $2 ORDER BY id", buyer)
        // Of those that have come back, some are somebody else's now.
        let deleted = try await ids(
            """
            SELECT g.id FROM deleted_order g JOIN customer_order o ON o.store_id = g.store_id AND o.id = g.id
            WHERE g.store_id = $1 AND g.customer_id = $2 AND o.customer_id = $2 AND \(Self.isDeleted)
            ORDER BY g.id
            """, buyer)
        return visible.map { ($0, false) } + deleted.map { ($0, true) }
    }

    /// That an order, `o`, was deleted and has not come back.
    static var isDeleted: String {
        """
        NOT EXISTS (
            SELECT 1 FROM order_document d WHERE d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id)
        """
    }

    private func ids(_ sql: String, _ buyer: Buyer) async throws -> [OrderID] {
        try await database.read(sql, buyer.key).map { row in
            guard let id = OrderID(try row[0].requiredOrderID()) else { throw StorageFailure.damaged }
            return id
        }
    }

    package func personalData(of buyer: Buyer) async throws -> JSON? {
        guard let profile = try await profile(of: buyer, at: .now) else { return nil }
        let customer: JSON
        do { customer = try JSON(parsing: profile.document) } catch { throw StorageFailure.damaged }
        let sessions = try await database.read(
            "SELECT created_at, used_at, expires_at, revoked_at FROM token_family WHERE store_id = $1 AND customer_id = $2 ORDER BY created_at",
            buyer.key)
        let records = try await auditRecords(of: [buyer.customerID], in: buyer.storeID, limit: 100_000)
        let time = { (value: StoredValue) in JSON(value.integer.map { Timestamp(microseconds: $0).description }) }
        return [
            "customer": customer, "email": JSON(profile.email?.text), "pending_email": JSON(profile.pendingEmail?.text),
            "has_password": .bool(profile.passwordHash != nil), "date_of_birth": JSON(profile.details.dateOfBirth),
            "sex": JSON(profile.details.sex), "is_unsubscribed": .bool(profile.details.isUnsubscribed),
            "addresses": .array(
                try await database.read(
                    "SELECT document, id FROM customer_address WHERE store_id = $1 AND customer_id = $2 ORDER BY id", buyer.key
                ).map { row in
                    let row = try StoredDocument.address(row[1].requiredInteger(), of: buyer).opened(row[0].requiredBytes())
                    do { return try JSON(parsing: row) } catch { throw StorageFailure.damaged }
                }),
            "sessions": .array(
                sessions.map { row in
                    ["created_at": time(row[0]), "used_at": time(row[1]), "expires_at": time(row[2]), "revoked_at": time(row[3])]
                }),
            "access_history": .array(
                records.map { ["at": .string($0.at.description), "event": .string($0.kind.rawValue), "client": JSON($0.client)] }),
        ]
    }

    package func deletedOrder(_ id: OrderID, of buyer: Buyer) async throws -> [UInt8]? {
        try await database.read(
            "SELECT document FROM customer_order o WHERE o.store_id = $1 AND o.id = $3 AND o.customer_id = $2 AND \(Self.isDeleted)",
            buyer.key + [.orderID(id.uuid)]
        ).first.map { try StoredDocument.merchantOrder(id, in: buyer.storeID).opened($0[0].requiredBytes()) }
    }

    package func replaceDeletedOrder(_ id: OrderID, of buyer: Buyer, with document: [UInt8]) async throws {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: buyer.storeID)
            try await transaction.run(
                "UPDATE customer_order AS o SET document = $4 WHERE o.store_id = $1 AND o.id = $3 AND o.customer_id = $2 AND \(Self.isDeleted)",
                buyer.key + [
                    .orderID(id.uuid), .bytes(StoredDocument.merchantOrder(id, in: buyer.storeID).sealed(document)),
                ])
        }
    }

    package func forget(_ buyer: Buyer, at time: Timestamp) async throws {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: buyer.storeID)
            let accounts = try await transaction.run(
                "SELECT generation FROM account WHERE store_id = $1 AND customer_id = $2", buyer.key)
            let generation = (accounts.first?[0].integer ?? 0) + 1
            try await transaction.revoke([.end(ofGenerationsBefore: generation, of: buyer, at: time)], at: time)
            let emails = try await transaction.run("SELECT email FROM customer WHERE store_id = $1 AND id = $2", buyer.key)
            if let email = emails.first?[0].text {
                for table in ["one_time_code", "mail"] {
                    try await transaction.run(
                        "DELETE FROM \(table) WHERE store_id = $1 AND address = $2", [.text(buyer.storeID.text), .text(email)])
                }
            }
            try await transaction.run(
                """
                DELETE FROM refresh_token WHERE store_id = $1 AND EXISTS (
                    SELECT 1 FROM token_family f
                    WHERE f.store_id = $1 AND f.customer_id = $2 AND f.id = refresh_token.family_id)
                """, buyer.key)
            for table in ["token_family", "one_time_code", "mail", "audit_record", "customer_address", "account"] {
                try await transaction.run("DELETE FROM \(table) WHERE store_id = $1 AND customer_id = $2", buyer.key)
            }
            let rows = try await transaction.run("SELECT version FROM customer WHERE store_id = $1 AND id = $2", buyer.key)
            guard let row = rows.first else { return }
            let version = OrderVersion.next(after: row[0].integer, at: time)
            let nobody: JSON = [
                "id": .number(buyer.customerID.description), "email": .null, "phone": .null, "name": .null, "confirmed_at": .null,
                "created_at": .null, "last_updated_at": .string(time.description), "status": .null,
            ]
            try await transaction.run(
                """
                UPDATE customer SET document = $3, version = $4, email = NULL, name = NULL, phone = NULL, last_updated_at = $5
                WHERE store_id = $1 AND id = $2
                """,
                buyer.key + [
                    .bytes(StoredDocument.customer(buyer, version: version).sealed(nobody.encoded)), .integer(version),
                    .time(time),
                ])
            try await transaction.noteChange(of: TouchedOrders(buyers: [buyer]), at: time)
        }
    }

    package func forgetPassing(
        _ orders: [(id: OrderID, name: MirroredOrderName?)], email: EmailAddress, in storeID: StoreID, at time: Timestamp
    ) async throws {
        let failures = try await database.read(
            "SELECT id, body FROM mirror_failure WHERE store_id = $1", [.text(storeID.text)])
        let address = Array(email.text.utf8)
        // What a mirror knows of orders that have not been made.
        let waiting = try await database.read(
            "SELECT number, document FROM mirror_order WHERE store_id = $1 AND order_id IS NULL", [.text(storeID.text)])
        let isTheirs = { (row: StoredRow) in
            String(decoding: try row[1].requiredBytes(), as: UTF8.self).lowercased().utf8.firstRange(of: address) != nil
        }
        let (theirs, theirOrders) = (try failures.filter(isTheirs), try waiting.filter(isTheirs))
        try await database.transaction { transaction in
            try await transaction.run("DELETE FROM remembered_answer WHERE store_id = $1", [.text(storeID.text)])
            // Who gets events may repeat in their answers what is in them.
            try await transaction.run("UPDATE webhook_delivery SET answer = NULL WHERE store_id = $1", [.text(storeID.text)])
            let nothing = StoredValue.bytes(MirroredOrder().json.encoded)
            let forgetting = """
                UPDATE mirror_order SET document = $3, pending_since = NULL, failure = NULL, failed_at = NULL, forgotten_at = $4
                WHERE store_id = $1
                """
            for (id, name) in orders {
                let orderID = StoredValue.bytes(id.uuid.bytes)
                try await transaction.run(
                    forgetting + " AND order_id = $2", [.text(storeID.text), orderID, nothing, .time(time)])
                // They expire, and a server removes their files.
                try await transaction.run(
                    "UPDATE transfer_proof SET filename = '', expires_at = $3 WHERE store_id = $1 AND order_id = $2",
                    [.text(storeID.text), .orderID(id.uuid), .time(time)])
                guard let name else { continue }
                // Also if nothing of it has come yet.
                try await transaction.run(
                    """
                    INSERT INTO mirror_order (store_id, number, reference, document, revision, order_id, forgotten_at)
                    VALUES ($1, $2, $3, $4, 0, $5, $6) ON CONFLICT DO NOTHING
                    """,
                    [.text(storeID.text), .text(name.number), StoredValue(name.reference), nothing, orderID, .time(time)])
                try await transaction.run(
                    forgetting + " AND number = $2", [.text(storeID.text), .text(name.number), nothing, .time(time)])
            }
            for row in theirOrders {
                try await transaction.run(
                    forgetting + " AND number = $2", [.text(storeID.text), row[0], nothing, .time(time)])
            }
            for row in theirs {
                try await transaction.run(
                    "DELETE FROM mirror_failure WHERE store_id = $1 AND id = $2", [.text(storeID.text), row[0]])
            }
        }
    }
}
