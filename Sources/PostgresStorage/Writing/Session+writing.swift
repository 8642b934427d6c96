import Orders
import SQLStorage

extension Session {
    /// Waits until nobody else writes to these stores, and keeps others waiting until the transaction ends.
    /// - Throws: ``PostgresError``.
    func lock(_ stores: Set<StoreID>) async throws(PostgresError) {
        // In the order of the locks, so that two that want the same ones never wait for each other.
        try await run(
            """
            SELECT pg_advisory_xact_lock(key)
            FROM (SELECT DISTINCT \(AdvisoryLock.key(of: "id")) AS key FROM unnest($1::text[]) id ORDER BY key) keys
            """, .texts(stores.map(\.text)))
    }

    /// The same for one store, unless somebody else writes to it.
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

    /// Writes what the plan of a batch, of locked stores, says, except its events.
    /// - Throws: ``PostgresError``.
    /// - Returns: as ``noteChange(of:at:)``.
    @discardableResult
    func apply(
        _ changes: PlannedChanges, at time: Timestamp
    ) async throws(PostgresError) -> [StoreID: (from: Int64, to: Int64)] {
        let stamps = try await noteChange(of: changes.changedStores, at: time)
        try await upsert(changes.customers)
        try await remove(changes.replaced)
        try await remove(changes.deleted)
        try await remove(changes.removedKeys)
        // In the order of their ids, which is the order of their months.
        let orders = changes.orders.values.sorted { $0.change.id < $1.change.id }
        try await copy(
            CopyRows(
                to: "customer_order",
                [
                    "store_id", "id", "customer_id", "status", "payment_status", "created_at", "last_updated_at", "secret_slug",
                    "document",
                ], orders
            ) { order, row in
                let (id, order) = (order.change.id, order.change.after)
                row.append(order.storeID.text)
                row.append(id.uuid)
                row.append(order.customer.id.number)
                row.append(order.status.rawValue)
                row.append(order.paymentStatus?.rawValue)
                row.append(order.createdAt?.microseconds)
                row.append(order.lastUpdatedAt?.microseconds)
                row.append(order.secretSlug)
                row.append(StoredDocument.merchantOrder(id, in: order.storeID).sealed(order.document))
            })
        let visible = orders.compactMap { order in
            order.change.document.map { (order.change, order.version, document: $0) }
        }
        try await copy(
            CopyRows(to: "order_document", ["store_id", "customer_id", "id", "version", "document"], visible) { order, row in
                let (change, version, document) = order
                row.append(change.after.storeID.text)
                row.append(change.after.customer.id.number)
                row.append(change.id.uuid)
                row.append(version)
                row.append(
                    StoredDocument.order(change.id, of: change.after.buyer, version: version).sealed(document.template))
            })
        try await copy(
            CopyRows(
                to: "order_entry",
                [
                    "store_id", "id", "status", "payment_status", "payment_method", "confirmed_time", "shipped_time",
                    "completed_time", "shipment_receipt", "external_id", "pg_reference_id", "gross_revenue",
                ], visible.filter { changes.replaced[$0.0.key] == nil }
            ) { order, row in
                let (id, order) = (order.0.id, order.0.after)
                row.append(order.storeID.text)
                row.append(id.uuid)
                row.append(order.status.rawValue)
                row.append(order.paymentStatus?.rawValue ?? "")
                row.append(order.entry.paymentMethod)
                row.append(order.entry.confirmedAt?.microseconds)
                row.append(order.entry.shippedAt?.microseconds)
                row.append(order.entry.completedAt?.microseconds)
                row.append(order.entry.shipmentReceipt)
                row.append(order.entry.externalID)
                row.append(order.entry.paymentReference)
                row.append(order.entry.grossRevenue?.minorUnits)
            })
        try await update(visible.map(\.0).filter { changes.replaced[$0.key] != nil })
        try await add(changes.facets)
        try await copy(
            CopyRows(to: "order_key", ["store_id", "kind", "key", "order_id"], Array(changes.addedKeys)) { added, row in
                row.append(added.key.storeID.text)
                row.append(added.key.kind.rawValue)
                row.append(added.key.bytes)
                row.append(added.value.uuid)
            })
        return stamps
    }

    /// Appends events of locked stores. They count once ``raisePositions(from:to:)`` has been called in the same transaction.
    /// - Throws: ``PostgresError``.
    func append(_ events: [(event: PlannedChanges.Event, position: Int64)]) async throws(PostgresError) {
        try await copy(
            CopyRows(
                to: "order_event",
                [
                    "store_id", "order_id", "number", "position", "kind", "version", "status_from", "status_to",
                    "payment_status_from", "payment_status_to", "actor", "at",
                ], events
            ) { row, copy in
                let (event, position) = row
                copy.append(event.order.storeID.text)
                copy.append(event.order.id.uuid)
                copy.append(event.number)
                copy.append(position)
                copy.append(event.kind.rawValue)
                copy.append(event.version)
                copy.append(event.status?.from?.rawValue)
                copy.append(event.status?.to?.rawValue)
                copy.append(event.paymentStatus?.from?.rawValue)
                copy.append(event.paymentStatus?.to?.rawValue)
                copy.append(event.actor.rawValue)
                copy.append(event.at.microseconds)
            })
    }

