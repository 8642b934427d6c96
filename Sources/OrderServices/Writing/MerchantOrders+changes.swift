package import JSON
package import Orders

/// The changes of orders that are there. Each throws what ``MerchantOrders/order(_:in:)`` does, ``Failure/orderChanged``, and
/// ``MerchantRequest/AnsweredBefore``.
extension MerchantOrders {
    /// Moves orders to other statuses: all of them, or none. An order that has them already stays as it is.
    /// - Returns: each order once, in the order of the names.
    /// - Throws: ``Failure/unknownOrders(_:)``, ``Failure/statusNotAllowed(_:order:)``.
    package func changeStatus(
        _ change: StatusChange, of names: [OrderName], for request: MerchantRequest
    ) async throws -> [MerchantOrderView] {
        try await self.change(names, for: request) { order, time in try moved(order, change, at: time) }
    }

    /// An order after a move.
    /// - Throws: ``Failure/statusNotAllowed(_:order:)``, ``Failure/orderNotUsable(_:order:)``.
    func moved(_ order: CurrentOrder, _ change: StatusChange, at time: Timestamp) throws -> Edited {
        do {
            return try change.applied(to: order, at: time).map { .changed($0) } ?? .unchanged
        } catch let refused as StatusChange.NotAllowed {
            throw Failure.statusNotAllowed(refused, order: order.id)
        } catch let refusal as Refusal {
            throw Failure.orderNotUsable(refusal, order: order.id)
        }
    }

    /// Hides orders from their buyers, and from their merchant's lists: all of them, or none.
    /// - Throws: ``Failure/unknownOrders(_:)``.
    package func delete(_ names: [OrderName], for request: MerchantRequest) async throws -> [MerchantOrderView] {
        try await change(names, for: request) { order, time in .deleted(try order.json.touched(at: time)) }
    }

    /// Changes what is said of an order.
    /// - Throws: ``Failure/invalidContent(_:)`` with everything that is wrong.
    package func edit(_ name: OrderName, _ edit: OrderEdit, for request: MerchantRequest) async throws -> MerchantOrderView {
        let store = try await storage.store(request.storeID)
        return try await change(name, for: request) { order, _ in try edit.applied(to: order, of: store) }
    }

    /// Sets fields of an order that nothing else depends on.
    package func set(
        _ fields: [(name: String, value: JSON)], of name: OrderName, for request: MerchantRequest
    ) async throws -> MerchantOrderView {
        try await change(name, for: request) { order, _ in order.replacing(fields) }
    }

    /// Adds an entry to what is known of where a parcel is. The newest one is the order's `shipment_status`.
    /// - Parameter time: of the entry.
    package func addShipmentStatus(
        _ status: String, _ description: String, at time: Timestamp, to name: OrderName, for request: MerchantRequest
    ) async throws -> MerchantOrderView {
        try await change(name, for: request) { order, _ in
            var entries: [JSON] = []
            if case .array(let before)? = order["shipment_status_history"] { entries = before }
            let isNewest = entries.allSatisfy { entry in
                (entry.optionalText("at") ?? entry.optionalText("timestamp")).flatMap { Timestamp($0) }.map { $0 <= time } ?? true
            }
            entries.append([
                "status": .string(status), "description": .string(description), "timestamp": .string(time.description),
                "timestamp_source": .null,
            ])
            return order.replacing(
                [("shipment_status_history", .array(entries))] + (isNewest ? [("shipment_status", .string(status))] : []))
        }
    }

    /// Gives an order to another customer of the store.
    /// - Throws: ``Failure/invalidContent(_:)`` if there is no such customer.
    package func setCustomer(
        _ id: CustomerID, of name: OrderName, for request: MerchantRequest
    ) async throws -> MerchantOrderView {
        guard let customer = try await storage.customer(id, in: request.storeID) else {
            throw Failure.invalidContent([FieldError("customer_id", "is no customer of this store")])
        }
        return try await change(name, for: request) { order, _ in order.replacing([("customer", customer)]) }
    }

    /// Changes one order.
    private func change(
        _ name: OrderName, for request: MerchantRequest, _ edit: (JSON, Timestamp) throws -> JSON
    ) async throws -> MerchantOrderView {
        try await ofOne {
            try await change([name], for: request) { order, time in
                let before = try order.json
                let after = try edit(before, time)
                return after == before ? .unchanged : .changed(after.touched(at: time))
            }[0]
        }
    }

    /// What is done with the order of an address: if there is none, that is the answer, and no fault of a list.
    func ofOne(_ body: () async throws -> MerchantOrderView) async throws -> MerchantOrderView {
        do { return try await body() } catch let failure as Failure where failure == .unknownOrders([0]) {
            throw Failure.orderNotFound
        }
    }
}
