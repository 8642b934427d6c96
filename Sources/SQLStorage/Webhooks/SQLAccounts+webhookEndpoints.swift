package import Orders

/// The endpoints of webhooks, and which server delivers to them.
extension SQLAccounts {
    package func webhookEndpoints(of storeID: StoreID) async throws -> [WebhookEndpoint] {
        try await endpoints("WHERE store_id = $1 ORDER BY created_at, id", [.text(storeID.text)])
    }

    package func activeWebhookEndpoints() async throws -> [WebhookEndpoint] {
        try await endpoints("WHERE stop IS NULL ORDER BY store_id, id", [])
    }

    package func unannouncedWebhookStops() async throws -> [WebhookEndpoint] {
        try await endpoints("WHERE is_unannounced = 1", [])
    }

    private func endpoints(_ condition: String, _ values: [StoredValue]) async throws -> [WebhookEndpoint] {
        try await database.read("SELECT \(WebhookEndpoint.columns) FROM webhook_endpoint \(condition)", values)
            .map { try WebhookEndpoint($0) }
    }

    package func add(_ endpoint: WebhookEndpoint, limit: Int) async throws -> Bool {
        try await database.transaction { transaction in
            let store = StoredValue.text(endpoint.storeID.text)
            // Locks the store's endpoints, so that two don't become the last one.
            try await transaction.run("SELECT 1 FROM store WHERE id = $1 \(database.locking)", [store])
            let rows = try await transaction.run("SELECT count(*) FROM webhook_endpoint WHERE store_id = $1", [store])
            guard let count = try rows.first?[0].requiredInteger(), count < limit else { return false }
            try await transaction.run(
                """
                INSERT INTO webhook_endpoint (store_id, id, url, events, notice_email, secret, previous_secret,
                    previous_secret_ends_at, stop, created_at, updated_at, position, is_unannounced, last_place)
                VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                    coalesce((SELECT position FROM event_position WHERE store_id = $1), 0), 0, 0)
                """, endpoint.key + endpoint.said + [.time(endpoint.createdAt), .time(endpoint.updatedAt)])
            return true
        }
    }

    package func changeWebhookEndpoint(
        _ id: UUIDBytes, of storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (inout WebhookEndpoint) -> Void
    ) async throws -> WebhookEndpoint? {
        try await database.transaction { transaction in
            let rows = try await transaction.run(
                "SELECT \(WebhookEndpoint.columns) FROM webhook_endpoint WHERE store_id = $1 AND id = $2 \(database.locking)",
                [.text(storeID.text), .bytes(id.bytes)])
            guard let before = try rows.first.map({ try WebhookEndpoint($0) }) else { return nil }
            var after = before
            change(&after)
            guard after != before else { return after }
            after.updatedAt = time
            try await transaction.run(
                """
                UPDATE webhook_endpoint SET url = $3, events = $4, notice_email = $5, secret = $6, previous_secret = $7,
                    previous_secret_ends_at = $8, stop = $9, updated_at = $10
                WHERE store_id = $1 AND id = $2
                """, after.key + after.said + [.time(time)])
            if before.url != after.url {
                after.failingSince = nil
                try await transaction.run(
                    "UPDATE webhook_endpoint SET failing_since = NULL WHERE store_id = $1 AND id = $2", after.key)
            }
            if before.stop != nil, after.stop == nil {
                after.replay = nil
                after.failingSince = nil
                try await transaction.run(
                    """
                    UPDATE webhook_endpoint SET replay_position = NULL, replay_end = NULL, failing_since = NULL, is_unannounced = 0,
                        position = coalesce((SELECT position FROM event_position WHERE store_id = $1), 0)
                    WHERE store_id = $1 AND id = $2
                    """, after.key)
            } else if before.stop == nil, after.stop != nil {
                try await transaction.failPending(of: after, at: time)
            }
            return after
        }
    }

    package func removeWebhookEndpoint(_ id: UUIDBytes, of storeID: StoreID) async throws -> Bool {
        try await database.transaction { transaction in
            let key: [StoredValue] = [.text(storeID.text), .bytes(id.bytes)]
            try await transaction.run(
                """
                DELETE FROM webhook_delivery
                WHERE store_id = $1 AND endpoint_id = $2 AND \(WebhookDelivery.isPending)
                """, key)
            return try await !transaction.run(
                "DELETE FROM webhook_endpoint WHERE store_id = $1 AND id = $2 RETURNING id", key
            ).isEmpty
        }
    }

    package func replay(_ replay: WebhookEndpoint.Replay, to id: UUIDBytes, of storeID: StoreID) async throws -> Bool {
        try await database.transaction { transaction in
            try await !transaction.run(
                """
                UPDATE webhook_endpoint SET replay_position = $3, replay_end = $4
                WHERE store_id = $1 AND id = $2 AND stop IS NULL RETURNING id
                """, [.text(storeID.text), .bytes(id.bytes), .integer(replay.position), .integer(replay.end)]
            ).isEmpty
        }
    }

    package func holdWebhookEndpoint(
        _ id: UUIDBytes, of storeID: StoreID, after hold: WebhookEndpoint.Hold?, by holder: UUIDBytes
    ) async throws -> Bool {
        try await database.transaction { transaction in
            let isFree = hold == nil ? "holder IS NULL" : "holder = $4 AND beat = $5"
            return try await !transaction.run(
                """
                UPDATE webhook_endpoint SET holder = $3, beat = coalesce(beat, 0) + 1
                WHERE store_id = $1 AND id = $2 AND stop IS NULL AND \(isFree) RETURNING id
                """,
                [.text(storeID.text), .bytes(id.bytes), .bytes(holder.bytes)]
                    + (hold.map { [.bytes($0.holder.bytes), .integer($0.beat)] } ?? [])
            ).isEmpty
        }
    }

