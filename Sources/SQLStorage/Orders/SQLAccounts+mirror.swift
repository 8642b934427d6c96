import JSON
package import Orders

extension SQLAccounts: MirrorStorage {
    package func mirrorSecret(of storeID: StoreID) async throws -> String? {
        try await database.lookUp("SELECT secret FROM mirror WHERE store_id = $1", [.text(storeID.text)]).first?[0].requiredText()
    }

    package func setMirror(of storeID: StoreID, secret: String?, at time: Timestamp) async throws -> Bool {
        try await database.transaction { transaction in
            guard let secret else {
                return try await !transaction.run(
                    "DELETE FROM mirror WHERE store_id = $1 RETURNING store_id", [.text(storeID.text)]
                ).isEmpty
            }
            guard try await !transaction.run("SELECT 1 FROM store WHERE id = $1", [.text(storeID.text)]).isEmpty else {
                return false
            }
            try await transaction.run(
                """
                INSERT INTO mirror (store_id, secret, enabled_at) VALUES ($1, $2, $3)
                ON CONFLICT (store_id) DO UPDATE SET secret = excluded.secret
                """, [.text(storeID.text), .text(secret), .time(time)])
            return true
        }
    }

    package func merge(
        _ event: ScalevEvent, body: [UInt8], in storeID: StoreID, at time: Timestamp
    ) async throws -> MergedEvent {
        try await database.transaction { transaction in
            let isNew = try await !transaction.run(
                "INSERT INTO mirror_event (store_id, id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id",
                [.text(storeID.text), .text(event.uniqueID), .time(time)]
            ).isEmpty
            guard isNew else { return .duplicate }
            let reference = event.reference.map { OrderName($0).text }
            guard let number = try await transaction.mirroredNumber(event.orderID, reference, in: storeID) else {
                // It has not been taken: it may be once its order is known.
                try await transaction.run(
                    "DELETE FROM mirror_event WHERE store_id = $1 AND id = $2", [.text(storeID.text), .text(event.uniqueID)])
                try await transaction.keepFailed(
                    body, reason: "data.id is that of no order that is known yet", in: storeID, at: time)
                return .unknownOrder
            }
            let isKept = try await transaction.take(number, reference, in: storeID, at: time, locking: database.locking) {
                $0.merge(event)
            }
            return isKept ? .merged(number: number) : .forgotten
        }
    }

    package func changeMirrored(
        _ number: String, in storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (inout MirroredOrder) -> Void
    ) async throws -> StoredMirroredOrder? {
        try await database.transaction { transaction in
            try await transaction.change(number, in: storeID, at: time, locking: database.locking, change)
        }
    }

    package func mirrored(_ number: String, in storeID: StoreID) async throws -> StoredMirroredOrder? {
        try await database.lookUp(SQLMirror.select, [.text(storeID.text), .text(number)]).first.map {
            try StoredMirroredOrder(number, $0)
        }
    }

    package func noteMade(
        _ number: String, in storeID: StoreID, revision: Int64, made: (id: OrderID, version: Int64)?, failure: String?,
        at time: Timestamp
    ) async throws {
        _ = try await database.transaction { transaction in
            try await transaction.run(
                """
                UPDATE mirror_order SET
                    order_id = coalesce($4, order_id), version = coalesce($5, version), failure = $6,
                    failed_at = $7,
                    pending_since = CASE WHEN revision = $3 THEN NULL ELSE pending_since END
                WHERE store_id = $1 AND number = $2
                """,
                [
                    .text(storeID.text), .text(number), .integer(revision), made.map { .bytes($0.id.uuid.bytes) } ?? .null,
                    StoredValue(made?.version), StoredValue(failure), failure == nil ? .null : .time(time),
                ])
        }
    }

    package func pendingMirrored(before time: Timestamp, limit: Int) async throws -> [(storeID: StoreID, number: String)] {
        try await database.read(
            "SELECT store_id, number FROM mirror_order WHERE pending_since < $1 ORDER BY pending_since LIMIT $2",
            [.time(time), .integer(Int64(limit))]
        ).map { row in
            guard let storeID = StoreID(try row[0].requiredText()) else { throw StorageFailure.damaged }
            return (storeID, try row[1].requiredText())
        }
    }

