package import Orders

extension SQLOrders {
    package func answer(to key: RequestKey, at time: Timestamp) async throws -> RememberedAnswer? {
        try await database.lookUp(
            """
            SELECT digest, status, headers, body, expires_at FROM remembered_answer
            WHERE store_id = $1 AND key = $2 AND expires_at > $3
            """, [.text(key.storeID.text), .text(key.text), .time(time)]
        ).first.map { try RememberedAnswer(key, $0) }
    }
}