    package func beatWebhookEndpoints(of holder: UUIDBytes) async throws -> Set<UUIDBytes> {
        try await database.transaction { transaction in
            let rows = try await transaction.run(
                "UPDATE webhook_endpoint SET beat = beat + 1 WHERE holder = $1 RETURNING id", [.bytes(holder.bytes)])
            return Set(try rows.compactMap { UUIDBytes(bytes: try $0[0].requiredBytes()) })
        }
    }

    package func releaseWebhookEndpoints(of holder: UUIDBytes) async throws {
        try await database.transaction { transaction -> Void in
            try await transaction.run(
                "UPDATE webhook_endpoint SET holder = NULL, beat = NULL WHERE holder = $1", [.bytes(holder.bytes)])
        }
    }

    package func setFailing(since time: Timestamp?, _ id: UUIDBytes, of storeID: StoreID) async throws {
        try await database.transaction { transaction -> Void in
            try await transaction.run(
                "UPDATE webhook_endpoint SET failing_since = $3 WHERE store_id = $1 AND id = $2",
                [.text(storeID.text), .bytes(id.bytes), time.map { .time($0) } ?? .null])
        }
    }

    package func stopWebhookEndpoint(
        _ id: UUIDBytes, of storeID: StoreID, because reason: WebhookEndpoint.Stop, at time: Timestamp
    ) async throws -> Bool {
        try await database.transaction { transaction in
            let rows = try await transaction.run(
                """
                UPDATE webhook_endpoint SET stop = $3, updated_at = $4, is_unannounced = 1, replay_position = NULL, replay_end = NULL,
                    holder = NULL, beat = NULL
                WHERE store_id = $1 AND id = $2 AND stop IS NULL RETURNING \(WebhookEndpoint.columns)
                """, [.text(storeID.text), .bytes(id.bytes), .text(reason.rawValue), .time(time)])
            guard let stopped = try rows.first.map({ try WebhookEndpoint($0) }) else { return false }
            try await transaction.failPending(of: stopped, at: time)
            return true
        }
    }

    package func setAnnounced(_ isAnnounced: Bool, _ id: UUIDBytes, of storeID: StoreID) async throws -> Bool {
        try await database.transaction { transaction in
            try await !transaction.run(
                "UPDATE webhook_endpoint SET is_unannounced = $3 WHERE store_id = $1 AND id = $2 AND is_unannounced <> $3 RETURNING id",
                [.text(storeID.text), .bytes(id.bytes), .integer(isAnnounced ? 0 : 1)]
            ).isEmpty
        }
    }
}

extension SQLTransaction {
    /// Nothing that waits is delivered to an endpoint any more.
    fileprivate func failPending(of endpoint: WebhookEndpoint, at time: Timestamp) async throws {
        try await run(
            """
            UPDATE webhook_delivery SET status = 'failed', failure = coalesce(failure, 'the endpoint was switched off')
            WHERE store_id = $1 AND endpoint_id = $2 AND \(WebhookDelivery.isPending)
            """, endpoint.key)
    }
}

extension WebhookEndpoint {
    /// The values of `store_id` and `id`.
    var key: [StoredValue] { [.text(storeID.text), .bytes(id.bytes)] }

    /// What a merchant says of it: `url, events, notice_email, secret, previous_secret, previous_secret_ends_at, stop`.
    fileprivate var said: [StoredValue] {
        [
            .text(url), StoredValue(events.map { $0.map(\.rawValue).sorted().joined(separator: ",") }),
            StoredValue(noticeEmail?.text), .text(secret.text), StoredValue(previousSecret?.text),
            previousSecretEndsAt.map { .time($0) } ?? .null, StoredValue(stop?.rawValue),
        ]
    }

    fileprivate static var columns: String {
        """
        store_id, id, url, events, notice_email, secret, previous_secret, previous_secret_ends_at, stop, created_at, updated_at,
        position, replay_position, replay_end, failing_since, holder, beat, last_place
        """
    }

    /// An event that only a newer version knows is left out.
    fileprivate init(_ row: StoredRow) throws(StorageFailure) {
        guard let storeID = StoreID(try row[0].requiredText()), let id = UUIDBytes(bytes: try row[1].requiredBytes()),
            let secret = WebhookSecret(try row[5].requiredText())
        else { throw .damaged }
        let kinds = row[3].text.map { $0.split(separator: ",").compactMap { OrderEvent.Kind(rawValue: String($0)) } }
        var (replay, hold): (Replay?, Hold?) = (nil, nil)
        if let position = row[12].integer, let end = row[13].integer { replay = Replay(after: position, upTo: end) }
        if let holder = row[15].bytes.flatMap({ UUIDBytes(bytes: $0) }), let beat = row[16].integer {
            hold = Hold(holder: holder, beat: beat)
        }
        self.init(
            id: id, storeID: storeID, url: try row[2].requiredText(), events: kinds.map { Set($0) },
            noticeEmail: row[4].text.flatMap { EmailAddress($0) }, secret: secret,
            previousSecret: row[6].text.flatMap { WebhookSecret($0) },
            previousSecretEndsAt: row[7].integer.map { Timestamp(microseconds: $0) },
            stop: row[8].text.map { Stop(rawValue: $0) ?? .paused },
            createdAt: Timestamp(microseconds: try row[9].requiredInteger()),
            updatedAt: Timestamp(microseconds: try row[10].requiredInteger()), position: try row[11].requiredInteger(),
            replay: replay, lastPlace: try row[17].requiredInteger(),
            failingSince: row[14].integer.map { Timestamp(microseconds: $0) }, hold: hold)
    }
}
