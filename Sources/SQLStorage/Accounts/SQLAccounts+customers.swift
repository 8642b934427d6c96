package import Accounts
import JSON
package import Orders

extension SQLAccounts {
    package func profile(of buyer: Buyer, at time: Timestamp) async throws -> Profile? {
        let rows = try await database.read(
            """
            SELECT c.document, c.email, a.password_hash, o.address, c.version, a.date_of_birth, a.sex, a.is_unsubscribed FROM customer c
            LEFT JOIN account a ON a.store_id = c.store_id AND a.customer_id = c.id
            LEFT JOIN one_time_code o
                ON o.store_id = c.store_id AND o.kind = 'address_code' AND o.subject = $3 AND o.expires_at > $4 AND o.tries > 0
            WHERE c.store_id = $1 AND c.id = $2
            """, buyer.key + [.text(buyer.customerID.description), .time(time)])
        return try rows.first.map { row in
            Profile(
                document: try buyer.customer(document: row[0], version: row[4]),
                email: row[1].text.flatMap { EmailAddress($0) },
                pendingEmail: row[3].text.flatMap { EmailAddress($0) }, passwordHash: try Self.hash(row[2]),
                details: ProfileDetails(dateOfBirth: row[5].text, sex: row[6].text, isUnsubscribed: row[7].integer == 1))
        }
    }

    package func change(_ change: ProfileChange, of buyer: Buyer, at time: Timestamp) async throws -> Bool {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: buyer.storeID)
            let fields = change.fields.sorted { $0.key.rawValue < $1.key.rawValue }.map {
                (name: $0.key.rawValue, value: JSON($0.value))
            }
            guard try await transaction.change(fields, of: buyer, at: time) else { return false }
            for other in try await transaction.others(sharingAddressWith: buyer) {
                _ = try await transaction.change(fields, of: other, at: time)
            }
            try await transaction.change(change, of: buyer)
            return true
        }
    }

    package func renewAddresses(of storeID: StoreID) async throws -> Int {
        var renewed = 0
        for (table, key) in [("customer", "id"), ("account", "customer_id")] {
            let rows = try await database.read(
                "SELECT \(key), email FROM \(table) WHERE store_id = $1 AND \(database.isBeyondASCII("email"))",
                [.text(storeID.text)])
            for row in rows {
                let stored = try row[1].requiredText()
                guard let address = EmailAddress(stored)?.text, !address.utf8.elementsEqual(stored.utf8) else { continue }
                try await database.transaction { transaction in
                    _ = try await transaction.run(
                        "UPDATE \(table) SET email = $4 WHERE store_id = $1 AND \(key) = $2 AND email = $3",
                        [.text(storeID.text), row[0], .text(stored), .text(address)])
                }
                if table == "customer" { renewed += 1 }
            }
        }
        return renewed
    }

    package func changeEmail(of buyer: Buyer, using code: TriedCode, at time: Timestamp, from client: String?) async throws
        -> EmailChange
    {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: buyer.storeID)
            let before = try await transaction.email(of: buyer)
            guard let address = try await transaction.useUp(code) else { return .noCode }
            let owners = try await transaction.run(
                "SELECT id FROM customer WHERE store_id = $1 AND email = $2", [.text(buyer.storeID.text), .text(address)])
            let others = try await transaction.others(sharingAddressWith: buyer)
            guard
                owners.allSatisfy({ row in ([buyer] + others).contains { $0.customerID.number == row[0].integer } })
            else { return .taken }
            let fields: [(String, JSON)] = [("email", .string(address))]
            guard try await transaction.change(fields, email: address, of: buyer, at: time) else { return .noCode }
            try await transaction.run(
                """
                INSERT INTO account (store_id, customer_id, email, generation, confirmed_at, last_address) VALUES ($1, $2, $3, 0, $4, 0)
                ON CONFLICT (store_id, customer_id) DO UPDATE SET
                    email = excluded.email, replaced_email = NULL,
                    confirmed_at = coalesce(account.confirmed_at, excluded.confirmed_at)
                """, buyer.key + [.text(address), .time(time)])
            for other in others {
                _ = try await transaction.change(fields, email: address, of: other, at: time)
                try await transaction.replaceAddress(of: other, with: address, before: before ?? "")
            }
            // Codes and links sent to the previous address no longer give access to the account.
            try await transaction.voidCodes(of: buyer, with: before ?? "")
            try await transaction.record(
                AuditRecord(.emailChanged, in: buyer.storeID, of: buyer.customerID, at: time, from: client))
            return .changed
        }
    }
}

