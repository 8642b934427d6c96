import Orders

extension Session {
    /// Waits until nobody else writes to these stores, and keeps others waiting until the transaction ends.
    /// - Throws: ``PostgresError``.
    func lock(_ stores: Set<StoreID>) async throws(PostgresError) {
        // In the order of the locks, so that two that want the same ones never wait for each other.
        try await run(
            """
            SELECT pg_advisory_xact_lock(key)
            FROM (SELECT DISTINCT hashtextextended(id, 1347633486) AS key FROM unnest($1::text[]) id ORDER BY key) keys
            """, .texts(stores.map(\.text)))
    }

    /// The same for one store, unless somebody else writes to it.
    /// - Returns: whether nobody does.
    /// - Throws: ``PostgresError``.
    func tryToLock(_ storeID: StoreID) async throws(PostgresError) -> Bool {
        try await run("SELECT pg_try_advisory_xact_lock(hashtextextended($1, 1347633486))", .text(storeID.text))[0].bool(0)
    }

    /// Writes a store that is locked.
    /// - Throws: ``PostgresError``.
    func write(_ store: MerchantStore, at time: Timestamp) async throws(PostgresError) -> WriteOutcome {
        let merchantDocument = store.merchantDocument
        let known = try await run("SELECT version, merchant_document FROM store WHERE id = $1", .text(store.id.text)).rows.first
        if let known, known.bytes(1) == merchantDocument { return .unchanged }
        try await run(
            """
            INSERT INTO store (id, version, document, merchant_document, changed_at) VALUES ($1, $2, $3, $4, $2)
            ON CONFLICT (id) DO UPDATE SET
                version = excluded.version, document = excluded.document, merchant_document = excluded.merchant_document,
                changed_at = greatest(store.changed_at + 1, excluded.changed_at)
            """, .text(store.id.text), .integer(OrderVersion.next(after: known?.integer(0), at: time)), .bytes(store.document),
            .bytes(merchantDocument))
        return known == nil ? .created : .replaced
    }

