import Orders
import SQLStorage

extension Session {
    /// What is stored of the orders, their stores and their customers. The stores must be locked.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func known(for all: [OrderChange], withKeys: Bool = true) async throws -> KnownOrders {
        let changes = Dictionary(grouping: all, by: \.after.storeID)
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
        try await addAddresses(of: all, to: &known)
        if withKeys { known.keys = try await keys(for: all) }
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

    private func addAddresses(of changes: [OrderChange], to known: inout KnownOrders) async throws {
        let addresses = changes.compactMap(\.newAddress)
        guard !addresses.isEmpty else { return }
        let found = try await run(
            """
            SELECT given.store_id, given.email FROM unnest($1::text[], $2::text[]) given(store_id, email)
            WHERE EXISTS (SELECT 1 FROM customer c WHERE c.store_id = given.store_id AND c.email = given.email)
            """, .texts(addresses.map(\.storeID.text)), .texts(addresses.map(\.email.text)))
        for row in found.rows {
            guard let storeID = StoreID(row.text(0)), let email = EmailAddress(row.text(1)) else { throw StorageFailure.damaged }
            known.addresses.insert(CustomerAddress(storeID: storeID, email: email))
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
            var versions: [OrderID: Int64] = [:]
            var lastEvents: [OrderID: (number: Int64, version: Int64)] = [:]
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
                SELECT given.id, e.number, e.version FROM unnest($2::uuid[]) given(id)
                CROSS JOIN LATERAL (
                    SELECT e.number, e.version FROM order_event_\(partition.suffix) e
                    WHERE e.store_id = $1 AND e.order_id = given.id ORDER BY e.number DESC LIMIT 1) e
                """, .text(storeID.text), .uuids(found.map(\.uuid)))
            for row in events.rows { lastEvents[try row.orderID(0)] = (row.integer(1), row.integer(2)) }
            for (id, row) in zip(found, orders.rows) {
                // A deleted order has no document left, and the version of its last event.
                guard let version = versions[id] ?? lastEvents[id]?.version, let status = OrderStatus(rawValue: row.text(4))
                else {
                    throw StorageFailure.damaged
                }
                let paymentStatus = row.isNull(5) ? nil : PaymentStatus(rawValue: row.text(5))
                guard row.isNull(5) == (paymentStatus == nil) else { throw StorageFailure.damaged }
                known.orders[OrderKey(storeID: storeID, id: id)] = KnownOrders.Order(
                    customerID: CustomerID(row.integer(1)), status: status, paymentStatus: paymentStatus,
                    lastUpdatedAt: row.optionalInteger(2), secretSlug: row.text(3),
                    version: version, isDeleted: versions[id] == nil, lastEvent: lastEvents[id]?.number ?? 0,
                    content: row.isNull(6) ? nil : row.bytes(6))
            }
        }
    }

    /// The stored keys of the orders. The stores must be locked.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func keys(for changes: [OrderChange]) async throws -> [LookupKey: OrderID] {
        var known: [LookupKey: OrderID] = [:]
        for (storeID, changes) in Dictionary(grouping: changes, by: \.after.storeID) {
            known.merge(try await orderIDs(changes.flatMap(\.after.keys), in: storeID)) { first, _ in first }
        }
        return known
    }

    /// The orders that have these keys of a store.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func orderIDs(_ keys: [LookupKey], in storeID: StoreID) async throws -> [LookupKey: OrderID] {
        guard !keys.isEmpty else { return [:] }
        let rows = try await run(
            """
            SELECT k.kind, k.key, k.order_id FROM unnest($2::text[], $3::text[]) given(kind, key)
            CROSS JOIN LATERAL (
                SELECT * FROM order_key k WHERE k.store_id = $1 AND k.kind = given.kind AND k.key = given.key OFFSET 0) k
            """, .text(storeID.text), .texts(keys.map(\.kind.rawValue)), .texts(keys.map(\.text)))
        var found: [LookupKey: OrderID] = [:]
        for row in rows.rows {
            guard let kind = LookupKey.Kind(rawValue: row.text(0)) else { throw StorageFailure.damaged }
            found[LookupKey(kind, row.text(1), in: storeID)] = try row.orderID(2)
        }
        return found
    }

    /// The keys among those of the writes' answers whose requests have been answered before. The stores must be locked.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func answered(_ writes: [OrderWrite]) async throws -> Set<RequestKey> {
        let answers = writes.compactMap { write in write.answer.map { ($0.key, write.time) } }
        guard !answers.isEmpty else { return [] }
        let rows = try await run(
            """
            SELECT given.store_id, given.key FROM unnest($1::text[], $2::text[], $3::bigint[]) given(store_id, key, at)
            JOIN remembered_answer a ON a.store_id = given.store_id AND a.key = given.key AND a.expires_at > given.at
            """, .texts(answers.map(\.0.storeID.text)), .texts(answers.map(\.0.text)), .integers(answers.map(\.1.microseconds)))
        return Set(
            try rows.rows.map { row in
                guard let storeID = StoreID(row.text(0)) else { throw StorageFailure.damaged }
                return RequestKey(storeID: storeID, text: row.text(1))
            })
    }
}
