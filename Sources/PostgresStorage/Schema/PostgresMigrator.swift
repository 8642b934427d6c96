import Orders

/// Migrates a database to this version's schema and creates its partitions. Any number of servers may do so concurrently.
struct PostgresMigrator {
    let session: Session

    /// Migrates the schema under a lock. If it is up to date, nothing is locked or written.
    ///
    /// If a table to be changed is in use, it lets later users through and retries until the table is free.
    /// - Parameter last: the number of the last migration to apply.
    /// - Throws: ``StorageFailure``.
    func migrate(upTo last: Int = PostgresSchema.migrations.count) async throws {
        do {
            while try await version() < last {
                do { try await apply(PostgresSchema.migrations.prefix(last)) } catch let error as PostgresError
                    where error.isLockTimeout
                {
                    try await Task.sleep(for: .seconds(1))
                }
            }
        } catch let error as PostgresError {
            throw StorageFailure(error)
        }
    }

    private func apply(_ migrations: some Collection<PostgresSchema.Migration>) async throws {
        try await inTransaction(locking: "schema") {
            // Readers queue behind anyone who waits for a table, and have only two seconds.
            try await session.runScript("SET LOCAL lock_timeout = '500ms'")
            if try await session.run("SELECT current_schema()")[0].isNull(0) {
                try await session.runScript("CREATE SCHEMA \(PostgresSchema.name)")
            }
            try await session.runScript(
                "CREATE TABLE IF NOT EXISTS schema_migration (version bigint PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())"
            )
            for (position, migration) in migrations.enumerated().dropFirst(try await version()) {
                try await session.runScript(migration.script)
                try await session.run(
                    "INSERT INTO schema_migration (version, name) VALUES ($1, $2)", .integer(Int64(position + 1)),
                    .text(migration.name))
            }
        }
    }

    /// The number of migrations that have been applied to the database.
    /// - Throws: ``StorageFailure/newerSchema``, ``PostgresError``.
    private func version() async throws -> Int {
        guard try await !session.run("SELECT to_regclass('schema_migration')::text")[0].isNull(0) else { return 0 }
        let version = Int(try await session.run("SELECT coalesce(max(version), 0) FROM schema_migration")[0].integer(0))
        guard version <= PostgresSchema.migrations.count else { throw StorageFailure.newerSchema }
        return version
    }

    /// The existing partitions.
    /// - Throws: ``PostgresError``.
    func partitions() async throws -> Set<OrderPartition> {
        let parent = "order_document"
        let result = try await session.run(
            """
            SELECT c.relname::text FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = '\(parent)'::regclass
            """)
        return Set(result.rows.compactMap { OrderPartition(suffix: $0.text(0).dropFirst(parent.count + 1)) })
    }

    /// Creates the missing ones of these partitions, under a lock; readers and writers are not blocked.
    /// - Returns: all partitions that exist afterwards.
    /// - Throws: ``PostgresError``.
    func make(_ wanted: some Sequence<OrderPartition>) async throws -> Set<OrderPartition> {
        try await inTransaction(locking: "partitions") {
            let there = try await partitions()
            let missing = Set(wanted).subtracting(there).sorted()
            for partition in missing {
                for table in PostgresSchema.partitioned {
                    let name = "\(table)_\(partition.suffix)"
                    // A table created directly as a partition would lock all of its siblings.
                    try await session.runScript(
                        """
                        CREATE TABLE \(name) (LIKE \(table) INCLUDING ALL);
                        ALTER TABLE \(table) ATTACH PARTITION \(name) FOR VALUES FROM (\(partition.bounds.lower)) TO (\(partition.bounds.upper))
                        """)
                }
            }
            return there.union(missing)
        }
    }

    private func inTransaction<Value>(locking name: String, _ body: () async throws -> Value) async throws -> Value {
        try await session.inTransaction {
            try await session.runScript("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0")
            try await session.run("SELECT pg_advisory_xact_lock(\(AdvisoryLock.key(of: "$1")))", .text("pesanan " + name))
            return try await body()
        }
    }
}
