import Foundation
import GRDB
import Orders

extension Database {
    func hasAnyStore() throws -> Bool {
        try Bool.fetchOne(cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM store)")) ?? false
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

    func orderID(_ kind: OrderKeyKind, _ key: String, in storeID: StoreID) throws -> OrderID? {
        let data = try Data.fetchOne(
            cachedStatement(sql: "SELECT order_id FROM order_key WHERE store_id = ? AND kind = ? AND key = ?"),
            arguments: [storeID.text, kind.rawValue, key])
        return data.flatMap { UUIDBytes(bytes: $0) }.flatMap { OrderID($0) }
    }
}
