package import Orders
import SQLStorage

extension PostgresStorage {
    package func currentOrders(_ names: [OrderName], in storeID: StoreID) async throws -> [CurrentOrder?] {
        let keys = names.flatMap { $0.keys(in: storeID) }
        let found = keys.isEmpty ? [:] : try await orderSessions.repeatably { try await $0.orderIDs(keys, in: storeID) }
        let ids = names.map { name in
            if case .id(let id) = name { id } else { name.keys(in: storeID).lazy.compactMap { found[$0] }.first }
        }
        var orders: [OrderID: CurrentOrder] = [:]
        for (partition, ids) in Dictionary(grouping: Set(ids.compactMap(\.self)), by: { knownPartition(of: $0) }) {
            // Small pieces, because buyers' lookups wait behind them.
            for start in stride(from: 0, to: ids.count, by: Self.ordersPerLookup) {
                let ids = ids[start..<min(start + Self.ordersPerLookup, ids.count)]
                for order in try await currentOrders(Array(ids), partition, in: storeID) { orders[order.id] = order }
            }
        }
        return ids.map { id in id.flatMap { orders[$0] } }
    }

    private static let ordersPerLookup = 25

    private func currentOrders(
        _ ids: [OrderID], _ partition: OrderPartition?, in storeID: StoreID
    ) async throws -> [CurrentOrder] {
        // Uses the partition's name if it is known: a plan for all partitions takes far longer than the lookup.
        let suffix = partition.map { "_" + $0.suffix } ?? ""
        let sql = """
            SELECT o.id, d.version, o.document FROM unnest($2::uuid[]) given(id)
            CROSS JOIN LATERAL (
                SELECT * FROM customer_order\(suffix) o WHERE o.store_id = $1 AND o.id = given.id OFFSET 0) o
            CROSS JOIN LATERAL (
                SELECT * FROM order_document\(suffix) d
                WHERE d.store_id = $1 AND d.customer_id = o.customer_id AND d.id = o.id OFFSET 0) d
            """
        let rows = try await read(.merchants(sql), [.text(storeID.text), .uuids(ids.map(\.uuid))], from: .primary) { $0 }
        return try rows.rows.map { row in
            let id = try row.orderID(0)
            return try CurrentOrder(id, in: storeID, version: row.integer(1), document: row.bytes(2))
        }
    }

    package func storeIDs() async throws -> [StoreID] {
        try await orderSessions.repeatably { session in
            try await session.run("SELECT id FROM store ORDER BY id").rows.compactMap { StoreID($0.text(0)) }
        }
    }

    package func orders(of storeID: StoreID, after id: OrderID?, limit: Int) async throws -> [StoredMerchantOrder] {
        try await orderSessions.repeatably { session in
            let orders = try await session.run(
                """
                SELECT o.id, d.version, o.document, d.document, o.customer_id FROM customer_order o
                JOIN order_document d ON d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id
                WHERE o.store_id = $1 AND o.id > $2 ORDER BY o.id LIMIT $3
                """, .text(storeID.text), .uuid(id?.uuid ?? UUIDBytes(high: 0, low: 0)), .integer(Int64(limit)))
            return orders.rows.compactMap { row in
                guard let id = row.uuid(0).flatMap({ OrderID($0) }) else { return nil }
                return StoredMerchantOrder(
                    id, of: Buyer(storeID: storeID, customerID: CustomerID(row.integer(4))), version: row.integer(1),
                    merchantOrder: row.bytes(2), document: row.bytes(3))
            }
        }
    }

    package func write(_ write: OrderWrite) async throws -> OrderWriteResult {
        try await writes.write(write) { try await self.run($0) }
    }

    /// Runs writes as one transaction.
    func run(_ writes: [OrderWrite]) async throws -> [OrderWriteResult] {
        let changes = writes.flatMap(\.changes)
        try await make(OrderPartition.all(of: changes.map(\.id)))
        let noted = NotedChanges(recentOrders)
        var lookups = Lookups()
        lookups.addOrders(changes)
        lookups.addKeys(of: changes)
        lookups.addAnswers(of: writes)
        let locks: [Statement] = [
            // An import holds the lock for one batch of orders, or longer if it is all or nothing.
            Statement("SET LOCAL lock_timeout = '5s'"), .lock(writes.reduce(into: []) { $0.formUnion($1.stores) }),
        ]
        let results = try await noted.whileCommitting {
            try await orderSessions.inTransaction(after: locks + lookups.statements) { session, results in
                noted.discard()
                let found = try lookups.found(in: results.dropFirst(locks.count))
                let plan = WritePlan(writes, known: found.known, answered: found.answered)
                let time = writes.map(\.time).max() ?? .now
                for (storeID, stamps) in try await session.write(plan, after: found.known.stores, at: time) {
                    noted.note(
                        storeID, from: stamps.from, to: stamps.to, TouchedOrders(buyers: plan.changes.touchedBuyers))
                }
                return plan.results
            }
        }
        await waitForReplicas()
        return results
    }
}
