package import JSON
package import Orders

/// A merchant's own orders, and what their systems do with them.
package struct MerchantOrders: Sendable {
    /// The maximum number of orders that are changed at once.
    package static let maximumBulk = 500

    private let storage: any OrderStorage
    private let publicURL: PublicURL?
    private let now: @Sendable () -> Timestamp

    /// - Parameter publicURL: the URL at which buyers reach the service, for the links of orders that have none; `nil` if it is unknown.
    package init(storage: any OrderStorage, publicURL: PublicURL?, now: @escaping @Sendable () -> Timestamp = { .now }) {
        self.storage = storage
        self.publicURL = publicURL
        self.now = now
    }

    /// An order of the store.
    /// - Throws: ``Failure/orderNotFound`` if the store has no such order; ``StorageFailure``.
    package func order(_ name: OrderName, in storeID: StoreID) async throws -> MerchantOrderView {
        guard let current = try await storage.currentOrder(name, in: storeID) else { throw Failure.orderNotFound }
        return try view(current.id, version: current.version, current.document)
    }

    /// The events of an order after a number, oldest first.
    /// - Throws: ``Failure/orderNotFound`` if the store has no such order; ``StorageFailure``.
    package func events(
        of name: OrderName, in storeID: StoreID, after number: Int64, limit: Int
    ) async throws -> [OrderEvent] {
        guard let current = try await storage.currentOrder(name, in: storeID) else { throw Failure.orderNotFound }
        return try await storage.events(of: current.id, in: storeID, after: number, limit: limit)
    }

    /// Moves orders to other statuses: all of them, or none. An order that has them already stays as it is.
    /// - Parameters:
    ///   - isExpected: whether the only order is the one on which the change is based, by its tag; `nil` for any.
    ///   - actor: who is named in the events.
    /// - Returns: each order once, in the order of the names.
    /// - Throws: ``Failure/unknownOrders(_:)``, ``Failure/statusNotAllowed(_:order:)``, ``Failure/orderChanged``; ``StorageFailure``.
    package func changeStatus(
        _ change: StatusChange, of names: [OrderName], in storeID: StoreID, isExpected: ((EntityTag) -> Bool)? = nil,
        by actor: Actor
    ) async throws -> [MerchantOrderView] {
        // Someone else may change an order between reading and writing it.
        for _ in 0..<5 {
            let time = now()
            let current = try await current(names, in: storeID)
            if let isExpected, !current.allSatisfy({ isExpected(EntityTag(merchantVersion: $0.version, publicURL: publicURL)) }) {
                throw Failure.orderChanged
            }
            var changes: [OrderChange] = []
            for order in current {
                if let moved = try moved(order, change, at: time, by: actor) { changes.append(moved) }
            }
            let outcomes = try await storage.write(changes, allOrNothing: true, at: time)
            if outcomes.contains(.refused(.changedConcurrently)) { continue }
            for (change, outcome) in zip(changes, outcomes) {
                if case .refused(let refusal) = outcome { throw Failure.orderNotUsable(refusal, order: change.id) }
            }
            return try await self.current(current.map { .id($0.id) }, in: storeID).map {
                try view($0.id, version: $0.version, $0.document)
            }
        }
        throw Failure.unavailable
    }

    /// The change that moves an order; `nil` if it is there already.
    private func moved(_ order: CurrentOrder, _ change: StatusChange, at time: Timestamp, by actor: Actor) throws -> OrderChange?
    {
        do {
            guard let document = try change.applied(to: order, at: time) else { return nil }
            let text = try JSONText.read(document.encoded)
            return OrderChange(
                id: order.id, before: .order(order), after: try MerchantOrder(text),
                document: try BuyerOrder.document(of: text, id: order.id), by: actor)
        } catch let refused as StatusChange.NotAllowed {
            throw Failure.statusNotAllowed(refused, order: order.id)
        } catch let refusal as Refusal {
            throw Failure.orderNotUsable(refusal, order: order.id)
        }
    }

    /// The orders, each once.
    private func current(_ names: [OrderName], in storeID: StoreID) async throws -> [CurrentOrder] {
        var (orders, unknown): ([CurrentOrder], [Int]) = ([], [])
        var ids: Set<OrderID> = []
        for (position, order) in try await storage.currentOrders(names, in: storeID).enumerated() {
            guard let order else {
                unknown.append(position)
                continue
            }
            if ids.insert(order.id).inserted { orders.append(order) }
        }
        guard unknown.isEmpty else { throw Failure.unknownOrders(unknown) }
        return orders
    }

    private func view(_ id: OrderID, version: Int64, _ document: [UInt8]) throws -> MerchantOrderView {
        do { return MerchantOrderView(id: id, version: version, try JSON(parsing: document), publicURL: publicURL) } catch {
            throw StorageFailure.damaged
        }
    }
}

/// An order as its merchant sees it: everything that was sent, with the ids and links of this service.
package struct MerchantOrderView: Sendable {
    package let id: OrderID
    /// Changes with every change of what is in it.
    package let tag: EntityTag
    package let json: JSON

    init(id: OrderID, version: Int64, _ order: JSON, publicURL: PublicURL?) {
        self.id = id
        tag = EntityTag(merchantVersion: version, publicURL: publicURL)
        var fields: [(name: String, value: JSON)] = [("id", .string(id.description))]
        if case .string(let slug)? = order["secret_slug"], let publicURL {
            // As the buyer's order has them.
            for (name, suffix) in [("public_order_url", ""), ("payment_url", "/success")] {
                if case .string(let own)? = order[name], WebURL(own) != nil { continue }
                fields.append((name, .string(publicURL.link(toOrder: slug) + suffix)))
            }
        }
        json = order.replacing(fields)
    }
}

extension Failure {
    /// Elements of a list of orders are none of the store's.
    /// - Parameter positions: those of the elements, counted from 0.
    package static func unknownOrders(_ positions: [Int]) -> Failure {
        .invalidContent(positions.map { FieldError("ids[\($0)]", "is no order of this store") })
    }

    /// The order may not move to that status.
    package static func statusNotAllowed(_ refused: StatusChange.NotAllowed, order: OrderID) -> Failure {
        Failure(
            .stateConflict, "status_not_allowed",
            "\(refused.field) of order \(order) can't become that from \(refused.from): allowed is \(refused.allowed.joined(separator: ", "))"
        )
    }

    /// An order is stored that can't be changed as it is.
    fileprivate static func orderNotUsable(_ refusal: Refusal, order: OrderID) -> Failure {
        Failure(.stateConflict, "order_not_usable", "Order \(order) can't be changed: \(refusal)")
    }

    /// The order is not what the change is based on.
    package static let orderChanged = Failure(
        .preconditionFailed, "order_changed", "The order was changed in the meantime: read it again")
}
