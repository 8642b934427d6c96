import Foundation
import GRDB
import Orders
import SQLStorage

extension Database {
    func write(_ store: MerchantStore, at time: Timestamp) throws -> WriteOutcome {
        let known = try Row.fetchOne(
            cachedStatement(sql: "SELECT version, merchant_document, document FROM store WHERE id = ?"),
            arguments: [store.id.text])
        let merchantDocument = Data(StoredDocument.merchantStore(store.id).sealed(store.merchantDocument))
        let document = { (version: Int64) in Data(StoredDocument.store(store.id, version: version).sealed(store.document)) }
        if let known, known[1] == merchantDocument, known[2] == document(known[0]) { return .unchanged }
        let version = OrderVersion.next(after: known?[0], at: time)
        try run(
            """
            INSERT INTO store (id, version, document, merchant_document) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE
            SET version = excluded.version, document = excluded.document, merchant_document = excluded.merchant_document
            """, [store.id.text, version, document(version), merchantDocument])
        return known == nil ? .created : .replaced
    }

    /// Plans writes and applies the plan.
    /// - Returns: the results, and the buyers whose orders were touched.
    func write(_ writes: [OrderWrite]) throws -> ([OrderWriteResult], TouchedOrders) {
        let known = try known(for: writes.flatMap(\.changes))
        let plan = WritePlan(writes, known: known, answered: try answered(writes))
        try apply(plan.changes, after: known.stores)
        for (storeID, order) in plan.changes.madeOrders {
            try rows(MadeOrder.note, order.columns(in: storeID, at: writes[0].time))
        }
        for end in plan.linkEnds { try rows(OrderLinkEnd.insertion, end.columns) }
        for answer in plan.answers { try rows(RememberedAnswer.insertion, answer.columns) }
        return (plan.results, TouchedOrders(buyers: plan.changes.touchedBuyers))
    }

    /// Plans the changes of an import and applies the plan.
    /// - Returns: the outcome of each change.
    func write(_ changes: [OrderChange], at time: Timestamp) throws -> [WriteOutcome] {
        let known = try known(for: changes)
        var plan = ChangePlan(known: known)
        let outcomes = plan.add(changes, at: time)
        try apply(plan.changes, after: known.stores)
        return outcomes
    }

    private func apply(_ changes: PlannedChanges, after positions: [StoreID: Int64]) throws {
        for (key, customer) in changes.customers { try upsert(customer.customer, version: customer.version, key) }
        for key in changes.removedKeys {
            try run("DELETE FROM order_key WHERE store_id = ? AND kind = ? AND key = ?", key.columns)
        }
        for (key, order) in changes.orders {
            if let customerID = changes.replaced[key] {
                try update(order.change, version: order.version, of: customerID)
            } else {
                try insert(order.change, version: order.version)
            }
        }
        for facet in changes.facets {
            try run(
                """
                INSERT INTO order_facet (store_id, status, payment_status, payment_method) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """, [facet.storeID.text, facet.status, facet.paymentStatus, facet.paymentMethod])
        }
        for (key, id) in changes.addedKeys {
            try run("INSERT INTO order_key (store_id, kind, key, order_id) VALUES (?, ?, ?, ?)", key.columns + [id.data])
        }
        try append(changes, after: positions)
    }

    private func upsert(_ customer: MerchantCustomer, version: Int64, _ key: Buyer) throws {
        try run(
            """
            INSERT INTO customer (store_id, id, version, email, name, phone, last_updated_at, document)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id, id) DO UPDATE SET
                version = excluded.version, email = excluded.email, name = excluded.name, phone = excluded.phone,
                last_updated_at = excluded.last_updated_at, document = excluded.document
            """,
            [
                key.storeID.text, key.customerID.number, version, customer.email?.text, customer.name, customer.phone?.digits,
                customer.lastUpdatedAt?.microseconds,
                Data(StoredDocument.customer(key, version: version).sealed(customer.document)),
            ])
    }