    /// Sets the positions of the last events of locked stores, after their events have been appended.
    ///
    /// Whoever holds the lock of a store alone appends, and the lock ends after the transaction: so positions are committed in their
    /// order. A lock ends early if its transaction fails while an import's second connection still writes; so the last positions are raised
    /// only if they are still those that the plan was made with.
    /// - Throws: ``PostgresError``; one that is passing if someone else has appended in the meantime.
    func raisePositions(from expected: [StoreID: Int64], to last: [StoreID: Int64]) async throws(PostgresError) {
        for (storeID, position) in last.sorted(by: { $0.key.text < $1.key.text }) where expected[storeID] != position {
            try await raisePosition(of: storeID, from: expected[storeID] ?? 0, to: position)
        }
    }

    private func raisePosition(of storeID: StoreID, from expected: Int64, to position: Int64) async throws(PostgresError) {
        let raised =
            expected == 0
            ? try await run(
                "INSERT INTO event_position (store_id, position) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING position",
                .text(storeID.text), .integer(position))
            : try await run(
                "UPDATE event_position SET position = $2 WHERE store_id = $1 AND position = $3 RETURNING position",
                .text(storeID.text), .integer(position), .integer(expected))
        guard raised.rowCount == 1 else { throw .appendedConcurrently }
    }

    /// Tells all servers that something in the orders of these stores has changed.
    /// - Returns: the stores' `changed_at` before and after.
    @discardableResult
    func noteChange(
        of stores: Set<StoreID>, at time: Timestamp
    ) async throws(PostgresError) -> [StoreID: (from: Int64, to: Int64)] {
        var changes: [StoreID: (from: Int64, to: Int64)] = [:]
        // In their order, so that two writers never wait for each other; one by one, because a cluster can't lock rows otherwise. The weaker
        // lock, because checks of foreign keys to a store wait for the stronger one.
        for storeID in stores.sorted(by: { $0.text < $1.text }) {
            let known = try await run("SELECT changed_at FROM store WHERE id = $1 FOR NO KEY UPDATE", .text(storeID.text))
            guard let before = known.rows.first?.integer(0) else { continue }
            let after = max(before + 1, time.microseconds)
            try await run("UPDATE store SET changed_at = $2 WHERE id = $1", .text(storeID.text), .integer(after))
            changes[storeID] = (before, after)
        }
        return changes
    }

    private func upsert(
        _ customers: [Buyer: (customer: MerchantCustomer, version: Int64)]
    ) async throws(PostgresError) {
        guard !customers.isEmpty else { return }
        let rows = Array(customers)
        // The condition is true as long as the lock is held; should the lock have gone with its connection, none is replaced by an older one.
        try await run(
            """
            INSERT INTO customer (store_id, id, version, email, last_updated_at, document, name, phone)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bytea[], $7::text[], $8::text[])
            ON CONFLICT (store_id, id) DO UPDATE SET
                version = excluded.version, email = excluded.email, last_updated_at = excluded.last_updated_at,
                document = excluded.document, name = excluded.name, phone = excluded.phone
            WHERE customer.last_updated_at IS NULL OR customer.last_updated_at < excluded.last_updated_at
            """, .texts(rows.map(\.key.storeID.text)), .integers(rows.map(\.key.customerID.number)),
            .integers(rows.map(\.value.version)),
            .texts(rows.map(\.value.customer.email?.text)),
            .integers(rows.map(\.value.customer.lastUpdatedAt?.microseconds)),
            .byteArrays(
                rows.map { StoredDocument.customer($0.key, version: $0.value.version).sealed($0.value.customer.document) }),
            .texts(rows.map(\.value.customer.name)), .texts(rows.map(\.value.customer.phone?.digits)))
    }

    private func add(_ facets: Set<OrderFacet>) async throws(PostgresError) {
        guard !facets.isEmpty else { return }
        let rows = Array(facets)
        try await run(
            """
            INSERT INTO order_facet (store_id, status, payment_status, payment_method)
            SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) ON CONFLICT DO NOTHING
            """, .texts(rows.map(\.storeID.text)), .texts(rows.map(\.status)), .texts(rows.map(\.paymentStatus)),
            .texts(rows.map(\.paymentMethod)))
    }

