package import Orders

/// What a mirror could not use.
extension SQLAccounts {
    package func keepFailed(_ body: [UInt8], reason: String, in storeID: StoreID, at time: Timestamp) async throws {
        try await database.transaction { try await $0.keepFailed(body, reason: reason, in: storeID, at: time) }
    }

    package func mirrorFailures(of storeID: StoreID, limit: Int) async throws -> [MirrorFailure] {
        let bodies = try await database.read(
            "SELECT id, reason, received_at FROM mirror_failure WHERE store_id = $1 ORDER BY received_at, id LIMIT $2",
            [.text(storeID.text), .integer(Int64(limit))]
        ).map { row in
            guard let id = UUIDBytes(bytes: try row[0].requiredBytes()) else { throw StorageFailure.damaged }
            return MirrorFailure(
                subject: .body(id), reason: try row[1].requiredText(), at: Timestamp(microseconds: try row[2].requiredInteger()))
        }
        let orders = try await database.read(
            """
            SELECT number, failure, failed_at FROM mirror_order WHERE store_id = $1 AND failure IS NOT NULL
            ORDER BY failed_at, number LIMIT $2
            """, [.text(storeID.text), .integer(Int64(limit))]
        ).map { row in
            MirrorFailure(
                subject: .order(try row[0].requiredText()), reason: try row[1].requiredText(),
                at: Timestamp(microseconds: row[2].integer ?? 0))
        }
        return Array((bodies + orders).sorted { $0.at < $1.at }.prefix(limit))
    }

    package func failedBody(_ id: UUIDBytes, in storeID: StoreID) async throws -> [UInt8]? {
        try await database.read(
            "SELECT body FROM mirror_failure WHERE store_id = $1 AND id = $2", [.text(storeID.text), .bytes(id.bytes)]
        ).first?[0].requiredBytes()
    }

    package func removeFailed(_ id: UUIDBytes, in storeID: StoreID) async throws {
        _ = try await database.transaction { transaction in
            try await transaction.run(
                "DELETE FROM mirror_failure WHERE store_id = $1 AND id = $2", [.text(storeID.text), .bytes(id.bytes)])
        }
    }
}

extension SQLTransaction {
    func keepFailed(_ body: [UInt8], reason: String, in storeID: StoreID, at time: Timestamp) async throws {
        try await run(
            "INSERT INTO mirror_failure (store_id, id, received_at, reason, body) VALUES ($1, $2, $3, $4, $5)",
            [.text(storeID.text), .bytes(UUIDBytes.random().bytes), .time(time), .text(reason), .bytes(body)])
    }
}
