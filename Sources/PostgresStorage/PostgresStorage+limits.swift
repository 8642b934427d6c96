import Accounts
package import Orders

extension PostgresStorage: SharedLimits {
    package func spend(_ amount: Int64, by caller: String, in storeID: StoreID, most: Int64) async throws -> Int64 {
        // By the clock of the database, so that the servers' own may differ.
        let now = "(extract(epoch FROM statement_timestamp()) * 1000000)::bigint"
        do {
            return try await sessions.withSession { session in
                try await session.run(
                    """
                    INSERT INTO spent_limit (store_id, caller, spent_until) VALUES ($1, $2, \(now) + least($3, $4))
                    ON CONFLICT (store_id, caller) DO UPDATE SET
                        spent_until = least(greatest(spent_limit.spent_until, \(now)) + $3, \(now) + $4)
                    RETURNING spent_until - \(now)
                    """, .text(storeID.text), .text(caller), .integer(amount), .integer(most))[0].integer(0)
            }
        } catch {
            throw StorageFailure(any: error)
        }
    }

    package func forgetSpentLimits() async throws {
        do {
            try await sessions.withSession { session in
                _ = try await session.run(
                    "DELETE FROM spent_limit WHERE spent_until < (extract(epoch FROM statement_timestamp()) * 1000000)::bigint")
            }
        } catch {
            throw StorageFailure(any: error)
        }
    }
}
