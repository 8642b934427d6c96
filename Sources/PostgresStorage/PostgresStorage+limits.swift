import Accounts
package import Orders

extension PostgresStorage: SharedLimits {
    package func spend(_ amount: Int64, by caller: String, in storeID: StoreID, most: Int64) async throws -> Int64 {
        // By the clock of the database, so that the servers' own may differ.
        let now = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint"
        // Where a connection is lost meanwhile it may be counted twice, which does no harm.
        return try await quickSessions.repeatably { session in
            // What does not fit any more is refused, and what is refused is not counted.
            let counted = try await session.run(
                """
                INSERT INTO spent_limit (store_id, caller, spent_until) VALUES ($1, $2, \(now) + $3)
                ON CONFLICT (store_id, caller) DO UPDATE SET spent_until = greatest(spent_limit.spent_until, \(now)) + $3
                WHERE greatest(spent_limit.spent_until, \(now)) + $3 <= \(now) + $4
                RETURNING spent_until - \(now)
                """, .text(storeID.text), .text(caller), .integer(amount), .integer(most))
            if let row = counted.rows.first { return row.integer(0) }
            let spent = try await session.run(
                "SELECT greatest(spent_until, \(now)) - \(now) FROM spent_limit WHERE store_id = $1 AND caller = $2",
                .text(storeID.text), .text(caller))
            return (spent.rows.first?.integer(0) ?? 0) + amount
        }
    }

    package func forgetSpentLimits() async throws {
        try await quickSessions.repeatably { session in
            _ = try await session.run(
                "DELETE FROM spent_limit WHERE spent_until < (extract(epoch FROM statement_timestamp()) * 1000000)::bigint")
        }
    }
}
