import Foundation
import GRDB
import Orders

extension Database {
    func write(_ store: MerchantStore, at time: Timestamp) throws -> WriteOutcome {
        let known = try Row.fetchOne(
            cachedStatement(sql: "SELECT version, merchant_document FROM store WHERE id = ?"), arguments: [store.id.text])
        let merchantDocument = Data(store.merchantDocument)
        if let known, try known.withUnsafeData(atIndex: 1, { $0 == merchantDocument }) { return .unchanged }
        try run(
            """
            INSERT INTO store (id, version, document, merchant_document) VALUES (?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE
            SET version = excluded.version, document = excluded.document, merchant_document = excluded.merchant_document
            """, [store.id.text, OrderVersion.next(after: known?[0], at: time), Data(store.document), merchantDocument])
        return known == nil ? .created : .replaced
    }

    func write(_ write: OrderWrite, at time: Timestamp) throws -> WriteOutcome {
        let order = write.order
        if let refusal = try refusal(of: write) { return .refused(refusal) }
        try self.write(order.customer, of: order.storeID, at: time)
        let known = try Row.fetchOne(
            cachedStatement(
                sql: """
                    SELECT o.last_updated_at, o.secret_slug, o.customer_id, d.version FROM customer_order o
                    JOIN order_document d ON d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id
                    WHERE o.store_id = ? AND o.id = ?
                    """), arguments: [order.storeID.text, write.id.data])
        if let known {
            guard order.lastUpdatedAt.isNewer(than: known[0]) else { return .unchanged }
            try replace(known, with: write, version: OrderVersion.next(after: known[3], at: time))
        } else {
            try insert(write, version: OrderVersion.next(after: nil, at: time))
        }
        try append(known == nil ? "order.created" : "order.updated", to: write, at: time)
        return known == nil ? .created : .replaced
    }

    private func refusal(of write: OrderWrite) throws -> Refusal? {
        let order = write.order
        guard try hasStore(order.storeID) else {
            return .unknownStore
        }
        if case .legacy(let legacyID) = order.reference,
            let holder = try orderID(.legacyID, String(legacyID.number), in: order.storeID), holder != write.id
        {
            return .takenInMeanwhile
        }
        if let holder = try orderID(.secretSlug, order.secretSlug, in: order.storeID), holder != write.id {
            return .slugTaken
        }
        return nil
    }

    private func write(_ customer: MerchantCustomer, of storeID: StoreID, at time: Timestamp) throws {
        let known = try Row.fetchOne(
            cachedStatement(sql: "SELECT version, last_updated_at FROM customer WHERE store_id = ? AND id = ?"),
            arguments: [storeID.text, customer.id.number])
        if let known, !customer.lastUpdatedAt.isNewer(than: known[1]) { return }
        let customer = try proven(customer.id, of: storeID).map { customer.keeping($0) } ?? customer
        try run(
            """
            INSERT INTO customer (store_id, id, version, email, last_updated_at, document) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (store_id, id) DO UPDATE SET
                version = excluded.version, email = excluded.email, last_updated_at = excluded.last_updated_at,
                document = excluded.document
            """,
            [
                storeID.text, customer.id.number, OrderVersion.next(after: known?[0], at: time), customer.email?.text,
                customer.lastUpdatedAt?.microseconds, Data(customer.document),
            ])
    }

    private func proven(_ customerID: CustomerID, of storeID: StoreID) throws -> ProvenCustomer? {
        try Row.fetchOne(
            cachedStatement(sql: "SELECT email, confirmed_at FROM account WHERE store_id = ? AND customer_id = ?"),
            arguments: [storeID.text, customerID.number]
        ).map { ProvenCustomer(email: $0[0], confirmedAt: $0[1]) }
    }

    private func insert(_ write: OrderWrite, version: Int64) throws {
        let order = write.order
        try run(
            """
            INSERT INTO customer_order (
                customer_id, status, payment_status, created_at, last_updated_at, secret_slug, document, store_id, id)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, write.columns)
        try run(
            "INSERT INTO order_document (customer_id, version, document, store_id, id) VALUES (?, ?, ?, ?, ?)",
            [order.customer.id.number, version, Data(write.document.template), order.storeID.text, write.id.data])
        try insertKey(.secretSlug, order.secretSlug, of: write)
        if case .legacy(let legacyID) = order.reference { try insertKey(.legacyID, String(legacyID.number), of: write) }
    }

    private func replace(_ known: Row, with write: OrderWrite, version: Int64) throws {
        let order = write.order
        let (slug, customerID): (String, Int64) = (known[1], known[2])
        try run(
            """
            UPDATE customer_order SET
                customer_id = ?, status = ?, payment_status = ?, created_at = ?, last_updated_at = ?, secret_slug = ?,
                document = ?
            WHERE store_id = ? AND id = ?
            """, write.columns)
        try run(
            """
            UPDATE order_document SET customer_id = ?, version = ?, document = ?
            WHERE store_id = ? AND customer_id = ? AND id = ?
            """,
            [
                order.customer.id.number, version, Data(write.document.template), order.storeID.text, customerID,
                write.id.data,
            ])
        if !slug.utf8.elementsEqual(order.secretSlug.utf8) {
            try run(
                "DELETE FROM order_key WHERE store_id = ? AND kind = ? AND key = ?",
                [order.storeID.text, OrderKeyKind.secretSlug.rawValue, slug])
            try insertKey(.secretSlug, order.secretSlug, of: write)
        }
    }

    private func insertKey(_ kind: OrderKeyKind, _ key: String, of write: OrderWrite) throws {
        try run(
            "INSERT INTO order_key (store_id, kind, key, order_id) VALUES (?, ?, ?, ?)",
            [write.order.storeID.text, kind.rawValue, key, write.id.data])
    }

    private func append(_ kind: String, to write: OrderWrite, at time: Timestamp) throws {
        let key: StatementArguments = [write.order.storeID.text, write.id.data]
        let last = try Int64.fetchOne(
            cachedStatement(sql: "SELECT max(number) FROM order_event WHERE store_id = ? AND order_id = ?"), arguments: key)
        try run(
            "INSERT INTO order_event (store_id, order_id, number, kind, at) VALUES (?, ?, ?, ?, ?)",
            key + [(last ?? 0) + 1, kind, time.microseconds])
    }

    private func run(_ sql: String, _ arguments: StatementArguments) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }
}

extension OrderWrite {
    /// The columns of `customer_order` in the order in which both statements name them.
    fileprivate var columns: StatementArguments {
        [
            order.customer.id.number, order.status.rawValue, order.paymentStatus?.rawValue, order.createdAt?.microseconds,
            order.lastUpdatedAt?.microseconds, order.secretSlug, Data(order.document), order.storeID.text, id.data,
        ]
    }
}

extension OrderID {
    /// The 16 bytes as they are stored.
    fileprivate var data: Data { Data(uuid.bytes) }
}