    /// Remembers answers of locked stores.
    /// - Throws: ``PostgresError``.
    func remember(_ answers: [RememberedAnswer]) async throws(PostgresError) {
        guard !answers.isEmpty else { return }
        try await run(
            """
            INSERT INTO remembered_answer (store_id, key, digest, status, headers, body, expires_at)
            SELECT * FROM unnest($1::text[], $2::text[], $3::bytea[], $4::bigint[], $5::text[], $6::bytea[], $7::bigint[])
            ON CONFLICT (store_id, key) DO UPDATE SET
                digest = excluded.digest, status = excluded.status, headers = excluded.headers, body = excluded.body,
                expires_at = excluded.expires_at
            """, .texts(answers.map(\.key.storeID.text)), .texts(answers.map(\.key.text)), .byteArrays(answers.map(\.digest)),
            .integers(answers.map { Int64($0.status) }), .texts(answers.map(\.headersText)), .byteArrays(answers.map(\.body)),
            .integers(answers.map(\.expiresAt.microseconds)))
    }

    private func remove(_ replaced: [OrderKey: CustomerID]) async throws(PostgresError) {
        guard !replaced.isEmpty else { return }
        let rows = Array(replaced)
        let (stores, ids) = (PostgresValue.texts(rows.map(\.key.storeID.text)), PostgresValue.uuids(rows.map(\.key.id.uuid)))
        try await run(
            """
            DELETE FROM customer_order o USING unnest($1::text[], $2::uuid[]) old(store_id, id)
            WHERE o.store_id = old.store_id AND o.id = old.id
            """, stores, ids)
        try await run(
            """
            DELETE FROM order_document d USING unnest($1::text[], $2::bigint[], $3::uuid[]) old(store_id, customer_id, id)
            WHERE d.store_id = old.store_id AND d.customer_id = old.customer_id AND d.id = old.id
            """, stores, .integers(rows.map(\.value.number)), ids)
    }

    /// Removes the lines of the merchant's list of deleted orders.
    private func remove(_ deleted: Set<OrderKey>) async throws(PostgresError) {
        guard !deleted.isEmpty else { return }
        let rows = Array(deleted)
        try await run(
            """
            DELETE FROM order_entry e USING unnest($1::text[], $2::uuid[]) old(store_id, id)
            WHERE e.store_id = old.store_id AND e.id = old.id
            """, .texts(rows.map(\.storeID.text)), .uuids(rows.map(\.id.uuid)))
    }

    /// Writes the lines of the merchant's list of orders that replace stored ones.
    private func update(_ changes: [OrderChange]) async throws(PostgresError) {
        guard !changes.isEmpty else { return }
        let (orders, entries) = (changes.map(\.after), changes.map(\.after.entry))
        try await run(
            """
            INSERT INTO order_entry (
                store_id, id, status, payment_status, payment_method, confirmed_time, shipped_time, completed_time,
                shipment_receipt, external_id, pg_reference_id, gross_revenue)
            SELECT * FROM unnest(
                $1::text[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::text[],
                $10::text[], $11::text[], $12::bigint[])
            ON CONFLICT (store_id, id) DO UPDATE SET
                status = excluded.status, payment_status = excluded.payment_status, payment_method = excluded.payment_method,
                confirmed_time = excluded.confirmed_time, shipped_time = excluded.shipped_time,
                completed_time = excluded.completed_time, shipment_receipt = excluded.shipment_receipt,
                external_id = excluded.external_id, pg_reference_id = excluded.pg_reference_id,
                gross_revenue = excluded.gross_revenue
            """, .texts(orders.map(\.storeID.text)), .uuids(changes.map(\.id.uuid)), .texts(orders.map(\.status.rawValue)),
            .texts(orders.map { $0.paymentStatus?.rawValue ?? "" }), .texts(entries.map(\.paymentMethod)),
            .integers(entries.map(\.confirmedAt?.microseconds)), .integers(entries.map(\.shippedAt?.microseconds)),
            .integers(entries.map(\.completedAt?.microseconds)), .texts(entries.map(\.shipmentReceipt)),
            .texts(entries.map(\.externalID)), .texts(entries.map(\.paymentReference)),
            .integers(entries.map(\.grossRevenue?.minorUnits)))
    }

    private func remove(_ keys: Set<LookupKey>) async throws(PostgresError) {
        guard !keys.isEmpty else { return }
        let rows = Array(keys)
        try await run(
            """
            DELETE FROM order_key k USING unnest($1::text[], $2::text[], $3::text[]) old(store_id, kind, key)
            WHERE k.store_id = old.store_id AND k.kind = old.kind AND k.key = old.key
            """, .texts(rows.map(\.storeID.text)), .texts(rows.map(\.kind.rawValue)),
            .texts(rows.map(\.text)))
    }
}
