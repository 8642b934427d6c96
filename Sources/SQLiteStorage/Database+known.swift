import Foundation
import GRDB
import Orders
import SQLStorage

extension Database {
    /// What is stored of the orders that are about to change, and of everything that belongs to them.
    /// - Throws: SQLite's errors; ``StorageFailure/damaged``.
    func known(for changes: [OrderChange]) throws -> KnownOrders {
        var known = KnownOrders()
        for change in changes {
            let order = change.after
            let storeID = order.storeID
            if known.stores[storeID] == nil {
                guard try hasStore(storeID) else { continue }
                known.stores[storeID] = try lastPosition(of: storeID)
            }
            let customer = order.buyer
            if known.customers[customer] == nil { known.customers[customer] = try knownCustomer(customer) }
            if let address = change.newAddress, try hasCustomer(address) { known.addresses.insert(address) }
            let key = OrderKey(storeID: storeID, id: change.id)
            if known.orders[key] == nil { known.orders[key] = try knownOrder(key, order.lastUpdatedAt) }
            for key in order.keys where known.keys[key] == nil { known.keys[key] = try orderID(key) }
        }
        return known
    }

    /// The keys among those of the writes' answers whose requests have been answered before.
    func answered(_ writes: [OrderWrite]) throws -> Set<RequestKey> {
        var answered: Set<RequestKey> = []
        for write in writes {
            guard let key = write.answer?.key else { continue }
            let found = try Bool.fetchOne(
                cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM remembered_answer WHERE store_id = ? AND key = ? AND expires_at > ?)"),
                arguments: [key.storeID.text, key.text, write.time.microseconds])
            if found ?? false { answered.insert(key) }
        }
        return answered
    }

    private func hasCustomer(_ address: CustomerAddress) throws -> Bool {
        try Bool.fetchOne(
            cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM customer WHERE store_id = ? AND email = ?)"),
            arguments: [address.storeID.text, address.email.text]) ?? false
    }

    private func knownCustomer(_ key: Buyer) throws -> KnownOrders.Customer? {
        let row = try Row.fetchOne(
            cachedStatement(
                sql: """
                    SELECT c.version, c.last_updated_at, a.customer_id, a.email, a.replaced_email, a.confirmed_at FROM customer c
                    LEFT JOIN account a ON a.store_id = c.store_id AND a.customer_id = c.id WHERE c.store_id = ? AND c.id = ?
                    """), arguments: [key.storeID.text, key.customerID.number])
        return row.map { row in
            let isAccount = (row[2] as Int64?) != nil
            return KnownOrders.Customer(
                version: row[0], lastUpdatedAt: row[1],
                proven: isAccount ? ProvenCustomer(email: row[3], replaced: row[4], confirmedAt: row[5]) : nil)
        }
    }

    /// - Parameter time: the `last_updated_at` of the change.
    private func knownOrder(_ key: OrderKey, _ time: Timestamp?) throws -> KnownOrders.Order? {
        let row = try Row.fetchOne(
            cachedStatement(
                sql: """
                    SELECT o.customer_id, o.status, o.payment_status, o.last_updated_at, o.secret_slug, d.version, e.number, e.version,
                        CASE WHEN o.last_updated_at IS ? THEN substr(o.document, -?) END
                    FROM customer_order o
                    LEFT JOIN order_document d ON d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id
                    LEFT JOIN order_event e ON e.store_id = o.store_id AND e.order_id = o.id AND e.number = (
                        SELECT max(number) FROM order_event l WHERE l.store_id = o.store_id AND l.order_id = o.id)
                    WHERE o.store_id = ? AND o.id = ?
                    """), arguments: [time?.microseconds, StoredDocument.sealLength, key.storeID.text, key.id.data])
        guard let row else { return nil }
        guard let status = OrderStatus(rawValue: row[1]) else { throw StorageFailure.damaged }
        let paymentStatus = try (row[2] as String?).map { text in
            guard let status = PaymentStatus(rawValue: text) else { throw StorageFailure.damaged }
            return status
        }
        // A deleted order has no document left, and the version of its last event.
        let version = row[5] as Int64?
        return KnownOrders.Order(
            customerID: CustomerID(row[0]), status: status, paymentStatus: paymentStatus, lastUpdatedAt: row[3],
            secretSlug: row[4], version: version ?? row[7] ?? 0, isDeleted: version == nil, lastEvent: row[6] ?? 0,
            content: (row[8] as Data?).map { [UInt8]($0) })
    }

    private func lastPosition(of storeID: StoreID) throws -> Int64 {
        try Int64.fetchOne(
            cachedStatement(sql: "SELECT position FROM event_position WHERE store_id = ?"), arguments: [storeID.text]) ?? 0
    }
}
