import Orders
import SQLStorage

extension Session {
    /// What is stored of the orders, their stores and their customers. The stores must be locked.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func known(for changes: [OrderChange]) async throws -> KnownOrders {
        let changes = Dictionary(grouping: changes, by: \.after.storeID)
        var known = KnownOrders()
        let found = try await run(
            """
            SELECT s.id, p.position FROM store s LEFT JOIN event_position p ON p.store_id = s.id WHERE s.id = ANY ($1)
            """, .texts(changes.keys.map(\.text)))
        for row in found.rows {
            guard let storeID = StoreID(row.text(0)) else { throw StorageFailure.damaged }
            known.stores[storeID] = row.optionalInteger(1) ?? 0
        }
        for (storeID, changes) in changes {
            try await addCustomers(of: changes, in: storeID, to: &known)
            try await addOrders(changes, in: storeID, to: &known)
        }
        return known
    }

    private func addCustomers(of changes: [OrderChange], in storeID: StoreID, to known: inout KnownOrders) async throws {
        let ids = Set(changes.map(\.after.customer.id.number))
        let customers = try await run(
            """
            SELECT c.id, c.version, c.last_updated_at, a.email, a.replaced_email, a.confirmed_at FROM unnest($2::bigint[]) given(id)
            CROSS JOIN LATERAL (SELECT * FROM customer c WHERE c.store_id = $1 AND c.id = given.id OFFSET 0) c
            LEFT JOIN LATERAL (SELECT * FROM account a WHERE a.store_id = $1 AND a.customer_id = given.id OFFSET 0) a ON true
            """, .text(storeID.text), .integers(Array(ids)))
        for row in customers.rows {
            known.customers[Buyer(storeID: storeID, customerID: CustomerID(row.integer(0)))] =
                KnownOrders.Customer(
                    version: row.integer(1), lastUpdatedAt: row.optionalInteger(2),
                    proven: ProvenCustomer(
                        email: row.isNull(3) ? nil : row.text(3), replaced: row.isNull(4) ? nil : row.text(4),
                        confirmedAt: row.optionalInteger(5)))
        }
    }

    private func addOrders(_ changes: [OrderChange], in storeID: StoreID, to known: inout KnownOrders) async throws {
        let times = Dictionary(changes.map { ($0.id, $0.after.lastUpdatedAt?.microseconds) }) { first, _ in first }
        // Queries each partition by name: preparing to look into any of them takes longer than looking up a thousand orders.
        for (partition, ids) in Dictionary(grouping: Set(changes.map(\.id)), by: { OrderPartition(of: $0) }).sorted(by: {
            $0.key < $1.key
        }) {
            let ids = ids.sorted()
            let orders = try await run(
                """
                SELECT o.id, o.customer_id, o.last_updated_at, o.secret_slug, o.status, o.payment_status,
                    CASE WHEN o.last_updated_at IS NOT DISTINCT FROM given.at
                    THEN substring(o.document FROM length(o.document) - \(StoredDocument.sealLength - 1)) END
                FROM unnest($2::uuid[], $3::bigint[]) given(id, at)
                CROSS JOIN LATERAL (
                    SELECT * FROM customer_order_\(partition.suffix) o WHERE o.store_id = $1 AND o.id = given.id OFFSET 0) o
                """, .text(storeID.text), .uuids(ids.map(\.uuid)), .integers(ids.map { times[$0] ?? nil }))
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
                guard let version = versions[id], let status = OrderStatus(rawValue: row.text(4)) else {
                    throw StorageFailure.damaged
                }
                let paymentStatus = row.isNull(5) ? nil : PaymentStatus(rawValue: row.text(5))
                guard row.isNull(5) == (paymentStatus == nil) else { throw StorageFailure.damaged }
                known.orders[OrderKey(storeID: storeID, id: id)] = KnownOrders.Order(
                    customerID: CustomerID(row.integer(1)), status: status, paymentStatus: paymentStatus,
                    lastUpdatedAt: row.optionalInteger(2), secretSlug: row.text(3),
                    version: version, lastEvent: lastEvents[id] ?? 0, content: row.isNull(6) ? nil : row.bytes(6))
            }
        }
    }

    /// The stored slugs and legacy ids of the orders. The stores must be locked.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func keys(for changes: [OrderChange]) async throws -> [LookupKey: OrderID] {
        var known: [LookupKey: OrderID] = [:]
        for (storeID, changes) in Dictionary(grouping: changes, by: \.after.storeID) {
            let legacyIDs = changes.compactMap { change -> String? in
                guard case .legacy(let legacyID) = change.after.reference else { return nil }
                return String(legacyID.number)
            }
            let keys = try await run(
                """
                SELECT k.kind, k.key, k.order_id
                FROM (
                    SELECT 'secret_slug' AS kind, unnest($2::text[]) AS key UNION ALL SELECT 'legacy_id', unnest($3::text[])) given
                CROSS JOIN LATERAL (
                    SELECT * FROM order_key k WHERE k.store_id = $1 AND k.kind = given.kind AND k.key = given.key OFFSET 0) k
                """, .text(storeID.text), .texts(changes.map(\.after.secretSlug)), .texts(legacyIDs))
            for row in keys.rows {
                guard let kind = LookupKey.Kind(rawValue: row.text(0)) else { throw StorageFailure.damaged }
                known[LookupKey(kind, row.text(1), in: storeID)] = try row.orderID(2)
            }
        }
        return known
    }
}