extension SQLTransaction {
    /// Changes what no order shows of a customer.
    fileprivate func change(_ change: ProfileChange, of buyer: Buyer) async throws {
        var columns: [(name: String, value: StoredValue)] = []
        if let date = change.dateOfBirth { columns.append(("date_of_birth", StoredValue(date))) }
        if let sex = change.sex { columns.append(("sex", StoredValue(sex))) }
        if let isUnsubscribed = change.isUnsubscribed { columns.append(("is_unsubscribed", .integer(isUnsubscribed ? 1 : 0))) }
        guard !columns.isEmpty else { return }
        let names = columns.map(\.name)
        try await run(
            """
            INSERT INTO account (store_id, customer_id, generation, last_address, \(names.joined(separator: ", ")))
            VALUES ($1, $2, 0, 0, \((3..<3 + names.count).map { "$\($0)" }.joined(separator: ", ")))
            ON CONFLICT (store_id, customer_id) DO UPDATE SET
                \(names.map { "\($0) = excluded.\($0)" }.joined(separator: ", "))
            """, buyer.key + columns.map(\.value))
    }

    func others(sharingAddressWith buyer: Buyer) async throws -> [Buyer] {
        try await run(SharedAddress.others, buyer.key).map { row in
            Buyer(storeID: buyer.storeID, customerID: CustomerID(try row[0].requiredInteger()))
        }
    }

    /// Lets an address stand for another one in the orders of a customer who shared that one: the merchant may go on to send it.
    fileprivate func replaceAddress(of buyer: Buyer, with address: String, before: String) async throws {
        try await run(
            """
            INSERT INTO account (store_id, customer_id, email, replaced_email, generation, last_address) VALUES ($1, $2, $3, $4, 0, 0)
            ON CONFLICT (store_id, customer_id) DO UPDATE SET
                email = excluded.email, replaced_email = coalesce(account.replaced_email, excluded.replaced_email)
            """, buyer.key + [.text(address), .text(before)])
    }

    /// Changes fields of a customer's document, in a transaction that locks out imports.
    /// - Parameters:
    ///   - email: the address by which the customer is found from then on; `nil` keeps the current one.
    ///   - isUpdate: whether the customer is newer then than what came before with an order.
    /// - Returns: false if there is no such customer.
    func change(
        _ fields: [(name: String, value: JSON)], email: String? = nil, isUpdate: Bool = true, of buyer: Buyer, at time: Timestamp
    ) async throws -> Bool {
        let rows = try await run(
            "SELECT document, version, email, last_updated_at FROM customer WHERE store_id = $1 AND id = $2", buyer.key)
        guard let row = rows.first else { return false }
        let stored = try buyer.customer(document: row[0], version: row[1])
        var (fields, updatedAt) = (fields, row[3])
        if isUpdate {
            let time = time.next(after: row[3].integer.map { Timestamp(microseconds: $0) })
            fields.append(("last_updated_at", .string(time.description)))
            updatedAt = .time(time)
        }
        guard let document = try? JSON(parsing: stored).replacing(fields) else { throw StorageFailure.damaged }
        let version = OrderVersion.next(after: row[1].integer, at: time)
        try await run(
            """
            UPDATE customer SET document = $1, version = $2, email = $3, last_updated_at = $4, name = $5, phone = $6
            WHERE store_id = $7 AND id = $8
            """,
            [
                .bytes(StoredDocument.customer(buyer, version: version).sealed(document.encoded)), .integer(version),
                StoredValue(email ?? row[2].text),
                updatedAt,
                StoredValue(document.optionalText("name").flatMap { OrderEntry.searchable($0) }),
                StoredValue(document.optionalText("phone").flatMap { PhoneNumber($0)?.digits }),
            ] + buyer.key)
        try await noteChange(of: TouchedOrders(buyers: [buyer]), at: time)
        return true
    }

    /// Records that a customer has proven an address, and shows it in their orders.
    /// - Returns: the account.
    func confirm(_ buyer: Buyer, with email: String, at time: Timestamp) async throws -> (
        passwordHash: StoredValue, generation: Int64
    ) {
        let rows = try await run(
            """
            INSERT INTO account (store_id, customer_id, email, generation, confirmed_at, last_address)
            VALUES ($1, $2, $3, 0, $4, 0)
            ON CONFLICT (store_id, customer_id) DO UPDATE SET
                email = CASE WHEN account.replaced_email IS NULL THEN coalesce(account.email, excluded.email) ELSE excluded.email END,
                replaced_email = NULL,
                confirmed_at = coalesce(account.confirmed_at, excluded.confirmed_at)
            RETURNING password_hash, generation
            """, buyer.key + [.text(email), .time(time)])
        guard let row = rows.first else { throw StorageFailure.damaged }
        let customers = try await run("SELECT document, version FROM customer WHERE store_id = $1 AND id = $2", buyer.key)
        let customer = try customers.first.map { try buyer.customer(document: $0[0], version: $0[1]) }
        // If an import is running, it or the next sign-in will show the address.
        if let customer, let json = try? JSON(parsing: customer), json["confirmed_at"] == .null,
            try await tryToLockOrders(of: buyer.storeID)
        {
            _ = try await change(MerchantCustomer.confirmation(at: time), isUpdate: false, of: buyer, at: time)
        }
        return (row[0], try row[1].requiredInteger())
    }
}
