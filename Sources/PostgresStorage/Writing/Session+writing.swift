import Orders
import SQLStorage

extension Statement {
    /// Waits until nobody else writes to these stores, and keeps others waiting until the transaction ends.
    static func lock(_ stores: Set<StoreID>) -> Statement {
        // In the order of the locks, so that two that want the same ones never wait for each other.
        Statement(
            """
            SELECT pg_advisory_xact_lock(key)
            FROM (SELECT DISTINCT \(AdvisoryLock.key(of: "id")) AS key FROM unnest($1::text[]) id ORDER BY key) keys
            """, .texts(stores.map(\.text)))
    }

    /// Two for each store: they find its `changed_at` before and after.
    fileprivate static func noteChange(of stores: Set<StoreID>, at time: Timestamp) -> [Statement] {
        // In their order, so that two writers never wait for each other; one by one, because a cluster can't lock rows otherwise. The weaker
        // lock, because checks of foreign keys to a store wait for the stronger one.
        ordered(stores).flatMap { storeID in
            [
                Statement("SELECT changed_at FROM store WHERE id = $1 FOR NO KEY UPDATE", .text(storeID.text)),
                // At random, so that a transaction that fails leaves a number that no other one has, also while the clock is behind.
                Statement(
                    """
                    UPDATE store SET changed_at = greatest(changed_at + 1 + floor(random() * 1000)::bigint, $2)
                    WHERE id = $1 RETURNING changed_at
                    """,
                    .text(storeID.text), .integer(time.microseconds)),
            ]
        }
    }

    /// One for each store whose position is raised: it has one row if the position was the expected one.
    fileprivate static func raisePositions(from expected: [StoreID: Int64], to last: [StoreID: Int64]) -> [Statement] {
        ordered(last.keys).compactMap { storeID in
            let (expected, position) = (expected[storeID] ?? 0, last[storeID] ?? 0)
            guard position != expected else { return nil }
            return expected == 0
                ? Statement(
                    "INSERT INTO event_position (store_id, position) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING position",
                    .text(storeID.text), .integer(position))
                : Statement(
                    "UPDATE event_position SET position = $2 WHERE store_id = $1 AND position = $3 RETURNING position",
                    .text(storeID.text), .integer(position), .integer(expected))
        }
    }

    fileprivate static func ordered(_ stores: some Sequence<StoreID>) -> [StoreID] { stores.sorted { $0.text < $1.text } }
}

/// The `changed_at` of a store before and after a change.
typealias ChangeStamps = (from: Int64, to: Int64)

extension Session {
    /// Waits until nobody else writes to these stores, and keeps others waiting until the transaction ends.
    /// - Throws: ``PostgresError``.
    func lock(_ stores: Set<StoreID>) async throws(PostgresError) { try await run([.lock(stores)]) }

    /// Takes the lock of one store, unless somebody else writes to it.
    /// - Returns: whether nobody does.
    /// - Throws: ``PostgresError``.
    func tryToLock(_ storeID: StoreID) async throws(PostgresError) -> Bool {
        try await run("SELECT pg_try_advisory_xact_lock(\(AdvisoryLock.key(of: "$1")))", .text(storeID.text))[0].bool(0)
    }

    /// Writes a store that is locked.
    /// - Throws: ``PostgresError``.
    func write(_ store: MerchantStore, at time: Timestamp) async throws(PostgresError) -> WriteOutcome {
        let known = try await run("SELECT version, merchant_document, document FROM store WHERE id = $1", .text(store.id.text))
            .rows.first
        let merchantDocument = StoredDocument.merchantStore(store.id).sealed(store.merchantDocument)
        let document = { (version: Int64) in StoredDocument.store(store.id, version: version).sealed(store.document) }
        if let known, known.bytes(1) == merchantDocument, known.bytes(2) == document(known.integer(0)) { return .unchanged }
        let version = OrderVersion.next(after: known?.integer(0), at: time)
        try await run(
            """
            INSERT INTO store (id, version, document, merchant_document, changed_at) VALUES ($1, $2, $3, $4, $2)
            ON CONFLICT (id) DO UPDATE SET
                version = excluded.version, document = excluded.document, merchant_document = excluded.merchant_document,
                changed_at = greatest(store.changed_at + 1, excluded.changed_at)
            """, .text(store.id.text), .integer(version), .bytes(document(version)), .bytes(merchantDocument))
        return known == nil ? .created : .replaced
    }

