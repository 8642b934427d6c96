package import Orders

/// What was delivered to the endpoints of webhooks.
extension SQLAccounts {
    package func webhookDeliveries(
        of storeID: StoreID, where filter: WebhookDeliveryFilter, before id: UUIDBytes?, limit: Int
    ) async throws -> [WebhookDelivery] {
        var (conditions, values) = (["store_id = $1"], [StoredValue.text(storeID.text)])
        func add(_ condition: String, _ value: StoredValue) {
            values.append(value)
            conditions.append("\(condition) $\(values.count)")
        }
        if let endpoint = filter.endpointID { add("endpoint_id =", .bytes(endpoint.bytes)) }
        if let status = filter.status {
            add("status =", .text(status.rawValue))
            // The index has no others.
            if status != .delivered { conditions.append("status <> 'delivered'") }
        }
        if let since = filter.since { add("id >=", .bytes(WebhookDelivery.lowestID(at: since).bytes)) }
        if let until = filter.until { add("id <", .bytes(WebhookDelivery.lowestID(at: until).bytes)) }
        if let id { add("id <", .bytes(id.bytes)) }
        values.append(.integer(Int64(limit)))
        return try await database.read(
            """
            SELECT \(WebhookDelivery.columns) FROM webhook_delivery WHERE \(conditions.joined(separator: " AND "))
            ORDER BY id DESC LIMIT $\(values.count)
            """, values
        ).map { try WebhookDelivery($0) }
    }

    package func webhookDelivery(_ id: UUIDBytes, of storeID: StoreID) async throws -> WebhookDelivery? {
        try await database.read(
            "SELECT \(WebhookDelivery.columns) FROM webhook_delivery WHERE store_id = $1 AND id = $2",
            [.text(storeID.text), .bytes(id.bytes)]
        ).first.map { try WebhookDelivery($0) }
    }

    package func pendingWebhookDeliveries(
        to endpoint: WebhookEndpoint, after place: Int64, limit: Int
    ) async throws -> [WebhookDelivery] {
        try await database.read(
            """
            SELECT \(WebhookDelivery.columns) FROM webhook_delivery
            WHERE store_id = $1 AND endpoint_id = $2 AND \(WebhookDelivery.isPending) AND place > $3 ORDER BY place LIMIT $4
            """, endpoint.key + [.integer(place), .integer(Int64(limit))]
        ).map { try WebhookDelivery($0) }
    }

    package func add(_ delivery: WebhookDelivery) async throws -> Bool {
        try await database.transaction { transaction in
            let places = try await transaction.run(
                """
                UPDATE webhook_endpoint SET last_place = last_place + 1 WHERE store_id = $1 AND id = $2 AND stop IS NULL
                RETURNING last_place
                """, [.text(delivery.storeID.text), .bytes(delivery.endpointID.bytes)])
            guard let place = try places.first?[0].requiredInteger() else { return false }
            try await transaction.run(WebhookDelivery.insertion, delivery.columns(at: place))
            return true
        }
    }

    package func queue(
        _ deliveries: [WebhookDelivery], to endpoint: WebhookEndpoint, upTo position: Int64, replay: WebhookEndpoint.Replay?,
        by holder: UUIDBytes
    ) async throws -> Int64? {
        try await database.transaction { transaction in
            // What a merchant has begun to replay meanwhile is not overwritten.
            let isSame = endpoint.replay == nil ? "replay_position IS NULL" : "replay_position = $8 AND replay_end = $9"
            let taken = try await transaction.run(
                """
                UPDATE webhook_endpoint SET position = $4, replay_position = $5, replay_end = $6, last_place = last_place + $7
                WHERE store_id = $1 AND id = $2 AND holder = $3 AND stop IS NULL AND \(isSame) RETURNING last_place
                """,
                endpoint.key + [
                    .bytes(holder.bytes), .integer(position), StoredValue(replay?.position), StoredValue(replay?.end),
                    .integer(Int64(deliveries.count)),
                ] + (endpoint.replay.map { [.integer($0.position), .integer($0.end)] } ?? []))
            guard let last = try taken.first?[0].requiredInteger() else { return nil }
            let first = last - Int64(deliveries.count) + 1
            try await transaction.run(
                WebhookDelivery.insertion,
                each: deliveries.enumerated().map { $1.columns(at: first + Int64($0)) })
            return last
        }
    }