    package func keepFailed(_ body: [UInt8], reason: String, in storeID: StoreID, at time: Timestamp) async throws {
        try await database.transaction { try await $0.keepFailed(body, reason: reason, in: storeID, at: time) }
    }

    package func mirrorFailures(of storeID: StoreID, limit: Int) async throws -> [MirrorFailure] {
        let bodies = try await database.read(
            "SELECT id, reason, received_at FROM mirror_failure WHERE store_id = $1 ORDER BY received_at, id LIMIT $2",
            [.text(storeID.text), .integer(Int64(limit))]
        ).map { row in
            guard let id = UUIDBytes(bytes: try row[0].requiredBytes()) else { throw StorageFailure.damaged }
            return MirrorFailure(
                subject: .body(id), reason: try row[1].requiredText(), at: Timestamp(microseconds: try row[2].requiredInteger()))
        }
        let orders = try await database.read(
            """
            SELECT number, failure, failed_at FROM mirror_order WHERE store_id = $1 AND failure IS NOT NULL
            ORDER BY failed_at, number LIMIT $2
            """, [.text(storeID.text), .integer(Int64(limit))]
        ).map { row in
            MirrorFailure(
                subject: .order(try row[0].requiredText()), reason: try row[1].requiredText(),
                at: Timestamp(microseconds: row[2].integer ?? 0))
        }
        return Array((bodies + orders).sorted { $0.at < $1.at }.prefix(limit))
    }

    package func failedBody(_ id: UUIDBytes, in storeID: StoreID) async throws -> [UInt8]? {
        try await database.read(
            "SELECT body FROM mirror_failure WHERE store_id = $1 AND id = $2", [.text(storeID.text), .bytes(id.bytes)]
        ).first?[0].requiredBytes()
    }

    package func removeFailed(_ id: UUIDBytes, in storeID: StoreID) async throws {
        _ = try await database.transaction { transaction in
            try await transaction.run(
                "DELETE FROM mirror_failure WHERE store_id = $1 AND id = $2", [.text(storeID.text), .bytes(id.bytes)])
        }
    }

    package func deletedOrder(_ name: OrderName, in storeID: StoreID) async throws -> (id: OrderID, document: [UInt8])? {
        var ids: [OrderID] = if case .id(let id) = name { [id] } else { [] }
        for key in name.keys(in: storeID) {
            let rows = try await database.lookUp(
                "SELECT order_id FROM order_key WHERE store_id = $1 AND kind = $2 AND key = $3",
                [.text(storeID.text), .text(key.kind.rawValue), .text(key.text)])
            if let row = rows.first, let id = OrderID(try row[0].requiredOrderID()) { ids.append(id) }
        }
        guard let id = ids.first else { return nil }
        let rows = try await database.read(
            """
            SELECT o.document FROM customer_order o WHERE o.store_id = $1 AND o.id = $2 AND NOT EXISTS (
                SELECT 1 FROM order_document d WHERE d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id)
            """, [.text(storeID.text), .orderID(id.uuid)])
        return try rows.first.map { (id, try StoredDocument.merchantOrder(id, in: storeID).opened($0[0].requiredBytes())) }
    }

    package func mirrorStatus(of storeID: StoreID) async throws -> MirrorStatus? {
        let rows = try await database.read(
            """
            SELECT enabled_at, (SELECT max(received_at) FROM mirror_event e WHERE e.store_id = m.store_id),
                (SELECT count(*) FROM mirror_order o WHERE o.store_id = m.store_id AND o.pending_since IS NOT NULL),
                (SELECT min(pending_since) FROM mirror_order o WHERE o.store_id = m.store_id AND o.pending_since IS NOT NULL),
                (SELECT count(*) FROM mirror_failure f WHERE f.store_id = m.store_id)
                    + (SELECT count(*) FROM mirror_order o WHERE o.store_id = m.store_id AND o.failure IS NOT NULL)
            FROM mirror m WHERE store_id = $1
            """, [.text(storeID.text)])
        let pull = try await pull(of: storeID)
        return try rows.first.map { row in
            MirrorStatus(
                enabledAt: Timestamp(microseconds: try row[0].requiredInteger()),
                lastEventAt: row[1].integer.map { Timestamp(microseconds: $0) },
                pending: (try row[2].requiredInteger(), row[3].integer.map { Timestamp(microseconds: $0) }),
                failed: try row[4].requiredInteger(), pull: pull)
        }
    }
}

