package import Accounts
import Orders

extension PostgresStorage: SigningKeyStorage {
    package func keyRing(orElse new: SigningKey) async throws -> KeyRing {
        try await keys { try await $0.ring(orElse: new) }
    }

    package func change(
        orElse new: SigningKey, _ change: @escaping @Sendable (KeyRing) -> KeyRing
    ) async throws -> KeyRing {
        try await keys { session in
            let ring = change(try await session.ring(orElse: new))
            try await session.run("DELETE FROM signing_key WHERE id <> ALL ($1)", .texts(ring.ids))
            try await session.insert(ring)
            try await session.run("UPDATE access_version SET number = number + 1, directory_number = number + 1")
            return ring
        }
    }

    /// Always false: ``change(orElse:_:)`` raises the directory's number, so new keys arrive with a new directory
    /// (``AccessNews``).
    package func mayHaveChanged() -> Bool { false }

    /// Runs a transaction that locks out everyone else who uses this to read or write keys.
    private func keys<Value>(_ body: (Session) async throws -> Value) async throws -> Value {
        try await sessions.inTransaction { session in
            try await session.runScript("LOCK TABLE signing_key IN SHARE ROW EXCLUSIVE MODE")
            return try await body(session)
        }
    }
}

extension Session {
    /// The stored ring; if there is none, it stores and returns a ring of `new` alone.
    fileprivate func ring(orElse new: SigningKey) async throws -> KeyRing {
        let rows = try await run("SELECT pem, used_from FROM signing_key").rows
        let entries = try rows.map { row in
            guard let key = SigningKey(pem: row.text(0)) else { throw StorageFailure.damaged }
            return KeyRing.Entry(key, usedFrom: Timestamp(microseconds: row.integer(1)))
        }
        guard entries.isEmpty else { return KeyRing(entries) }
        let ring = KeyRing(new)
        try await insert(ring)
        return ring
    }

    fileprivate func insert(_ ring: KeyRing) async throws {
        for entry in ring.entries {
            try await run(
                """
                INSERT INTO signing_key (id, pem, created_at, used_from) VALUES ($1, $2, $3, $4)
                ON CONFLICT (id) DO UPDATE SET used_from = excluded.used_from
                """, .text(entry.key.id), .text(entry.key.pem), .integer(Timestamp.now.microseconds),
                .integer(entry.usedFrom.microseconds))
        }
    }
}
