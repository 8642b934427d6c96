import Accounts
package import Orders

extension PostgresStorage: SharedLimits {
    package func spend(_ amount: Int64, by caller: String, in storeID: StoreID, most: Int64) async throws -> Int64 {
        // Uses the database's clock, because the servers' clocks may differ.
        let now = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint"
        // If the connection is lost, a request may be counted twice, which does no harm.
        return try await quickSessions.repeatably { session in
            // Requests over the limit are refused, and refused requests are not counted.
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
