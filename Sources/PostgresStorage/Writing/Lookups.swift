import Orders
import SQLStorage

/// Lookups of what is stored, to be sent at once: none of them needs what another finds.
struct Lookups {
    struct Found {
        /// What is known of orders, their stores and their customers.
        var known = KnownOrders()
        /// The keys of requests that have been answered before.
        var answered: Set<RequestKey> = []
    }

    private typealias Take = (PostgresResult.Row, inout Found) throws -> Void

    private(set) var statements: [Statement] = []
    /// What each statement's rows say.
    private var takes: [Take] = []

    private mutating func add(_ statement: Statement, take: @escaping Take) {
        statements.append(statement)
        takes.append(take)
    }

    /// What the statements have found.
    /// - Parameter results: one for each of them.
    /// - Throws: ``StorageFailure/damaged``.
    func found(in results: some Sequence<PostgresResult>) throws -> Found {
        var found = Found()
        for (take, result) in zip(takes, results) { for row in result.rows { try take(row, &found) } }
        return found
    }

    /// Looks up what changes of orders are planned with, except for the orders' keys. It holds as long as their stores are locked.
    mutating func addOrders(_ all: [OrderChange]) {
        let changes = Dictionary(grouping: all, by: \.after.storeID)
        add(
            Statement(
                """
                SELECT s.id, p.position FROM store s LEFT JOIN event_position p ON p.store_id = s.id WHERE s.id = ANY ($1)
                """, .texts(changes.keys.map(\.text)))
        ) { row, found in
            guard let storeID = StoreID(row.text(0)) else { throw StorageFailure.damaged }
            found.known.stores[storeID] = row.optionalInteger(1) ?? 0
        }
        for (storeID, changes) in changes {
            addCustomers(of: changes, in: storeID)
            addOrders(changes, in: storeID)
        }
        addAddresses(of: all)
    }

    private mutating func addCustomers(of changes: [OrderChange], in storeID: StoreID) {
        let ids = Set(changes.map(\.after.customer.id.number))
        add(
            Statement(
                """
                SELECT c.id, c.version, c.last_updated_at, a.email, a.replaced_email, a.confirmed_at FROM unnest($2::bigint[]) given(id)
                CROSS JOIN LATERAL (SELECT * FROM customer c WHERE c.store_id = $1 AND c.id = given.id OFFSET 0) c
                LEFT JOIN LATERAL (SELECT * FROM account a WHERE a.store_id = $1 AND a.customer_id = given.id OFFSET 0) a ON true
                """, .text(storeID.text), .integers(Array(ids)))
        ) { row, found in
            found.known.customers[Buyer(storeID: storeID, customerID: CustomerID(row.integer(0)))] =
                KnownOrders.Customer(
                    version: row.integer(1), lastUpdatedAt: row.optionalInteger(2),
                    proven: ProvenCustomer(
                        email: row.isNull(3) ? nil : row.text(3), replaced: row.isNull(4) ? nil : row.text(4),
                        confirmedAt: row.optionalInteger(5)))
        }
    }

    private mutating func addAddresses(of changes: [OrderChange]) {
        let addresses = changes.compactMap(\.newAddress)
        guard !addresses.isEmpty else { return }
        add(
            Statement(
                """
                SELECT given.store_id, given.email FROM unnest($1::text[], $2::text[]) given(store_id, email)
                WHERE EXISTS (SELECT 1 FROM customer c WHERE c.store_id = given.store_id AND c.email = given.email)
                """, .texts(addresses.map(\.storeID.text)), .texts(addresses.map(\.email.text)))
        ) { row, found in
            guard let storeID = StoreID(row.text(0)), let email = EmailAddress(row.text(1)) else { throw StorageFailure.damaged }
            found.known.addresses.insert(CustomerAddress(storeID: storeID, email: email))
        }
    }

