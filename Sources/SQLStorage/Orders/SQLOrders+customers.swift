package import JSON
package import Orders

extension SQLOrders {
    package func customer(_ id: CustomerID, in storeID: StoreID) async throws -> JSON? {
        let buyer = Buyer(storeID: storeID, customerID: id)
        return try await database.lookUp("SELECT document, version FROM customer WHERE store_id = $1 AND id = $2", buyer.key)
            .first.map { row in
                do { return try JSON(parsing: buyer.customer(document: row[0], version: row[1])) } catch is JSONSyntaxError {
                    throw StorageFailure.damaged
                }
            }
    }

    package func customer(with email: EmailAddress?, or phone: PhoneNumber?, in storeID: StoreID) async throws -> JSON? {
        let found: [StoredRow]
        if let email {
            found = try await database.lookUp(SharedAddress.account, [.text(storeID.text), .text(email.text)])
        } else if let phone {
            found = try await database.lookUp(
                "SELECT id FROM customer WHERE store_id = $1 AND phone = $2 ORDER BY id LIMIT 1",
                [.text(storeID.text), .text(phone.digits)])
        } else {
            return nil
        }
        guard let row = found.first else { return nil }
        return try await customer(CustomerID(try row[0].requiredInteger()), in: storeID)
    }
}
