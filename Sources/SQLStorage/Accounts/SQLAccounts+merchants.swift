package import Accounts
package import JSON
package import Orders

/// What merchants do with their customers.
extension SQLAccounts {
    package func customers(
        of storeID: StoreID, after id: CustomerID?, search: CustomerSearch?, limit: Int
    ) async throws -> [(id: CustomerID, document: [UInt8])] {
        var values: [StoredValue] = [.text(storeID.text), .integer(id?.number ?? .min), .integer(Int64(limit))]
        var condition = ""
        if let search {
            // As a range, for which an index serves. The last character of Unicode is not in a text.
            condition = "AND \(search.field.rawValue) >= $4 AND \(search.field.rawValue) < $5"
            values += [.text(search.beginning), .text(search.beginning + "\u{10FFFF}")]
        }
        return try await database.read(
            "SELECT id, document, version FROM customer WHERE store_id = $1 AND id > $2 \(condition) ORDER BY id LIMIT $3", values
        ).map { row in
            let buyer = Buyer(storeID: storeID, customerID: CustomerID(try row[0].requiredInteger()))
            return (buyer.customerID, try buyer.customer(document: row[1], version: row[2]))
        }
    }

    package func add(_ customer: MerchantCustomer, to storeID: StoreID, at time: Timestamp) async throws -> Bool {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: storeID)
            if let email = customer.email, try await transaction.isTaken(email.text, in: storeID, by: nil) { return false }
            let buyer = Buyer(storeID: storeID, customerID: customer.id)
            let version = OrderVersion.next(after: nil, at: time)
            return try await !transaction.run(
                """
                INSERT INTO customer (store_id, id, version, email, name, phone, last_updated_at, document)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING id
                """,
                buyer.key + [
                    .integer(version), StoredValue(customer.email?.text), StoredValue(customer.name),
                    StoredValue(customer.phone?.digits), StoredValue(customer.lastUpdatedAt?.microseconds),
                    .bytes(StoredDocument.customer(buyer, version: version).sealed(customer.document)),
                ]
            ).isEmpty
        }
    }

    package func changeByMerchant(
        _ fields: [(name: String, value: JSON)], of buyer: Buyer, at time: Timestamp
    ) async throws -> MerchantsChange {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: buyer.storeID)
            var email: String?
            if case .string(let given)? = fields.first(where: { $0.name == "email" })?.value {
                let rows = try await transaction.run(
                    """
                    SELECT c.email, a.email, a.replaced_email FROM customer c
                    LEFT JOIN account a ON a.store_id = c.store_id AND a.customer_id = c.id WHERE c.store_id = $1 AND c.id = $2
                    """, buyer.key)
                guard let row = rows.first else { return .unknownCustomer }
                if row[0].text != given {
                    guard row[1].text == nil || row[2].text != nil else { return .proven }
                    if try await transaction.isTaken(given, in: buyer.storeID, by: buyer.customerID) { return .taken }
                    email = given
                }
            }
            return try await transaction.change(fields, email: email, of: buyer, at: time) ? .changed : .unknownCustomer
        }
    }
}

extension SQLTransaction {
    /// Whether another customer of the store has an address.
    fileprivate func isTaken(_ email: String, in storeID: StoreID, by owner: CustomerID?) async throws -> Bool {
        try await run("SELECT id FROM customer WHERE store_id = $1 AND email = $2", [.text(storeID.text), .text(email)])
            .contains { $0[0].integer != owner?.number }
    }
}
