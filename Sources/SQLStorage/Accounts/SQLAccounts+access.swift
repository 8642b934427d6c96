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
        func sets(_ sql: String) async throws -> [StoreID: Set<String>] {
            var sets: [StoreID: Set<String>] = [:]
            for row in try await database.read(sql, []) {
                guard let storeID = StoreID(try row[0].requiredText()) else { throw StorageFailure.damaged }
                sets[storeID, default: []].insert(try row[1].requiredText())
            }
            return sets
        }
        return AccessDirectory(
            keys: try await sets("SELECT store_id, key FROM storefront_key"),
            origins: try await sets("SELECT store_id, origin FROM allowed_origin"))
    }

    package func add(_ key: StorefrontKey, to storeID: StoreID, at time: Timestamp) async throws -> Bool {
        try await add(key.text, to: "storefront_key", "key", storeID, time)
    }

    package func storefrontKeys(of storeID: StoreID) async throws -> [(text: String, createdAt: Timestamp)] {
        try await list("storefront_key", "key", storeID)
    }

    package func remove(storefrontKey text: String, of storeID: StoreID) async throws -> Bool {
        try await remove(text, from: "storefront_key", "key", storeID)
    }

    package func add(_ origin: WebOrigin, to storeID: StoreID, at time: Timestamp) async throws -> Bool {
        try await add(origin.text, to: "allowed_origin", "origin", storeID, time)
    }

    package func origins(of storeID: StoreID) async throws -> [(text: String, createdAt: Timestamp)] {
        try await list("allowed_origin", "origin", storeID)
    }

    package func remove(origin text: String, of storeID: StoreID) async throws -> Bool {
        try await remove(text, from: "allowed_origin", "origin", storeID)
    }

    private func add(_ text: String, to table: String, _ column: String, _ storeID: StoreID, _ time: Timestamp) async throws
        -> Bool
    {
        try await database.transaction { transaction in
            guard try await !transaction.run("SELECT 1 FROM store WHERE id = $1", [.text(storeID.text)]).isEmpty else {
                return false
            }
            try await transaction.run(
                "INSERT INTO \(table) (store_id, \(column), created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                [.text(storeID.text), .text(text), .time(time)])
            try await transaction.noteDirectoryChange()
            return true
        }
    }

    private func list(_ table: String, _ column: String, _ storeID: StoreID) async throws -> [(
        text: String, createdAt: Timestamp
    )] {
        try await database.read(
            "SELECT \(column), created_at FROM \(table) WHERE store_id = $1 ORDER BY created_at, \(column)", [.text(storeID.text)]
        ).map { (try $0[0].requiredText(), Timestamp(microseconds: try $0[1].requiredInteger())) }
    }

    private func remove(_ text: String, from table: String, _ column: String, _ storeID: StoreID) async throws -> Bool {
        try await database.transaction { transaction in
            let removed = try await transaction.run(
                "DELETE FROM \(table) WHERE store_id = $1 AND \(column) = $2 RETURNING created_at",
                [.text(storeID.text), .text(text)])
            if !removed.isEmpty { try await transaction.noteDirectoryChange() }
            return !removed.isEmpty
        }
    }
}

extension SQLTransaction {
    /// Notifies all servers that storefront keys or origins have changed.
    fileprivate func noteDirectoryChange() async throws {
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
