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

    package func merge(_ events: [ReceivedEvent], in storeID: StoreID, at time: Timestamp) async throws -> [MergedEvent] {
        // In the order of their keys, so that two servers that take the same events never wait for each other.
        let sorted = events.indices.sorted { events[$0].event.uniqueID < events[$1].event.uniqueID }
        let locking = database.locking
        return try await database.transaction { transaction in
            let inserted = try await transaction.run(
                "INSERT INTO mirror_event (store_id, id, received_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id",
                each: sorted.map { [.text(storeID.text), .text(events[$0].event.uniqueID), .time(time)] })
            let new = zip(sorted, inserted).filter { !$1.isEmpty }.map(\.0)
            var outcomes = [MergedEvent](repeating: .duplicate, count: events.count)
            let take = { (taken: [(index: Int, number: String)]) in
                let kept = try await transaction.take(
                    taken.map { ($0.number, events[$0.index].event) }, in: storeID, at: time, locking: locking)
                for (index, number) in taken { outcomes[index] = kept.contains(number) ? .merged(number: number) : .forgotten }
            }
            try await take(new.compactMap { index in events[index].event.orderID.map { (index, $0) } })
            // Last, because the others say which numbers these orders have.
            for index in new where events[index].event.orderID == nil {
                let (event, body) = events[index]
                if let number = try await transaction.mirroredNumber(event.reference, in: storeID) {
                    try await take([(index, number)])
                    continue
                }
                // It has not been taken: it may be once its order is known.
                outcomes[index] = .unknownOrder
                try await transaction.run(
                    "DELETE FROM mirror_event WHERE store_id = $1 AND id = $2", [.text(storeID.text), .text(event.uniqueID)])
                try await transaction.keepFailed(
                    body, reason: "data.id is that of no order that is known yet", in: storeID, at: time)
            }
            return outcomes
        }
    }

    package func changeMirrored(
        _ number: String, in storeID: StoreID, at time: Timestamp, _ change: @escaping @Sendable (inout MirroredOrder) -> Void
    ) async throws -> StoredMirroredOrder? {
        try await database.transaction { transaction in
            try await transaction.change(
                [MirroredOrderName(number: number, reference: nil)], in: storeID, at: time, locking: database.locking
            ) { known, _ in change(&known) }.first
        }
    }

    package func mirrored(_ numbers: [String], in storeID: StoreID) async throws -> [StoredMirroredOrder] {
        let found = try await database.read(SQLMirror.select, each: numbers.map { [.text(storeID.text), .text($0)] })
        return try zip(numbers, found).compactMap { number, rows in try rows.first.map { try StoredMirroredOrder(number, $0) } }
    }

    package func noteMade(_ orders: [MadeOrder], in storeID: StoreID, at time: Timestamp) async throws {
        // In their order, so that two servers never wait for each other.
        let sorted = orders.sorted { $0.source.number < $1.source.number }
        try await database.write(MadeOrder.note, each: sorted.map { $0.columns(in: storeID, at: time) })
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

    package func deletedOrders(
        _ names: [OrderName], in storeID: StoreID
    ) async throws -> [(id: OrderID, document: [UInt8])?] {
        let keys = names.flatMap { $0.keys(in: storeID) }
        let held = try await database.read(
            "SELECT order_id FROM order_key WHERE store_id = $1 AND kind = $2 AND key = $3",
            each: keys.map { [.text(storeID.text), .text($0.kind.rawValue), .text($0.text)] })
        var ids: [LookupKey: OrderID] = [:]
        for (key, rows) in zip(keys, held) { ids[key] = try rows.first.flatMap { OrderID(try $0[0].requiredOrderID()) } }
        let named = names.map { name in
            if case .id(let id) = name { id } else { name.keys(in: storeID).lazy.compactMap { ids[$0] }.first }
        }
        let wanted = Array(Set(named.compactMap(\.self)))
        let found = try await database.read(
            """
            SELECT o.document FROM customer_order o WHERE o.store_id = $1 AND o.id = $2 AND \(Self.isDeleted)
            """, each: wanted.map { [.text(storeID.text), .orderID($0.uuid)] })
        var documents: [OrderID: [UInt8]] = [:]
        for (id, rows) in zip(wanted, found) {
            documents[id] = try rows.first.map {
                try StoredDocument.merchantOrder(id, in: storeID).opened($0[0].requiredBytes())
            }
        }
        return named.map { id in id.flatMap { id in documents[id].map { (id, $0) } } }
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
    static let select = """
        SELECT document, revision, order_id, version, reference FROM mirror_order
        WHERE store_id = $1 AND number = $2 AND forgotten_at IS NULL
        """
}

extension SQLTransaction {
    /// The number under which an order is known.
    fileprivate func mirroredNumber(_ reference: OrderReference?, in storeID: StoreID) async throws -> String? {
        guard let reference else { return nil }
        return try await run(
            "SELECT number FROM mirror_order WHERE store_id = $1 AND reference = $2",
            [.text(storeID.text), .text(OrderName(reference).text)]
        ).first?[0].requiredText()
    }

    /// Takes events into what is known of the orders of these numbers.
    /// - Returns: the numbers of the orders whose customers were not forgotten.
    fileprivate func take(
        _ events: [(number: String, event: ScalevEvent)], in storeID: StoreID, at time: Timestamp, locking: String
    ) async throws -> Set<String> {
        let byNumber = Dictionary(grouping: events, by: \.number).mapValues { $0.map(\.event) }
        let names = byNumber.map { number, events in
            MirroredOrderName(number: number, reference: events.lazy.compactMap(\.reference).first.map { OrderName($0).text })
        }
        return try await take(names, in: storeID, at: time, locking: locking) { known, number in
            for event in byNumber[number] ?? [] { known.merge(event) }
        }
    }

    /// Takes something into what is known of orders, which may be new.
    /// - Returns: the numbers of the orders whose customers were not forgotten.
    func take(
        _ names: [MirroredOrderName], in storeID: StoreID, at time: Timestamp, locking: String,
        _ change: (inout MirroredOrder, _ number: String) -> Void
    ) async throws -> Set<String> {
        // In their order, so that two servers never wait for each other.
        let names = names.sorted { $0.number < $1.number }
        let nothing = StoredValue.bytes(MirroredOrder().json.encoded)
        // New ones are made first, so that two events of one wait for each other.
        try await run(
            """
            INSERT INTO mirror_order (store_id, number, document, revision, pending_since) VALUES ($1, $2, $3, 0, $4)
            ON CONFLICT DO NOTHING
            """, each: names.map { [.text(storeID.text), .text($0.number), nothing, .time(time)] })
        return Set(try await self.change(names, in: storeID, at: time, locking: locking, change).map(\.number))
    }

    /// - Returns: what is known then, except of orders of which nothing was or whose customers were forgotten.
    func change(
        _ names: [MirroredOrderName], in storeID: StoreID, at time: Timestamp, locking: String,
        _ change: (inout MirroredOrder, _ number: String) -> Void
    ) async throws -> [StoredMirroredOrder] {
        let found = try await run("\(SQLMirror.select) \(locking)", each: names.map { [.text(storeID.text), .text($0.number)] })
        var (known, updates): ([StoredMirroredOrder], [[StoredValue]]) = ([], [])
        for (name, rows) in zip(names, found) {
            guard let row = rows.first else { continue }
            let stored = try StoredMirroredOrder(name.number, row)
            var order = stored.order
            change(&order, name.number)
            let reference = row[4] == .null ? StoredValue(name.reference) : row[4]
            guard order != stored.order || reference != row[4] else {
                known.append(stored)
                continue
            }
            known.append(
                StoredMirroredOrder(
                    number: name.number, order: order, revision: stored.revision + 1, orderID: stored.orderID,
                    version: stored.version))
            updates.append(
                [.text(storeID.text), .text(name.number), .bytes(order.json.encoded), reference, .time(time)])
        }
        try await run(
            """
            UPDATE mirror_order SET
                document = $3, reference = $4, revision = revision + 1, pending_since = coalesce(pending_since, $5)
            WHERE store_id = $1 AND number = $2
            """, each: updates)
        return known
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
