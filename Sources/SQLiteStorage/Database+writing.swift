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

    /// Plans changes and applies the plan.
    /// - Parameter allOrNothing: whether to write nothing if any change is refused.
    /// - Returns: the outcomes, and the buyers whose orders were touched.
    func write(
        _ changes: [OrderChange], allOrNothing: Bool, at time: Timestamp
    ) throws -> ([WriteOutcome], TouchedOrders) {
        let known = try known(for: changes)
        let plan = ChangePlan(changes, known: known, at: time)
        if allOrNothing, plan.outcomes.contains(where: \.isRefused) { return (plan.outcomes, TouchedOrders()) }
        try apply(plan.changes, after: known.stores, at: time)
        return (plan.outcomes, TouchedOrders(buyers: plan.changes.touchedBuyers))
    }

    private func apply(_ changes: PlannedChanges, after positions: [StoreID: Int64], at time: Timestamp) throws {
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
        for (key, id) in changes.addedKeys {
            try run("INSERT INTO order_key (store_id, kind, key, order_id) VALUES (?, ?, ?, ?)", key.columns + [id.data])
        }
        try append(changes, after: positions, at: time)
    }

    private func upsert(_ customer: MerchantCustomer, version: Int64, _ key: Buyer) throws {
        try run(
            """
            INSERT INTO customer (store_id, id, version, email, last_updated_at, document) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id, id) DO UPDATE SET
                version = excluded.version, email = excluded.email, last_updated_at = excluded.last_updated_at,
                document = excluded.document
            """,
            [
                key.storeID.text, key.customerID.number, version, customer.email?.text, customer.lastUpdatedAt?.microseconds,
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
        try run(
            "INSERT INTO order_document (customer_id, version, document, store_id, id) VALUES (?, ?, ?, ?, ?)",
            [
                change.after.customer.id.number, version, change.sealedDocument(version: version), change.after.storeID.text,
                change.id.data,
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
        try run(
            """
            UPDATE order_document SET customer_id = ?, version = ?, document = ?
            WHERE store_id = ? AND customer_id = ? AND id = ?
            """,
            [
                change.after.customer.id.number, version, change.sealedDocument(version: version), change.after.storeID.text,
                customerID.number, change.id.data,
            ])
    }

    /// Appends the events. There is only one writer at a time, so positions are committed in order.
    private func append(_ changes: PlannedChanges, after positions: [StoreID: Int64], at time: Timestamp) throws {
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
                    event.paymentStatus?.to?.rawValue, event.actor.rawValue, time.microseconds,
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
    fileprivate func sealedDocument(version: Int64) -> Data {
        Data(StoredDocument.order(id, of: after.buyer, version: version).sealed(document.template))
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
