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

    package func lastPosition(of storeID: StoreID) async throws -> Int64 {
        try await database.read("SELECT position FROM event_position WHERE store_id = $1", [.text(storeID.text)])
            .first?[0].requiredInteger() ?? 0
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
