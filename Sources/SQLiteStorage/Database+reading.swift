import Foundation
import GRDB
import Orders
import SQLStorage

extension Database {
    func hasAnyStore() throws -> Bool {
        try Bool.fetchOne(cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM store)")) ?? false
    }

    func storeIDs() throws -> [StoreID] {
        try String.fetchAll(cachedStatement(sql: "SELECT id FROM store ORDER BY id")).compactMap { StoreID($0) }
    }

    func hasStore(_ storeID: StoreID) throws -> Bool {
        try Bool.fetchOne(
            cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM store WHERE id = ?)"), arguments: [storeID.text]) ?? false
    }

    func hasCustomer(_ buyer: Buyer) throws -> Bool {
        try Bool.fetchOne(
            cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM customer WHERE store_id = ? AND id = ?)"),
            arguments: [buyer.storeID.text, buyer.customerID.number]) ?? false
    }

    func customers(of storeID: StoreID, with email: EmailAddress) throws -> [CustomerID] {
        try Int64.fetchAll(
            cachedStatement(sql: "SELECT id FROM customer WHERE store_id = ? AND email = ? ORDER BY id"),
            arguments: [storeID.text, email.text]
        ).map { CustomerID($0) }
    }

    func others(sharingAddressWith buyer: Buyer) throws -> [Buyer] {
        try Int64.fetchAll(
            cachedStatement(sql: SharedAddress.others), arguments: [buyer.storeID.text, buyer.customerID.number]
        ).map { Buyer(storeID: buyer.storeID, customerID: CustomerID($0)) }
    }

    func orderID(_ key: LookupKey) throws -> OrderID? {
        let data = try Data.fetchOne(
            cachedStatement(sql: "SELECT order_id FROM order_key WHERE store_id = ? AND kind = ? AND key = ?"),
            arguments: [key.storeID.text, key.kind.rawValue, key.text])
        return data.flatMap { UUIDBytes(bytes: $0) }.flatMap { OrderID($0) }
    }

    func currentOrder(_ name: OrderName, in storeID: StoreID) throws -> CurrentOrder? {
        let id: OrderID?
        switch name {
        case .id(let given): id = given
        case .number, .legacy, .slug: id = try name.keys(in: storeID).lazy.compactMap { try self.orderID($0) }.first
        }
        guard let id else { return nil }
        return try Row.fetchOne(
            cachedStatement(
                sql: """
                    SELECT d.version, o.document FROM customer_order o
                    JOIN order_document d ON d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id
                    WHERE o.store_id = ? AND o.id = ?
                    """), arguments: [storeID.text, id.data]
        ).map { try CurrentOrder(id, in: storeID, version: $0[0], document: [UInt8]($0[1] as Data)) }
    }

    func orders(of storeID: StoreID, after id: OrderID?, limit: Int) throws -> [StoredMerchantOrder] {
        try Row.fetchAll(
            cachedStatement(
                sql: """
                    SELECT o.id, d.version, o.document, d.document, o.customer_id FROM customer_order o
                    JOIN order_document d ON d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id
                    WHERE o.store_id = ? AND o.id > ? ORDER BY o.id LIMIT ?
                    """), arguments: [storeID.text, id?.data ?? Data(), limit]
        ).compactMap { row in
            guard let id = UUIDBytes(bytes: row[0] as Data).flatMap({ OrderID($0) }) else { return nil }
            return StoredMerchantOrder(
                id, of: Buyer(storeID: storeID, customerID: CustomerID(row[4])), version: row[1],
                merchantOrder: [UInt8](row[2] as Data), document: [UInt8](row[3] as Data))
        }
    }
}
