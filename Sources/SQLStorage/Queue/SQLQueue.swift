import Accounts
import Orders

/// A table of items to deliver: its key is `store_id` and `id`, `due_at` is the time at which a row is due, and `attempts` counts
/// how often it was claimed. A leased row is one whose `due_at` is in the future.
struct SQLQueue<Database: SQLDatabase> {
    let database: Database
    let table: String
    /// The column that identifies the receiver.
    let receiver: String

    /// Claims rows that are due, alternating between receivers, oldest first for each receiver.
    /// - Parameters:
    ///   - busy: the number of rows in progress for each receiver, by the value of its column.
    ///   - columns: the columns to return for each row.
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
                // Another server may have claimed the row first.
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