private enum SQLMirror {
    static let select =
        "SELECT document, revision, order_id, version FROM mirror_order WHERE store_id = $1 AND number = $2 AND forgotten_at IS NULL"
}

extension SQLTransaction {
    /// The number under which an event's order is known, or becomes so.
    fileprivate func mirroredNumber(_ number: String?, _ reference: String?, in storeID: StoreID) async throws -> String? {
        if let number { return number }
        guard let reference else { return nil }
        return try await run(
            "SELECT number FROM mirror_order WHERE store_id = $1 AND reference = $2", [.text(storeID.text), .text(reference)]
        ).first?[0].requiredText()
    }

    /// Takes something into what is known of an order, which may be new.
    /// - Returns: false if its customer was forgotten.
    func take(
        _ number: String, _ reference: String?, in storeID: StoreID, at time: Timestamp, locking: String,
        _ change: (inout MirroredOrder) -> Void
    ) async throws -> Bool {
        // A new one is made first, so that two events of it wait for each other.
        try await run(
            """
            INSERT INTO mirror_order (store_id, number, document, revision, pending_since) VALUES ($1, $2, $3, 0, $4)
            ON CONFLICT DO NOTHING
            """, [.text(storeID.text), .text(number), .bytes(MirroredOrder().json.encoded), .time(time)])
        guard try await self.change(number, in: storeID, at: time, locking: locking, change) != nil else { return false }
        if let reference {
            try await run(
                "UPDATE mirror_order SET reference = $3 WHERE store_id = $1 AND number = $2 AND reference IS NULL",
                [.text(storeID.text), .text(number), .text(reference)])
        }
        return true
    }

    /// - Returns: `nil` if nothing is known of the order, or its customer was forgotten.
    func change(
        _ number: String, in storeID: StoreID, at time: Timestamp, locking: String, _ change: (inout MirroredOrder) -> Void
    ) async throws -> StoredMirroredOrder? {
        let rows = try await run("\(SQLMirror.select) \(locking)", [.text(storeID.text), .text(number)])
        guard let row = rows.first else { return nil }
        let stored = try StoredMirroredOrder(number, row)
        var order = stored.order
        change(&order)
        guard order != stored.order else { return stored }
        try await run(
            """
            UPDATE mirror_order SET document = $3, revision = revision + 1, pending_since = coalesce(pending_since, $4)
            WHERE store_id = $1 AND number = $2
            """, [.text(storeID.text), .text(number), .bytes(order.json.encoded), .time(time)])
        return StoredMirroredOrder(
            number: number, order: order, revision: stored.revision + 1, orderID: stored.orderID, version: stored.version)
    }

    fileprivate func keepFailed(_ body: [UInt8], reason: String, in storeID: StoreID, at time: Timestamp) async throws {
        try await run(
            "INSERT INTO mirror_failure (store_id, id, received_at, reason, body) VALUES ($1, $2, $3, $4, $5)",
            [.text(storeID.text), .bytes(UUIDBytes.random().bytes), .time(time), .text(reason), .bytes(body)])
    }
}

extension StoredMirroredOrder {
    fileprivate init(_ number: String, _ row: StoredRow) throws {
        self.init(
            number: number, order: try MirroredOrder(stored: row[0]), revision: try row[1].requiredInteger(),
            orderID: row[2].bytes.flatMap { UUIDBytes(bytes: $0) }.flatMap { OrderID($0) }, version: row[3].integer)
    }
}

extension MirroredOrder {
    /// - Throws: ``StorageFailure/damagedDocument(_:)``.
    init(stored value: StoredValue) throws {
        guard let order = (try? JSON(parsing: try value.requiredBytes())).flatMap({ MirroredOrder($0) }) else {
            throw StorageFailure.damagedDocument("a mirrored order")
        }
        self = order
    }
}
