package import Orders

extension SQLAccounts {
    package func noteSeen(
        _ orders: [ScalevOrder], in storeID: StoreID, bySince start: Timestamp
    ) async throws -> Set<String> {
        // In the order of their numbers, so that transactions that change several never wait for each other.
        let orders = orders.sorted { $0.name.number < $1.name.number }
        return try await database.transaction { transaction in
            let found = try await transaction.run(
                """
                UPDATE mirror_order SET seen_at = $3 WHERE store_id = $1 AND number = $2
                RETURNING read_up_to, pending_since, failure, forgotten_at
                """, each: orders.map { [.text(storeID.text), .text($0.name.number), .time(start)] })
            let unread = zip(orders, found).filter { order, rows in
                guard let row = rows.first else { return true }
                let isMade = row[1] == .null && row[2] == .null
                let isRead = row[0].integer.map { $0 >= order.lastUpdatedAt.microseconds } ?? false
                return row[3] == .null && !(isMade && isRead)
            }
            return Set(unread.compactMap(\.0.name.reference))
        }
    }

    package func merge(
        _ order: ScalevOrder, in storeID: StoreID, seenSince start: Timestamp, at time: Timestamp
    ) async throws -> Bool {
        let locking = database.locking
        return try await database.transaction { transaction in
            let kept = try await transaction.take([order.name], in: storeID, at: time, locking: locking) { known, _ in
                known.merge(full: order.data, lastUpdatedAt: order.lastUpdatedAt)
            }
            try await transaction.run(
                "UPDATE mirror_order SET seen_at = $3, read_up_to = $4 WHERE store_id = $1 AND number = $2",
                [.text(storeID.text), .text(order.name.number), .time(start), .time(order.lastUpdatedAt)])
            return !kept.isEmpty
        }
    }

    package func unseenMirrored(
        of storeID: StoreID, bySince start: Timestamp, after number: String
    ) async throws -> (orders: [MirroredOrderName], next: String?) {
        // Few at a time, because nearly all of them were seen.
        let parameters: [StoredValue] = [.text(storeID.text), .text(number)]
        let some = "SELECT * FROM mirror_order WHERE store_id = $1 AND number > $2 ORDER BY number LIMIT 1000"
        let next = try await database.read("SELECT max(number) FROM (\(some)) part", parameters).first?[0].text
        let rows = try await database.read(
            """
            SELECT number, reference, document FROM (\(some)) part
            WHERE order_id IS NOT NULL AND forgotten_at IS NULL AND (seen_at IS NULL OR seen_at < $3)
            """, parameters + [.time(start)])
        let orders = try rows.compactMap { row -> MirroredOrderName? in
            let order = try MirroredOrder(stored: row[2])
            return order.isDeleted ? nil : MirroredOrderName(number: try row[0].requiredText(), reference: row[1].text)
        }
        return (orders, next)
    }

    package func notePull(_ progress: PullProgress, of storeID: StoreID) async throws {
        _ = try await database.transaction { transaction in
            try await transaction.run(
                """
                INSERT INTO mirror_pull (store_id, source, started_at, finished_at, next_page, reached, seen, was_read, deleted)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                ON CONFLICT (store_id) DO UPDATE SET
                    source = excluded.source, started_at = excluded.started_at, finished_at = excluded.finished_at,
                    next_page = excluded.next_page, reached = excluded.reached, seen = excluded.seen,
                    was_read = excluded.was_read, deleted = excluded.deleted
                """,
                [
                    .text(storeID.text), .text(progress.source), .time(progress.startedAt),
                    StoredValue(progress.finishedAt?.microseconds),
                    StoredValue(progress.cursor), StoredValue(progress.reached?.microseconds), .integer(progress.seen),
                    .integer(progress.read),
                    .integer(progress.deleted),
                ])
        }
    }

    /// The store's last pull; `nil` if there was none.
    func pull(of storeID: StoreID) async throws -> PullProgress? {
        try await database.read(
            """
            SELECT source, started_at, finished_at, next_page, reached, seen, was_read, deleted FROM mirror_pull
            WHERE store_id = $1
            """, [.text(storeID.text)]
        ).first.map { row in
            let time = { (value: StoredValue) in value.integer.map { Timestamp(microseconds: $0) } }
            var progress = PullProgress(
                source: try row[0].requiredText(), startedAt: Timestamp(microseconds: try row[1].requiredInteger()))
            (progress.finishedAt, progress.cursor, progress.reached) = (time(row[2]), row[3].text, time(row[4]))
            progress.seen = try row[5].requiredInteger()
            progress.read = try row[6].requiredInteger()
            progress.deleted = try row[7].requiredInteger()
            return progress
        }
    }
}
