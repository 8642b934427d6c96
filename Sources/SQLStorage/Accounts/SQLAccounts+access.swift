package import Accounts
package import Orders

extension SQLAccounts {
    package func accessNews(since number: Int64, at time: Timestamp) async throws -> AccessNews {
        let versions = try await database.read("SELECT number, directory_number FROM access_version", [])
        guard let row = versions.first else { throw StorageFailure.damaged }
        let (newest, directoryNumber) = (try row[0].requiredInteger(), try row[1].requiredInteger())
        guard newest != number else { return AccessNews(number: number, directory: nil, revocations: []) }
        // A number that has not been issued yet is from before an older copy of the database was restored.
        let since = number > newest ? -1 : number
        let revocations = try await database.read(
            "SELECT store_id, kind, subject, generation, expires_at FROM revocation WHERE number > $1 AND expires_at > $2",
            [.integer(since), .integer(time.seconds)])
        return AccessNews(
            number: newest, directory: directoryNumber > since ? try await directory() : nil,
            revocations: try revocations.map { try Revocation($0) })
    }

    private func directory() async throws -> AccessDirectory {
        func entries(_ sql: String) async throws -> AccessDirectory.Entries {
            var entries: AccessDirectory.Entries = [:]
            for row in try await database.read(sql, []) {
                guard let storeID = StoreID(try row[0].requiredText()) else { throw StorageFailure.damaged }
                entries[storeID, default: [:]][try row[1].requiredText()] = row[2].integer ?? .max
            }
            return entries
        }
        return AccessDirectory(
            keys: try await entries("SELECT store_id, key, expires_at FROM storefront_key WHERE revoked_at IS NULL"),
            origins: try await entries("SELECT store_id, origin, expires_at FROM allowed_origin WHERE revoked_at IS NULL"),
            grants: try await businessGrants())
    }

    package func add(_ key: StorefrontKey, to storeID: StoreID, until end: Timestamp?, at time: Timestamp) async throws -> Bool {
        try await add(key.text, to: .key, storeID, end, time)
    }

    package func storefrontKeys(of storeID: StoreID) async throws -> [StorefrontAccessEntry] { try await list(.key, storeID) }

    package func end(storefrontKey text: String, of storeID: StoreID, at end: Timestamp, now time: Timestamp) async throws -> Bool
    {
        try await self.end(text, of: .key, storeID, end, time)
    }

    package func add(_ origin: WebOrigin, to storeID: StoreID, until end: Timestamp?, at time: Timestamp) async throws -> Bool {
        try await add(origin.text, to: .origin, storeID, end, time)
    }

    package func origins(of storeID: StoreID) async throws -> [StorefrontAccessEntry] { try await list(.origin, storeID) }

    package func end(origin text: String, of storeID: StoreID, at end: Timestamp, now time: Timestamp) async throws -> Bool {
        try await self.end(text, of: .origin, storeID, end, time)
    }

    private func add(
        _ text: String, to kind: AccessEntryTable, _ storeID: StoreID, _ end: Timestamp?, _ time: Timestamp
    ) async throws -> Bool {
        try await database.transaction { transaction in
            guard try await !transaction.run("SELECT 1 FROM store WHERE id = $1", [.text(storeID.text)]).isEmpty else {
                return false
            }
            try await transaction.run(
                """
                INSERT INTO \(kind.table) (store_id, \(kind.column), created_at, updated_at, expires_at) VALUES ($1, $2, $3, $3, $4)
                ON CONFLICT (store_id, \(kind.column)) DO UPDATE SET
                    updated_at = excluded.updated_at, expires_at = excluded.expires_at, revoked_at = NULL
                """, [.text(storeID.text), .text(text), .time(time), end.map { .time($0) } ?? .null])
            try await transaction.noteDirectoryChange()
            return true
        }
    }

    private func list(_ kind: AccessEntryTable, _ storeID: StoreID) async throws -> [StorefrontAccessEntry] {
        try await database.read(
            """
            SELECT \(kind.column), created_at, updated_at, expires_at, revoked_at FROM \(kind.table) WHERE store_id = $1
            ORDER BY created_at, \(kind.column)
            """, [.text(storeID.text)]
        ).map { row in
            let insertedAt = try row[1].requiredInteger()
            return StorefrontAccessEntry(
                text: try row[0].requiredText(), insertedAt: Timestamp(microseconds: insertedAt),
                updatedAt: Timestamp(microseconds: row[2].integer ?? insertedAt),
                expiresAt: row[3].integer.map { Timestamp(microseconds: $0) }, isRevoked: row[4] != .null)
        }
    }

    private func end(
        _ text: String, of kind: AccessEntryTable, _ storeID: StoreID, _ end: Timestamp, _ time: Timestamp
    ) async throws -> Bool {
        try await database.transaction { transaction in
            let ended = try await transaction.run(
                """
                UPDATE \(kind.table) SET updated_at = $3, expires_at = $4, revoked_at = $5
                WHERE store_id = $1 AND \(kind.column) = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
                RETURNING created_at
                """,
                [
                    .text(storeID.text), .text(text), .time(time), .time(max(end, time)),
                    end <= time ? .time(time) : .null,
                ])
            if !ended.isEmpty { try await transaction.noteDirectoryChange() }
            return !ended.isEmpty
        }
    }
}

/// The tables of keys and origins, which have the same columns but for one.
private enum AccessEntryTable {
    case key, origin

    var table: String { self == .key ? "storefront_key" : "allowed_origin" }
    var column: String { self == .key ? "key" : "origin" }
}

extension SQLTransaction {
    /// Notifies all servers that keys or origins have changed.
    func noteDirectoryChange() async throws {
        try await run("UPDATE access_version SET number = number + 1, directory_number = number + 1", [])
    }
}

extension Revocation {
    /// The stored form: its kind, its subject, and the first generation that it does not cover.
    var columns: (kind: String, subject: String, generation: Int64) {
        switch subject {
        case .token(let id): ("token", id, 0)
        case .session(let id): ("session", id.description, 0)
        case .generations(let customerID, let before): ("customer", customerID.description, before)
        }
    }

    fileprivate init(_ row: StoredRow) throws(StorageFailure) {
        let (kind, text) = (try row[1].requiredText(), try row[2].requiredText())
        let subject: Subject? =
            switch kind {
            case "token": .token(text)
            case "session": SessionID(text).map { .session($0) }
            case "customer": Int64(text).map { .generations(CustomerID($0), before: row[3].integer ?? 0) }
            default: nil
            }
        guard let storeID = StoreID(try row[0].requiredText()), let subject else { throw .damaged }
        self.init(subject, in: storeID, expires: try row[4].requiredInteger())
    }
}
