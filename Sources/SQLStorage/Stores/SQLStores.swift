package import JSON
package import Orders

/// ``StoreStorage`` in SQL, with the same statements for every database.
package protocol SQLStores: StoreStorage {
    associatedtype Database: SQLDatabase
    var database: Database { get }
}

extension SQLStores {
    package func merchantStore(_ storeID: StoreID) async throws -> [UInt8]? {
        try await database.lookUp("SELECT merchant_document FROM store WHERE id = $1", [.text(storeID.text)]).first.map { row in
            try StoredDocument.merchantStore(storeID).opened(try row[0].requiredBytes())
        }
    }

    package func changeStore(
        _ storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (JSON) throws -> JSON
    ) async throws -> WriteOutcome {
        try await database.transaction(waitsForOrders: true) { transaction in
            try await transaction.lockOrders(of: storeID)
            let rows = try await transaction.run(
                "SELECT version, merchant_document, document FROM store WHERE id = $1", [.text(storeID.text)])
            guard let row = rows.first else { return .refused(.unknownStore) }
            let before = try row[0].requiredInteger()
            let stored = StoredDocument.merchantStore(storeID)
            let store: MerchantStore
            do {
                store = try MerchantStore(changing: stored.opened(row[1].requiredBytes()), change)
            } catch let refusal as Refusal {
                return .refused(refusal)
            }
            let merchantDocument = StoredValue.bytes(stored.sealed(store.merchantDocument))
            let document = { (version: Int64) in
                StoredValue.bytes(StoredDocument.store(storeID, version: version).sealed(store.document))
            }
            if row[1] == merchantDocument, row[2] == document(before) { return .unchanged }
            let version = OrderVersion.next(after: before, at: time)
            try await transaction.run(
                "UPDATE store SET version = $2, document = $3, merchant_document = $4 WHERE id = $1",
                [.text(storeID.text), .integer(version), document(version), merchantDocument])
            try await transaction.noteChange(of: TouchedOrders(stores: [storeID]), at: time)
            return .replaced
        }
    }

    package func answer(to key: RequestKey, at time: Timestamp) async throws -> RememberedAnswer? {
        try await database.lookUp(
            """
            SELECT digest, status, headers, body, expires_at FROM remembered_answer
            WHERE store_id = $1 AND key = $2 AND expires_at > $3
            """, [.text(key.storeID.text), .text(key.text), .time(time)]
        ).first.map { try RememberedAnswer(key, $0) }
    }
}