    private mutating func addOrders(_ changes: [OrderChange], in storeID: StoreID) {
        let times = Dictionary(changes.map { ($0.id, $0.after.lastUpdatedAt?.microseconds) }) { first, _ in first }
        // Queries each partition by name: preparing to look into any of them takes longer than looking up a thousand orders.
        for (partition, ids) in Dictionary(grouping: Set(changes.map(\.id)), by: { OrderPartition(of: $0) }).sorted(by: {
            $0.key < $1.key
        }) {
            let ids = ids.sorted()
            add(
                Statement(
                    """
                    SELECT o.id, o.customer_id, o.last_updated_at, o.secret_slug, o.status, o.payment_status,
                        CASE WHEN o.last_updated_at IS NOT DISTINCT FROM given.at
                        THEN substring(o.document FROM length(o.document) - \(StoredDocument.sealLength - 1)) END,
                        d.version, e.number, e.version
                    FROM unnest($2::uuid[], $3::bigint[]) given(id, at)
                    CROSS JOIN LATERAL (
                        SELECT * FROM customer_order_\(partition.suffix) o WHERE o.store_id = $1 AND o.id = given.id OFFSET 0) o
                    LEFT JOIN LATERAL (
                        SELECT d.version FROM order_document_\(partition.suffix) d
                        WHERE d.store_id = $1 AND d.customer_id = o.customer_id AND d.id = o.id OFFSET 0) d ON true
                    LEFT JOIN LATERAL (
                        SELECT e.number, e.version FROM order_event_\(partition.suffix) e
                        WHERE e.store_id = $1 AND e.order_id = o.id ORDER BY e.number DESC LIMIT 1) e ON true
                    """, .text(storeID.text), .uuids(ids.map(\.uuid)), .integers(ids.map { times[$0] ?? nil }))
            ) { row, found in
                let id = try row.orderID(0)
                found.known.orders[OrderKey(storeID: storeID, id: id)] = try KnownOrders.Order(row)
            }
        }
    }

    /// Looks up which orders have the keys of these.
    mutating func addKeys(of changes: [OrderChange]) {
        for (storeID, changes) in Dictionary(grouping: changes, by: \.after.storeID) {
            addKeys(changes.flatMap(\.after.keys), in: storeID)
        }
    }

    /// Looks up which orders have these keys of a store.
    mutating func addKeys(_ keys: [LookupKey], in storeID: StoreID) {
        guard !keys.isEmpty else { return }
        add(
            Statement(
                """
                SELECT k.kind, k.key, k.order_id FROM unnest($2::text[], $3::text[]) given(kind, key)
                CROSS JOIN LATERAL (
                    SELECT * FROM order_key k WHERE k.store_id = $1 AND k.kind = given.kind AND k.key = given.key OFFSET 0) k
                """, .text(storeID.text), .texts(keys.map(\.kind.rawValue)), .texts(keys.map(\.text)))
        ) { row, found in
            guard let kind = LookupKey.Kind(rawValue: row.text(0)) else { throw StorageFailure.damaged }
            found.known.keys[LookupKey(kind, row.text(1), in: storeID)] = try row.orderID(2)
        }
    }

    /// Looks up which of the writes' answers are to requests that have been answered before.
    mutating func addAnswers(of writes: [OrderWrite]) {
        let answers = writes.compactMap { write in write.answer.map { ($0.key, write.time) } }
        guard !answers.isEmpty else { return }
        add(
            Statement(
                """
                SELECT given.store_id, given.key FROM unnest($1::text[], $2::text[], $3::bigint[]) given(store_id, key, at)
                JOIN remembered_answer a ON a.store_id = given.store_id AND a.key = given.key AND a.expires_at > given.at
                """, .texts(answers.map(\.0.storeID.text)), .texts(answers.map(\.0.text)),
                .integers(answers.map(\.1.microseconds)))
        ) { row, found in
            guard let storeID = StoreID(row.text(0)) else { throw StorageFailure.damaged }
            found.answered.insert(RequestKey(storeID: storeID, text: row.text(1)))
        }
    }
}

extension KnownOrders.Order {
    fileprivate init(_ row: PostgresResult.Row) throws(StorageFailure) {
        // A deleted order has no document left, and the version of its last event.
        guard let version = row.optionalInteger(7) ?? row.optionalInteger(9), let status = OrderStatus(rawValue: row.text(4))
        else { throw .damaged }
        let paymentStatus = row.isNull(5) ? nil : PaymentStatus(rawValue: row.text(5))
        guard row.isNull(5) == (paymentStatus == nil) else { throw .damaged }
        self.init(
            customerID: CustomerID(row.integer(1)), status: status, paymentStatus: paymentStatus,
            lastUpdatedAt: row.optionalInteger(2), secretSlug: row.text(3), version: version, isDeleted: row.isNull(7),
            lastEvent: row.optionalInteger(8) ?? 0, content: row.isNull(6) ? nil : row.bytes(6))
    }
}

extension Session {
    /// Looks up what is stored.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func find(_ lookups: Lookups) async throws -> Lookups.Found { try lookups.found(in: try await run(lookups.statements)) }

    /// The orders that have these keys of a store.
    /// - Throws: ``PostgresError``, ``StorageFailure/damaged``.
    func orderIDs(_ keys: [LookupKey], in storeID: StoreID) async throws -> [LookupKey: OrderID] {
        var lookups = Lookups()
        lookups.addKeys(keys, in: storeID)
        return try await find(lookups).known.keys
    }
}
