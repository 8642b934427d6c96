package import Accounts
package import Orders

/// ``MerchantStorage`` in SQL, with the same statements for every database. Each storage's schema defines the tables.
package struct SQLAccounts<Database: SQLDatabase>: MerchantStorage, SQLStores {
    package let database: Database

    package init(_ database: Database) { self.database = database }

    package func account(of email: EmailAddress, in storeID: StoreID) async throws -> (account: Account?, requiresCode: Bool) {
        let rows = try await database.read(
            """
            SELECT s.merchant_document, c.id, a.password_hash, a.generation FROM store s
            LEFT JOIN customer c ON c.store_id = s.id AND c.id = (\(SharedAddress.account))
            LEFT JOIN account a ON a.store_id = s.id AND a.customer_id = c.id
            WHERE s.id = $1
            """, [.text(storeID.text), .text(email.text)])
        guard let row = rows.first else { return (nil, false) }
        let requiresCode = try MerchantStore.requiresCode(StoredDocument.merchantStore(storeID).opened(row[0].requiredBytes()))
        // A hash is decoded even if there is none, so that this takes as long for an address that belongs to nobody.
        let hash = try Self.hash(row[2] == .null ? .text(PasswordHash.decoy) : row[2])
        guard let id = row[1].integer else { return (nil, requiresCode) }
        let account = Account(
            buyer: Buyer(storeID: storeID, customerID: CustomerID(id)), email: email, passwordHash: row[2] == .null ? nil : hash,
            generation: row[3].integer ?? 0)
        return (account, requiresCode)
    }

    package func generation(of buyer: Buyer) async throws -> Int64 {
        try await database.read(
            "SELECT generation FROM account WHERE store_id = $1 AND customer_id = $2", buyer.key
        ).first?[0].requiredInteger() ?? 0
    }

    static func hash(_ value: StoredValue) throws(StorageFailure) -> PasswordHash? {
        guard let text = value.text else { return nil }
        guard let hash = PasswordHash(text) else { throw .damaged }
        return hash
    }
}

extension Buyer {
    /// The values of `store_id` and `customer_id`.
    var key: [StoredValue] { [.text(storeID.text), .integer(customerID.number)] }
}
