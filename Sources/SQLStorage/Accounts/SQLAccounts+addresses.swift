package import Accounts
import JSON
package import Orders

extension SQLAccounts {
    package func addresses(of buyer: Buyer) async throws -> [StoredAddress] {
        try await database.read(
            "SELECT id, document FROM customer_address WHERE store_id = $1 AND customer_id = $2 ORDER BY id", buyer.key
        ).map { row in
            let id = try row[0].requiredInteger()
            return StoredAddress(id: id, address: try DeliveryAddress(row[1], .address(id, of: buyer)))
        }
    }

    package func addAddress(_ address: DeliveryAddress, of buyer: Buyer, limit: Int, at time: Timestamp) async throws -> Int64? {
        try await database.transaction { transaction in
            // Makes other additions wait, and never reuses the number of a removed address.
            let account = try await transaction.run(
                """
                INSERT INTO account (store_id, customer_id, generation, last_address) VALUES ($1, $2, 0, 1)
                ON CONFLICT (store_id, customer_id) DO UPDATE SET last_address = account.last_address + 1 RETURNING last_address
                """, buyer.key)
            guard let id = try account.first?[0].requiredInteger() else { throw StorageFailure.damaged }
            let count = try await transaction.run(
                "SELECT count(*) FROM customer_address WHERE store_id = $1 AND customer_id = $2", buyer.key)
            guard let count = count.first?[0].integer, count < limit else { return nil }
            try await transaction.run(
                """
                INSERT INTO customer_address (store_id, customer_id, id, document, created_at, updated_at)
                VALUES ($1, $2, $3, $4, $5, $5)
                """, buyer.key + [.integer(id), address.document(.address(id, of: buyer)), .time(time)])
            return id
        }
    }

    package func replaceAddress(
        _ id: Int64, of buyer: Buyer, at time: Timestamp,
        _ change: @escaping @Sendable (DeliveryAddress) throws -> DeliveryAddress
    ) async throws -> DeliveryAddress? {
        let locking = database.locking
        return try await database.transaction { transaction in
            let key = buyer.key + [.integer(id)]
            let rows = try await transaction.run(
                "SELECT document FROM customer_address WHERE store_id = $1 AND customer_id = $2 AND id = $3 \(locking)", key)
            guard let row = rows.first else { return nil }
            let address = try change(DeliveryAddress(row[0], .address(id, of: buyer)))
            try await transaction.run(
                "UPDATE customer_address SET document = $4, updated_at = $5 WHERE store_id = $1 AND customer_id = $2 AND id = $3",
                key + [address.document(.address(id, of: buyer)), .time(time)])
            return address
        }
    }

    package func removeAddress(_ id: Int64, of buyer: Buyer) async throws -> Bool {
        try await database.transaction { transaction in
            try await !transaction.run(
                "DELETE FROM customer_address WHERE store_id = $1 AND customer_id = $2 AND id = $3 RETURNING id",
                buyer.key + [.integer(id)]
            ).isEmpty
        }
    }
}

/// The stored form of an address: JSON with the fields of an order's `destination_address`.
extension DeliveryAddress {
    fileprivate init(_ value: StoredValue, _ row: StoredDocument) throws(StorageFailure) {
        let document = try row.opened(value.requiredBytes())
        guard let json = try? JSON(parsing: document) else { throw .damaged }
        self.init()
        switch json["location"] {
        case .number(let digits)?: location = Int64(digits).map { .number($0) }
        case .string(let text)?: location = .text(text)
        default: break
        }
        name = json.text("name")
        phone = json.text("phone")
        email = json.text("email").flatMap { EmailAddress($0) }
        subdistrict = json.text("subdistrict")
        city = json.text("city")
        province = json.text("province")
        address = json.text("address")
        postalCode = json.text("postal_code")
        notes = json.text("notes")
    }

    fileprivate func document(_ row: StoredDocument) -> StoredValue {
        let location: JSON =
            switch location {
            case .number(let number)?: .number(String(number))
            case .text(let text)?: .string(text)
            case nil: .null
            }
        let json: JSON = [
            "name": JSON(name), "phone": JSON(phone), "email": JSON(email?.text), "location": location,
            "subdistrict": JSON(subdistrict),
            "city": JSON(city), "province": JSON(province), "address": JSON(address), "postal_code": JSON(postalCode),
            "notes": JSON(notes),
        ]
        return .bytes(row.sealed(json.encoded))
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String? { if case .string(let text)? = self[name] { text } else { nil } }
}