    /// What there is of the stores and customers of orders, of locked stores, and of the orders themselves.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func known(of writes: [OrderWrite]) async throws -> BatchPlan.Known {
        let writes = Dictionary(grouping: writes, by: \.order.storeID)
        var known = BatchPlan.Known()
        let found = try await run("SELECT id FROM store WHERE id = ANY ($1)", .texts(writes.keys.map(\.text)))
        known.stores = Set(found.rows.compactMap { StoreID($0.text(0)) })
        for (storeID, writes) in writes {
            try await addCustomers(of: writes, in: storeID, to: &known)
            try await addOrders(writes, in: storeID, to: &known)
        }
        return known
    }

    private func addCustomers(of writes: [OrderWrite], in storeID: StoreID, to known: inout BatchPlan.Known) async throws {
        let ids = Set(writes.map(\.order.customer.id.number))
        let customers = try await run(
            """
            SELECT c.id, c.version, c.last_updated_at, a.email, a.confirmed_at FROM unnest($2::bigint[]) given(id)
            CROSS JOIN LATERAL (SELECT * FROM customer c WHERE c.store_id = $1 AND c.id = given.id OFFSET 0) c
            LEFT JOIN LATERAL (SELECT * FROM account a WHERE a.store_id = $1 AND a.customer_id = given.id OFFSET 0) a ON true
            """, .text(storeID.text), .integers(Array(ids)))
        for row in customers.rows {
            known.customers[BatchPlan.CustomerKey(storeID: storeID, id: CustomerID(row.integer(0)))] =
                BatchPlan.KnownCustomer(
                    version: row.integer(1), lastUpdatedAt: row.optionalInteger(2),
                    proven: ProvenCustomer(
                        email: row.isNull(3) ? nil : row.text(3), confirmedAt: row.optionalInteger(4)))
        }
    }

    private func addOrders(_ writes: [OrderWrite], in storeID: StoreID, to known: inout BatchPlan.Known) async throws {
        // Partition by partition, by its name: to make ready for looking into any of them takes longer than to look up a thousand orders.
        for (partition, ids) in Dictionary(grouping: Set(writes.map(\.id)), by: { OrderPartition(of: $0) }).sorted(by: {
            $0.key < $1.key
        }) {
            let orders = try await run(
                """
                SELECT o.id, o.customer_id, o.last_updated_at, o.secret_slug FROM unnest($2::uuid[]) given(id)
                CROSS JOIN LATERAL (
                    SELECT * FROM customer_order_\(partition.suffix) o WHERE o.store_id = $1 AND o.id = given.id OFFSET 0) o
                """, .text(storeID.text), .uuids(ids.map(\.uuid).sorted()))
            guard orders.rowCount > 0 else { continue }
            var (versions, lastEvents): ([OrderID: Int64], [OrderID: Int64]) = ([:], [:])
            let found = try orders.rows.map { try $0.orderID(0) }
            let documents = try await run(
                """
                SELECT d.id, d.version FROM unnest($2::bigint[], $3::uuid[]) given(customer_id, id)
                CROSS JOIN LATERAL (
                    SELECT * FROM order_document_\(partition.suffix) d
                    WHERE d.store_id = $1 AND d.customer_id = given.customer_id AND d.id = given.id OFFSET 0) d
                """, .text(storeID.text), .integers(orders.rows.map { $0.integer(1) }), .uuids(found.map(\.uuid)))
            for row in documents.rows { versions[try row.orderID(0)] = row.integer(1) }
            let events = try await run(
                """
                SELECT given.id, (
                    SELECT max(e.number) FROM order_event_\(partition.suffix) e WHERE e.store_id = $1 AND e.order_id = given.id)
                FROM unnest($2::uuid[]) given(id)
                """, .text(storeID.text), .uuids(found.map(\.uuid)))
            for row in events.rows { lastEvents[try row.orderID(0)] = row.optionalInteger(1) }
            for (id, row) in zip(found, orders.rows) {
                guard let version = versions[id] else { throw StorageFailure.damaged }
                known.orders[BatchPlan.OrderKey(storeID: storeID, id: id)] = BatchPlan.KnownOrder(
                    customerID: CustomerID(row.integer(1)), lastUpdatedAt: row.optionalInteger(2), secretSlug: row.text(3),
                    version: version, lastEvent: lastEvents[id] ?? 0)
            }
        }
    }

    /// What there is of the slugs and legacy ids of orders, of locked stores.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func keys(of writes: [OrderWrite]) async throws -> [BatchPlan.Key: OrderID] {
        var known: [BatchPlan.Key: OrderID] = [:]
        for (storeID, writes) in Dictionary(grouping: writes, by: \.order.storeID) {
            let legacyIDs = writes.compactMap { write -> String? in
                guard case .legacy(let legacyID) = write.order.reference else { return nil }
                return String(legacyID.number)
            }
            let keys = try await run(
                """
                SELECT k.kind, k.key, k.order_id
                FROM (
                    SELECT 'secret_slug' AS kind, unnest($2::text[]) AS key UNION ALL SELECT 'legacy_id', unnest($3::text[])) given
                CROSS JOIN LATERAL (
                    SELECT * FROM order_key k WHERE k.store_id = $1 AND k.kind = given.kind AND k.key = given.key OFFSET 0) k
                """, .text(storeID.text), .texts(writes.map(\.order.secretSlug)), .texts(legacyIDs))
            for row in keys.rows {
                guard let kind = OrderKeyKind(rawValue: row.text(0)) else { throw StorageFailure.damaged }
                known[BatchPlan.Key(kind, row.text(1), in: storeID)] = try row.orderID(2)
            }
        }
        return known
    }

    /// Writes what the plan of a batch, of locked stores, says.
    /// - Throws: ``PostgresError``.
    func write(_ changes: BatchChanges, at time: Timestamp) async throws(PostgresError) {
        try await noteChange(of: changes.changedStores, at: time)
        try await upsert(changes.customers)
        try await remove(changes.replaced)
        try await remove(changes.removedKeys)
        // In the order of their ids, which is the order of their months.
        let orders = changes.orders.values.sorted { $0.write.id < $1.write.id }
        try await copy(
            CopyRows(
                to: "customer_order",
                [
                    "store_id", "id", "customer_id", "status", "payment_status", "created_at", "last_updated_at", "secret_slug",
                    "document",
                ], orders
            ) { order, row in
                let (id, order) = (order.write.id, order.write.order)
                row.append(order.storeID.text)
                row.append(id.uuid)
                row.append(order.customer.id.number)
                row.append(order.status.rawValue)
                row.append(order.paymentStatus?.rawValue)
                row.append(order.createdAt?.microseconds)
                row.append(order.lastUpdatedAt?.microseconds)
                row.append(order.secretSlug)
                row.append(order.document)
            })
        try await copy(
            CopyRows(to: "order_document", ["store_id", "customer_id", "id", "version", "document"], orders) { order, row in
                row.append(order.write.order.storeID.text)
                row.append(order.write.order.customer.id.number)
                row.append(order.write.id.uuid)
                row.append(order.version)
                row.append(order.write.document.template)
            })
        try await copy(
            CopyRows(to: "order_key", ["store_id", "kind", "key", "order_id"], Array(changes.addedKeys)) { added, row in
                row.append(added.key.storeID.text)
                row.append(added.key.kind.rawValue)
                row.append(added.key.bytes)
                row.append(added.value.uuid)
            })
        try await copy(
            CopyRows(to: "order_event", ["store_id", "order_id", "number", "kind", "at"], changes.events) { event, row in
                row.append(event.order.storeID.text)
                row.append(event.order.id.uuid)
                row.append(event.number)
                row.append(event.kind)
                row.append(time.microseconds)
            })
    }

    /// Tells all servers that something in the orders of these stores has changed.
    func noteChange(of stores: Set<StoreID>, at time: Timestamp) async throws(PostgresError) {
        guard !stores.isEmpty else { return }
        try await run(
            "UPDATE store SET changed_at = greatest(changed_at + 1, $2) WHERE id = ANY ($1)", .texts(stores.map(\.text)),
            .integer(time.microseconds))
    }

    private func upsert(
        _ customers: [BatchChanges.CustomerKey: (customer: MerchantCustomer, version: Int64)]
    ) async throws(PostgresError) {
        guard !customers.isEmpty else { return }
        let rows = Array(customers)
        // The condition is true as long as the lock is held; should the lock have gone with its connection, none is replaced by an older one.
        try await run(
            """
            INSERT INTO customer (store_id, id, version, email, last_updated_at, document)
            SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::bigint[], $6::bytea[])
            ON CONFLICT (store_id, id) DO UPDATE SET
                version = excluded.version, email = excluded.email, last_updated_at = excluded.last_updated_at,
                document = excluded.document
            WHERE customer.last_updated_at IS NULL OR customer.last_updated_at < excluded.last_updated_at
            """, .texts(rows.map(\.key.storeID.text)), .integers(rows.map(\.key.id.number)), .integers(rows.map(\.value.version)),
            .texts(rows.map(\.value.customer.email?.text)),
            .integers(rows.map(\.value.customer.lastUpdatedAt?.microseconds)), .byteArrays(rows.map(\.value.customer.document)))
    }

    private func remove(_ replaced: [BatchChanges.OrderKey: CustomerID]) async throws(PostgresError) {
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

    private func remove(_ keys: Set<BatchChanges.Key>) async throws(PostgresError) {
        guard !keys.isEmpty else { return }
        let rows = Array(keys)
        try await run(
            """
            DELETE FROM order_key k USING unnest($1::text[], $2::text[], $3::text[]) old(store_id, kind, key)
            WHERE k.store_id = old.store_id AND k.kind = old.kind AND k.key = old.key
            """, .texts(rows.map(\.storeID.text)), .texts(rows.map(\.kind.rawValue)),
            .texts(rows.map { String(decoding: $0.bytes, as: UTF8.self) }))
    }
}