    package func record(_ deliveries: [WebhookDelivery]) async throws {
        // In the order of their keys, so that two servers never wait for each other.
        let sorted = deliveries.sorted { ($0.storeID.text, $0.id) < ($1.storeID.text, $1.id) }
        try await database.transaction { transaction -> Void in
            try await transaction.run(
                """
                UPDATE webhook_delivery SET status = $3, attempts = $4, due_at = $5, attempted_at = $6, duration = $7,
                    answer_status = $8, answer = $9, failure = $10
                WHERE store_id = $1 AND id = $2 AND status = 'pending'
                """, each: sorted.map { [.text($0.storeID.text), .bytes($0.id.bytes)] + $0.outcome })
        }
    }

    package func removeWebhookDeliveries(before time: Timestamp) async throws {
        let stores = try await database.read("SELECT id FROM store", [])
        try await database.write(
            "DELETE FROM webhook_delivery WHERE store_id = $1 AND id < $2 AND status <> 'pending'",
            each: stores.map { [$0[0], .bytes(WebhookDelivery.lowestID(at: time).bytes)] })
    }
}

extension WebhookDelivery {
    fileprivate static var columns: String {
        """
        store_id, id, endpoint_id, order_id, number, event, queued_at, status, attempts, due_at, attempted_at, duration, answer_status,
        answer, failure, place
        """
    }

    fileprivate static var insertion: String {
        """
        INSERT INTO webhook_delivery (\(columns))
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """
    }

    /// That a delivery is not done with. The index has only what was not delivered, which its condition has to say.
    static var isPending: String { "status = 'pending' AND status <> 'delivered'" }

    fileprivate func columns(at place: Int64) -> [StoredValue] {
        [
            .text(storeID.text), .bytes(id.bytes), .bytes(endpointID.bytes), .orderID(orderID.uuid), .integer(number),
            .text(kind.rawValue), .time(queuedAt),
        ] + outcome + [.integer(place)]
    }

    /// `status` and the columns after it.
    fileprivate var outcome: [StoredValue] {
        [
            .text(status.rawValue), .integer(attempts), .time(dueAt), last.map { .time($0.at) } ?? .null,
            StoredValue(last?.duration), StoredValue(last?.answerStatus.map { Int64($0) }), StoredValue(last?.answer),
            StoredValue(last?.failure),
        ]
    }

    fileprivate init(_ row: StoredRow) throws(StorageFailure) {
        guard let storeID = StoreID(try row[0].requiredText()), let id = UUIDBytes(bytes: try row[1].requiredBytes()),
            let endpointID = UUIDBytes(bytes: try row[2].requiredBytes()), let orderID = OrderID(try row[3].requiredOrderID()),
            let kind = OrderEvent.Kind(rawValue: try row[5].requiredText()),
            let status = Status(rawValue: try row[7].requiredText())
        else { throw .damaged }
        let last = try row[10].integer.map { (at: Int64) throws(StorageFailure) -> Attempt in
            Attempt(
                at: Timestamp(microseconds: at), duration: try row[11].requiredInteger(),
                answerStatus: row[12].integer.map { Int($0) }, answer: row[13].text, failure: row[14].text)
        }
        self.init(
            id: id, storeID: storeID, endpointID: endpointID, orderID: orderID, number: try row[4].requiredInteger(), kind: kind,
            queuedAt: Timestamp(microseconds: try row[6].requiredInteger()), place: try row[15].requiredInteger(), status: status,
            attempts: try row[8].requiredInteger(), dueAt: Timestamp(microseconds: try row[9].requiredInteger()), last: last)
    }
}
