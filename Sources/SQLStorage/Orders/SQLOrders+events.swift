package import Orders

extension SQLOrders {
    package func events(of storeID: StoreID, after position: Int64, limit: Int) async throws -> [OrderEvent] {
        // Most callers have already seen every event, which one small row tells.
        guard try await lastPosition(of: storeID) > position else { return [] }
        return try await database.read(
            "\(select) AND position > $2 ORDER BY position LIMIT $3",
            [.text(storeID.text), .integer(position), .integer(Int64(limit))]
        ).map { try OrderEvent($0, storeID) }
    }

    package func events(of orderID: OrderID, in storeID: StoreID, after number: Int64, limit: Int) async throws -> [OrderEvent] {
        try await database.read(
            "\(select) AND order_id = $2 AND number > $3 ORDER BY number LIMIT $4",
            [.text(storeID.text), .orderID(orderID.uuid), .integer(number), .integer(Int64(limit))]
        ).map { try OrderEvent($0, storeID) }
    }

    package func events(_ names: [(orderID: OrderID, number: Int64)], in storeID: StoreID) async throws -> [OrderEvent?] {
        try await database.read(
            "\(select) AND order_id = $2 AND number = $3",
            each: names.map { [.text(storeID.text), .orderID($0.orderID.uuid), .integer($0.number)] }
        ).map { try $0.first.map { try OrderEvent($0, storeID) } }
    }

    package func position(of storeID: StoreID, before time: Timestamp) async throws -> Int64 {
        // There is no index of the times, but they grow with the positions.
        var (before, end) = (Int64(0), try await lastPosition(of: storeID) + 1)
        while end - before > 1 {
            let middle = before + (end - before) / 2
            let event = try await events(of: storeID, after: middle - 1, limit: 1).first
            if let event, event.at < time { before = max(middle, event.position) } else { end = middle }
        }
        return before
    }

    package func events(
        of customers: Set<CustomerID>, in storeID: StoreID, after position: Int64, limit: Int
    ) async throws -> [OrderEvent] {
        guard try await lastPosition(of: storeID) > position else { return [] }
        var ids: Set<UUIDBytes> = []
        for table in ["order_entry", "deleted_order"] {
            let rows = try await database.read(
                "SELECT id FROM \(table) WHERE store_id = $1 AND customer_id = $2",
                each: customers.map { [.text(storeID.text), .integer($0.number)] })
            for row in rows.joined() { ids.insert(try row[0].requiredOrderID()) }
        }
        let found = try await database.read(
            "\(select) AND order_id = $2 AND position > $3",
            each: ids.map { [.text(storeID.text), .orderID($0), .integer(position)] })
        let events = try found.joined().map { try OrderEvent($0, storeID) }
        return Array(events.sorted { $0.position < $1.position }.prefix(limit))
    }

    package func customers(of orders: Set<OrderID>, in storeID: StoreID) async throws -> [OrderID: CustomerID] {
        var customers: [OrderID: CustomerID] = [:]
        let ids = Array(orders)
        for table in ["order_entry", "deleted_order"] {
            let found = try await database.read(
                "SELECT customer_id FROM \(table) WHERE store_id = $1 AND id = $2",
                each: ids.map { [.text(storeID.text), .orderID($0.uuid)] })
            for (id, rows) in zip(ids, found) {
                if let number = rows.first?[0].integer { customers[id] = CustomerID(number) }
            }
        }
        return customers
    }

    package func lastPosition(of storeID: StoreID) async throws -> Int64 { try await lastPositions(of: [storeID])[storeID] ?? 0 }

    package func lastPositions(of stores: [StoreID]) async throws -> [StoreID: Int64] {
        let found = try await database.read(
            "SELECT position FROM event_position WHERE store_id = $1", each: stores.map { [.text($0.text)] })
        return try zip(stores, found).reduce(into: [:]) { $0[$1.0] = try $1.1.first?[0].requiredInteger() ?? 0 }
    }

    private var select: String {
        """
        SELECT position, order_id, number, kind, version, status_from, status_to, payment_status_from, payment_status_to, actor, at
        FROM order_event WHERE store_id = $1
        """
    }
}

extension OrderEvent {
    fileprivate init(_ row: StoredRow, _ storeID: StoreID) throws(StorageFailure) {
        guard let orderID = OrderID(try row[1].requiredOrderID()), let kind = Kind(rawValue: try row[3].requiredText()),
            let actor = Actor(rawValue: try row[9].requiredText())
        else { throw .damaged }
        self.init(
            storeID: storeID, position: try row[0].requiredInteger(), orderID: orderID, number: try row[2].requiredInteger(),
            kind: kind, version: try row[4].requiredInteger(), status: try Self.transition(row[5], row[6]),
            paymentStatus: try Self.transition(row[7], row[8]), by: actor,
            at: Timestamp(microseconds: try row[10].requiredInteger()))
    }

    private static func transition<Status: RawRepresentable<String> & Hashable & Sendable>(
        _ from: StoredValue, _ to: StoredValue
    ) throws(StorageFailure) -> Transition<Status>? {
        func status(_ value: StoredValue) throws(StorageFailure) -> Status? {
            guard let text = value.text else { return nil }
            guard let status = Status(rawValue: text) else { throw .damaged }
            return status
        }
        let transition = Transition(from: try status(from), to: try status(to))
        return transition.from == nil && transition.to == nil ? nil : transition
    }
}
