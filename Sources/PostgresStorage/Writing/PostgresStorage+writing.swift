package import Orders
import SQLStorage

extension PostgresStorage {
    package func currentOrder(_ reference: OrderReference, in storeID: StoreID) async throws -> CurrentOrder? {
        try await orderSessions.repeatably { session in
            let id: OrderID?
            switch reference {
            case .id(let given): id = given
            case .legacy(let legacyID):
                id = try await session.run(
                    ReadStatement.legacyIDs.sql, .text(storeID.text), .texts([String(legacyID.number)])
                ).legacyOrderIDs()[legacyID]
            }
            guard let id else { return nil }
            // Uses the partition's name if it is known: a plan for all partitions takes far longer than the lookup.
            let suffix = knownPartition(of: id).map { "_" + $0.suffix } ?? ""
            let orders = try await session.run(
                """
                SELECT d.version, o.document FROM customer_order\(suffix) o
                JOIN order_document\(suffix) d ON d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id
                WHERE o.store_id = $1 AND o.id = $2
                """, .text(storeID.text), .uuid(id.uuid))
            return try orders.rows.first.map { try CurrentOrder(id, in: storeID, version: $0.integer(0), document: $0.bytes(1)) }
        }
    }

    package func storeIDs() async throws -> [StoreID] {
        try await orderSessions.repeatably { session in
            try await session.run("SELECT id FROM store ORDER BY id").rows.compactMap { StoreID($0.text(0)) }
        }
    }

    package func remakeStore(_ storeID: StoreID, at time: Timestamp) async throws -> WriteOutcome {
        try await orderSessions.inTransaction { session in
            try await session.lock([storeID])
            let rows = try await session.run("SELECT merchant_document FROM store WHERE id = $1", .text(storeID.text))
            guard let row = rows.rows.first else { return .refused(.unknownStore) }
            let document = try StoredDocument.merchantStore(storeID).opened(row.bytes(0))
            let store: MerchantStore
            do throws(Refusal) { store = try MerchantStore(.read(document)) } catch { return .refused(error) }
            return try await session.write(store, at: time)
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

    package func write(_ changes: [OrderChange], allOrNothing: Bool, at time: Timestamp) async throws -> [WriteOutcome] {
        guard !changes.isEmpty else { return [] }
        try await make(OrderPartition.all(of: changes.map(\.id)))
        let noted = NotedChanges(recentOrders)
        let outcomes = try await noted.whileCommitting {
            try await orderSessions.inTransaction { session in
                noted.discard()
                // An import holds the lock for one batch of orders, or longer if it is all or nothing.
                try await session.runScript("SET LOCAL lock_timeout = '5s'")
                try await session.lock(Set(changes.map(\.after.storeID)))
                var known = try await session.known(for: changes)
                known.keys = try await session.keys(for: changes)
                let plan = ChangePlan(changes, known: known, at: time)
                guard !(allOrNothing && plan.outcomes.contains(where: \.isRefused)) else { return plan.outcomes }
                var positions = known.stores
                let events = plan.changes.positionedEvents(after: &positions)
                for (storeID, stamps) in try await session.apply(plan.changes, at: time) {
                    noted.note(
                        storeID, from: stamps.from, to: stamps.to, TouchedOrders(buyers: plan.changes.touchedBuyers))
                }
                try await session.append(events, at: time)
                try await session.raisePositions(from: known.stores, to: positions)
                return plan.outcomes
            }
        }
        await waitForReplicas()
        return outcomes
    }
}
