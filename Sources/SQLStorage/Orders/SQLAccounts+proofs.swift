package import Orders

extension SQLAccounts: ProofStorage {
    package func announce(_ upload: ProofUpload, limit: Int) async throws -> Bool {
        try await database.transaction { transaction in
            // Locks what is announced in the store, so that two don't become the last one.
            try await transaction.run("SELECT 1 FROM store WHERE id = $1 \(database.locking)", [.text(upload.storeID.text)])
            let there = try await transaction.run(
                """
                SELECT COUNT(*) FROM transfer_proof
                WHERE store_id = $1 AND order_id = $2 AND (expires_at IS NULL OR expires_at > $3)
                """, [.text(upload.storeID.text), .orderID(upload.orderID.uuid), .time(upload.announcedAt)])
            guard try there[0][0].requiredInteger() < Int64(limit) else { return false }
            try await transaction.run(
                """
                INSERT INTO transfer_proof
                    (store_id, key, order_id, content_type, filename, announced_size, announced_at, size, expires_at)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                """,
                Self.values(upload.key, upload.storeID) + [
                    .orderID(upload.orderID.uuid), .text(upload.contentType), .text(upload.filename),
                    .integer(upload.announcedSize), .time(upload.announcedAt), StoredValue(upload.size),
                    upload.expiresAt.map { .time($0) } ?? .null,
                ])
            return true
        }
    }

    package func upload(_ key: FileKey, in storeID: StoreID, at time: Timestamp) async throws -> ProofUpload? {
        try await database.lookUp("\(Self.uploads) WHERE store_id = $1 AND key = $2", Self.values(key, storeID))
            .first.map { try Self.upload($0) }.flatMap { $0.isThere(at: time) ? $0 : nil }
    }

    package func claimUpload(
        _ key: FileKey, in storeID: StoreID, until end: Timestamp, at time: Timestamp
    ) async throws -> Bool {
        try await change(
            "SET claimed_until = $3", where: "size IS NULL AND (claimed_until IS NULL OR claimed_until < $4) AND expires_at > $4",
            key, storeID, [.time(end), .time(time)])
    }

    package func keepUpload(
        _ key: FileKey, in storeID: StoreID, size: Int64, until expiresAt: Timestamp, at time: Timestamp
    ) async throws -> Bool {
        try await change(
            "SET claimed_until = NULL, size = $3, expires_at = $4", where: "size IS NULL AND expires_at > $5", key, storeID,
            [.integer(size), .time(expiresAt), .time(time)])
    }

    package func releaseUpload(_ key: FileKey, in storeID: StoreID) async throws {
        _ = try await change("SET claimed_until = NULL", where: "size IS NULL", key, storeID, [])
    }

    package func useUpload(
        _ key: FileKey, of orderID: OrderID, in storeID: StoreID, at time: Timestamp
    ) async throws -> Bool {
        try await change(
            "SET expires_at = NULL", where: "order_id = $3 AND size IS NOT NULL AND (expires_at IS NULL OR expires_at > $4)", key,
            storeID, [.orderID(orderID.uuid), .time(time)])
    }

    package func expiredUploads(at time: Timestamp, limit: Int) async throws -> [ProofUpload] {
        try await database.read(
            "\(Self.uploads) WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2", [.time(time), .integer(Int64(limit))]
        ).map { try Self.upload($0) }
    }

    package func removeUpload(_ key: FileKey, in storeID: StoreID) async throws {
        try await database.transaction { transaction -> Void in
            try await transaction.run(
                "DELETE FROM transfer_proof WHERE store_id = $1 AND key = $2", Self.values(key, storeID))
        }
    }

    /// Changes a row if a condition holds.
    /// - Returns: whether it did.
    private func change(
        _ assignments: String, where condition: String, _ key: FileKey, _ storeID: StoreID, _ values: [StoredValue]
    ) async throws -> Bool {
        try await database.transaction { transaction in
            try await !transaction.run(
                "UPDATE transfer_proof \(assignments) WHERE store_id = $1 AND key = $2 AND \(condition) RETURNING key",
                Self.values(key, storeID) + values
            ).isEmpty
        }
    }

    private static var uploads: String {
        """
        SELECT store_id, key, order_id, content_type, filename, announced_size, announced_at, size, expires_at FROM transfer_proof
        """
    }

    private static func values(_ key: FileKey, _ storeID: StoreID) -> [StoredValue] { [.text(storeID.text), .text(key.text)] }

    private static func upload(_ row: StoredRow) throws -> ProofUpload {
        guard let storeID = StoreID(try row[0].requiredText()), let key = FileKey(try row[1].requiredText()),
            let orderID = OrderID(try row[2].requiredOrderID())
        else { throw StorageFailure.damaged }
        return ProofUpload(
            key, of: orderID, in: storeID, contentType: try row[3].requiredText(), filename: try row[4].requiredText(),
            announcedSize: try row[5].requiredInteger(), announcedAt: Timestamp(microseconds: try row[6].requiredInteger()),
            size: row[7].integer, expiresAt: row[8].integer.map { Timestamp(microseconds: $0) })
    }
}