    private func insert(_ change: OrderChange, version: Int64) throws {
        try run(
            """
            INSERT INTO customer_order (
                customer_id, status, payment_status, created_at, last_updated_at, secret_slug, document, store_id, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, change.columns)
        try writeDocument(of: change, version: version)
    }

    /// Writes what buyers read of an order, and its line of the merchant's list. What there was must be of the same customer.
    private func writeDocument(of change: OrderChange, version: Int64) throws {
        guard let document = change.sealedDocument(version: version) else { return }
        try run(
            """
            INSERT INTO order_document (store_id, customer_id, id, version, document) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (store_id, customer_id, id) DO UPDATE SET version = excluded.version, document = excluded.document
            """, [change.after.storeID.text, change.after.customer.id.number, change.id.data, version, document])
        let (order, entry) = (change.after, change.after.entry)
        try run(
            """
            INSERT INTO order_entry (
                store_id, id, status, payment_status, payment_method, confirmed_time, shipped_time, completed_time,
                shipment_receipt, external_id, pg_reference_id, gross_revenue, customer_id, number)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id, id) DO UPDATE SET
                status = excluded.status, payment_status = excluded.payment_status, payment_method = excluded.payment_method,
                confirmed_time = excluded.confirmed_time, shipped_time = excluded.shipped_time,
                completed_time = excluded.completed_time, shipment_receipt = excluded.shipment_receipt,
                external_id = excluded.external_id, pg_reference_id = excluded.pg_reference_id,
                gross_revenue = excluded.gross_revenue, customer_id = excluded.customer_id, number = excluded.number
            """,
            [
                order.storeID.text, change.id.data, order.status.rawValue, order.paymentStatus?.rawValue ?? "",
                entry.paymentMethod, entry.confirmedAt?.microseconds, entry.shippedAt?.microseconds,
                entry.completedAt?.microseconds, entry.shipmentReceipt, entry.externalID, entry.paymentReference,
                entry.grossRevenue?.minorUnits, order.customer.id.number, order.number,
            ])
    }

    /// - Parameter customerID: the customer to whom the order belonged before.
    private func update(_ change: OrderChange, version: Int64, of customerID: CustomerID) throws {
        try run(
            """
            UPDATE customer_order SET
                customer_id = ?, status = ?, payment_status = ?, created_at = ?, last_updated_at = ?, secret_slug = ?,
                document = ?
            WHERE store_id = ? AND id = ?
            """, change.columns)
        if change.document == nil || change.after.customer.id != customerID {
            try run(
                "DELETE FROM order_document WHERE store_id = ? AND customer_id = ? AND id = ?",
                [change.after.storeID.text, customerID.number, change.id.data])
        }
        if change.document == nil {
            try run("DELETE FROM order_entry WHERE store_id = ? AND id = ?", [change.after.storeID.text, change.id.data])
            try run(
                "INSERT INTO deleted_order (store_id, customer_id, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [change.after.storeID.text, change.after.customer.id.number, change.id.data])
        }
        try writeDocument(of: change, version: version)
    }

    /// Appends the events. There is only one writer at a time, so positions are committed in order.
    private func append(_ changes: PlannedChanges, after positions: [StoreID: Int64]) throws {
        var last = positions
        for (event, position) in changes.positionedEvents(after: &last) {
            try run(
                """
                INSERT INTO order_event (
                    store_id, order_id, number, position, kind, version, status_from, status_to, payment_status_from,
                    payment_status_to, actor, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                [
                    event.order.storeID.text, event.order.id.data, event.number, position, event.kind.rawValue, event.version,
                    event.status?.from?.rawValue, event.status?.to?.rawValue, event.paymentStatus?.from?.rawValue,
                    event.paymentStatus?.to?.rawValue, event.actor.rawValue, event.at.microseconds,
                ])
        }
        for (storeID, position) in last where positions[storeID] != position {
            try run(
                """
                INSERT INTO event_position (store_id, position) VALUES (?, ?)
                ON CONFLICT (store_id) DO UPDATE SET position = excluded.position
                """, [storeID.text, position])
        }
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension OrderChange {
    fileprivate func sealedDocument(version: Int64) -> Data? {
        document.map { Data(StoredDocument.order(id, of: after.buyer, version: version).sealed($0.template)) }
    }

    /// The columns of `customer_order` in the order in which both statements name them.
    fileprivate var columns: StatementArguments {
        [
            after.customer.id.number, after.status.rawValue, after.paymentStatus?.rawValue, after.createdAt?.microseconds,
            after.lastUpdatedAt?.microseconds, after.secretSlug,
            Data(StoredDocument.merchantOrder(id, in: after.storeID).sealed(after.document)),
            after.storeID.text, id.data,
        ]
    }
}

extension LookupKey {
    /// The columns of the key of `order_key`.
    fileprivate var columns: StatementArguments { [storeID.text, kind.rawValue, text] }
}

extension OrderID {
    /// The 16 bytes, as stored.
    var data: Data { Data(uuid.bytes) }
}
