import Accounts
import Orders

/// A table of what is to be delivered: `store_id` and `id` are its key, `due_at` says when a row is due, and `attempts` how many times it was
/// claimed. A lease is a row whose `due_at` lies ahead.
struct SQLQueue<Database: SQLDatabase> {
    let database: Database
    let table: String
    /// The column by which receivers are told apart.
    let receiver: String

    /// Claims rows that are due, the receivers in turn, each receiver's oldest first.
    /// - Parameters:
    ///   - busy: how many are under way for a receiver, by the value of its column.
    ///   - columns: what is to be returned of each row.
    func claim(
        _ limit: Int, perReceiver: Int, busy: [String: Int], lease: Int64, at time: Timestamp, returning columns: String
    ) async throws -> [StoredRow] {
        let due = try await database.read(
            """
            SELECT store_id, id, due_at, receiver, turn FROM (
                SELECT store_id, id, due_at, \(receiver) AS receiver,
                    row_number() OVER (PARTITION BY \(receiver) ORDER BY due_at, id) AS turn
                FROM \(table) WHERE due_at <= $1) due
            WHERE turn <= $2 ORDER BY turn, due_at LIMIT $3
            """, [.time(time), .integer(Int64(perReceiver)), .integer(Int64(limit + busy.count * perReceiver))])
        let candidates = try due.filter { row in
            try Int(row[4].requiredInteger()) + busy[row[3].requiredText(), default: 0] <= perReceiver
        }.prefix(limit)
        guard !candidates.isEmpty else { return [] }
        return try await database.transaction { [table] transaction in
            var claimed: [StoredRow] = []
            for candidate in candidates {
                // Another server may have been faster.
                claimed += try await transaction.run(
                    """
                    UPDATE \(table) SET due_at = $4, attempts = attempts + 1 WHERE store_id = $1 AND id = $2 AND due_at = $3
                    RETURNING \(columns)
                    """, Array(candidate.prefix(3)) + [.time(time.adding(seconds: lease))])
            }
            return claimed
        }
    }
}
