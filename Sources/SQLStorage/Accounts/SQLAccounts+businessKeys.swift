package import Accounts
package import Orders

extension SQLAccounts {
    package func add(
        _ key: BusinessKey, with scopes: Set<BusinessScope>?, to storeID: StoreID, until end: Timestamp?, limit: Int,
        at time: Timestamp
    ) async throws -> UUIDBytes? {
        try await database.transaction { transaction in
            // Locks the store's keys, so that two don't become the last one.
            guard
                try await !transaction.run("SELECT 1 FROM store WHERE id = $1 \(database.locking)", [.text(storeID.text)]).isEmpty
            else { return nil }
            let accepted = try await transaction.run(
                """
                SELECT count(*) FROM business_key
                WHERE store_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
                """, [.text(storeID.text), .time(time)])
            guard let count = try accepted.first?[0].requiredInteger(), count < limit else { return nil }
            let id = UUIDBytes.random()
            try await transaction.run(
                """
                INSERT INTO business_key (store_id, id, digest, hint, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
                """,
                [
                    .text(storeID.text), .bytes(id.bytes), .bytes(key.digest), .text(key.hint),
                    .text(scopes?.map(\.rawValue).sorted().joined(separator: ",") ?? BusinessGrant.everything), .time(time),
                    end.map { .time($0) } ?? .null,
                ])
            try await transaction.noteDirectoryChange()
            return id
        }
    }

    package func businessKeys(of storeID: StoreID) async throws -> [BusinessKeyEntry] {
        try await database.read(
            """
            SELECT \(Self.grantColumns), hint, created_at, revoked_at FROM business_key WHERE store_id = $1 ORDER BY created_at, id
            """, [.text(storeID.text)]
        ).map { row in
            BusinessKeyEntry(
                grant: try BusinessGrant(row), hint: try row[4].requiredText(),
                insertedAt: Timestamp(microseconds: try row[5].requiredInteger()), isRevoked: row[6] != .null)
        }
    }

    package func end(businessKey id: UUIDBytes, of storeID: StoreID, at end: Timestamp, now time: Timestamp) async throws -> Bool
    {
        try await database.transaction { transaction in
            let ended = try await transaction.run(
                """
                UPDATE business_key SET expires_at = $4, revoked_at = $3
                WHERE store_id = $1 AND id = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $4) RETURNING id
                """,
                [
                    .text(storeID.text), .bytes(id.bytes), end <= time ? .time(time) : .null, .time(max(end, time)),
                ])
            if !ended.isEmpty { try await transaction.noteDirectoryChange() }
            return !ended.isEmpty
        }
    }

    /// What the keys that were not revoked allow, by their digests.
    func businessGrants() async throws -> [[UInt8]: BusinessGrant] {
        let rows = try await database.read(
            "SELECT \(Self.grantColumns), digest FROM business_key WHERE revoked_at IS NULL", [])
        return try Dictionary(rows.map { (try $0[4].requiredBytes(), try BusinessGrant($0)) }) { first, _ in first }
    }

    private static var grantColumns: String { "store_id, id, scopes, expires_at" }
}

extension BusinessGrant {
    fileprivate static var everything: String { "*" }

    /// A scope that only a newer version knows is left out.
    fileprivate init(_ row: StoredRow) throws {
        guard let storeID = StoreID(try row[0].requiredText()), let id = UUIDBytes(bytes: try row[1].requiredBytes()) else {
            throw StorageFailure.damaged
        }
        let text = try row[2].requiredText()
        let scopes = text.split(separator: ",").compactMap { BusinessScope(rawValue: String($0)) }
        self.init(
            id: id, storeID: storeID, scopes: text == Self.everything ? nil : Set(scopes),
            expiresAt: row[3].integer.map { Timestamp(microseconds: $0) })
    }
}
