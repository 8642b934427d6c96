package import Orders

extension SQLAccounts: OrderLinkStorage {
    package func linkEnd(of secretSlug: String, in storeID: StoreID) async throws -> Timestamp? {
        try await database.lookUp(
            "SELECT ends_at FROM order_link WHERE store_id = $1 AND secret_slug = $2", [.text(storeID.text), .text(secretSlug)]
        ).first?[0].integer.map { Timestamp(microseconds: $0) }
    }

    package func looks(at id: OrderID, in storeID: StoreID, limit: Int) async throws -> [OrderLooks] {
        try await database.read(
            "SELECT hour, looks FROM order_look WHERE store_id = $1 AND order_id = $2 ORDER BY hour DESC LIMIT $3",
            [.text(storeID.text), .orderID(id.uuid), .integer(Int64(limit))]
        ).map { OrderLooks(hour: Timestamp(microseconds: try $0[0].requiredInteger()), count: try $0[1].requiredInteger()) }
    }

    package func count(_ looks: [(order: OrderKey, looks: OrderLooks)]) async throws {
        // In the order of their keys, so that two servers never wait for each other.
        let sorted = looks.sorted {
            ($0.order.storeID.text, $0.order.id, $0.looks.hour) < ($1.order.storeID.text, $1.order.id, $1.looks.hour)
        }
        try await database.transaction { transaction -> Void in
            try await transaction.run(
                """
                INSERT INTO order_look (store_id, order_id, hour, looks) VALUES ($1, $2, $3, $4)
                ON CONFLICT (store_id, order_id, hour) DO UPDATE SET looks = order_look.looks + excluded.looks
                """,
                each: sorted.map { key, looks in
                    [.text(key.storeID.text), .orderID(key.id.uuid), .time(looks.hour), .integer(looks.count)]
                })
        }
    }
}

extension OrderLinkEnd {
    /// Stores the end of ``columns`` in place of an earlier one.
    package static let insertion = """
        INSERT INTO order_link (store_id, secret_slug, ends_at) VALUES ($1, $2, $3)
        ON CONFLICT (store_id, secret_slug) DO UPDATE SET ends_at = excluded.ends_at
        """

    /// The parameters of ``insertion``.
    package var columns: [StoredValue] {
        [.text(storeID.text), .text(secretSlug), endsAt.map { .time($0) } ?? .null]
    }
}