    /// Copies what the plan of a batch, of locked stores, says, with its events.
    /// - Throws: ``PostgresError``.
    func copy(
        _ changes: PlannedChanges, _ events: [(event: PlannedChanges.Event, position: Int64)], at time: Timestamp
    ) async throws(PostgresError) {
        try await run(Statement.noteChange(of: changes.changedStores, at: time) + changes.statements)
        for rows in changes.newRows + [NewRows(events)] { try await copy(rows) }
    }

    /// Writes what the plan of a few writes, to locked stores, says: all at once.
    /// - Parameter known: the position of each store's last event.
    /// - Throws: ``PostgresError``, as ``raisePositions(from:to:)``.
    /// - Returns: as ``noteChange(of:at:)``.
    func write(
        _ plan: WritePlan, after known: [StoreID: Int64], at time: Timestamp
    ) async throws(PostgresError) -> [StoreID: ChangeStamps] {
        var positions = known
        let rows = plan.changes.newRows + [NewRows(plan.changes.positionedEvents(after: &positions))]
        let answers = NewRows(plan.answers)
        let changedStores = plan.changes.changedStores
        let notes = Statement.noteChange(of: changedStores, at: time)
        let raises = Statement.raisePositions(from: known, to: positions)
        let made = plan.changes.madeOrders.map { storeID, order in
            Statement(MadeOrder.note, order.columns(in: storeID, at: time).map { PostgresValue($0) })
        }
        let ends = plan.linkEnds.map { Statement(OrderLinkEnd.insertion, $0.columns.map { PostgresValue($0) }) }
        // Those of mirrored orders late: whoever takes events into what is known of them holds their rows, and waits for nothing else.
        let results = try await run(
            notes + plan.changes.statements + rows.flatMap { $0.insertions() } + answers.insertions(.replaced()) + ends + made
                + raises)
        try checkRaised(results.suffix(raises.count))
        return stamps(of: changedStores, results.prefix(notes.count))
    }

    /// Sets the positions of the last events of locked stores, after their events have been appended.
    ///
    /// Whoever holds the lock of a store alone appends, and the lock ends after the transaction: so positions are committed in their
    /// order. A lock ends early if its transaction fails while an import's second connection still writes; so the last positions are raised
    /// only if they are still those that the plan was made with.
    /// - Throws: ``PostgresError``; one that is passing if someone else has appended in the meantime.
    func raisePositions(from expected: [StoreID: Int64], to last: [StoreID: Int64]) async throws(PostgresError) {
        try checkRaised(try await run(Statement.raisePositions(from: expected, to: last))[...])
    }

    private func checkRaised(_ results: ArraySlice<PostgresResult>) throws(PostgresError) {
        guard results.allSatisfy({ $0.rowCount == 1 }) else { throw .appendedConcurrently }
    }

    /// Tells all servers that something in the orders of these stores has changed.
    /// - Throws: ``PostgresError``.
    /// - Returns: the stores' `changed_at` before and after.
    func noteChange(of stores: Set<StoreID>, at time: Timestamp) async throws(PostgresError) -> [StoreID: ChangeStamps] {
        stamps(of: stores, try await run(Statement.noteChange(of: stores, at: time))[...])
    }

    private func stamps(of stores: Set<StoreID>, _ results: ArraySlice<PostgresResult>) -> [StoreID: ChangeStamps] {
        var stamps: [StoreID: ChangeStamps] = [:]
        let positions = stride(from: results.startIndex, to: results.endIndex, by: 2)
        for (storeID, position) in zip(Statement.ordered(stores), positions) {
            guard let before = results[position].rows.first, let after = results[position + 1].rows.first else { continue }
            stamps[storeID] = (before.integer(0), after.integer(0))
        }
        return stamps
    }
}
