import JSON
package import Orders

/// A merchant's own orders, and what their systems do with them.
package struct MerchantOrders: Sendable {
    /// The maximum number of orders that are changed at once.
    package static let maximumBulk = 500
    /// How often a change is tried while others change the same orders.
    static let attempts = 8

    let storage: any OrderStorage
    let publicURL: PublicURL?
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
        return view(current.id, version: current.version, try current.json)
    }

    /// The events of an order after a number, oldest first.
    /// - Throws: ``Failure/orderNotFound`` if the store has no such order; ``StorageFailure``.
    package func events(
        of name: OrderName, in storeID: StoreID, after number: Int64, limit: Int
    ) async throws -> [OrderEvent] {
        guard let current = try await storage.currentOrder(name, in: storeID) else { throw Failure.orderNotFound }
        return try await storage.events(of: current.id, in: storeID, after: number, limit: limit)
    }

    /// The answer to an earlier request with the same key; `nil` if there was none in the last day.
    /// - Throws: ``StorageFailure``.
    package func answer(to key: RequestKey) async throws -> RememberedAnswer? {
        try await storage.answer(to: key, at: now())
    }

    /// An order after an edit.
    enum Edited {
        case unchanged
        case changed(JSON)
        case deleted(JSON)
    }

    /// Changes orders: all of them, or none.
    /// - Parameters:
    ///   - further: makes orders that are created along with the changes.
    ///   - links: the ends of links that are set along with the changes, of the orders before and after.
    ///   - edit: the order after the change, at a time.
    /// - Returns: each changed order once, in the order of the names, and then the created ones.
    /// - Throws: ``Failure/unknownOrders(_:)``, ``Failure/orderChanged``, what `edit` throws; ``MerchantRequest/AnsweredBefore``; ``StorageFailure``.
    func change(
        _ names: [OrderName], for request: MerchantRequest,
        creating further: ([CurrentOrder], Timestamp) async throws -> [NewOrder] = { _, _ in [] },
        ending links: ([CurrentOrder], [MerchantOrderView], Timestamp) throws -> [OrderLinkEnd] = { _, _, _ in [] },
        _ edit: (CurrentOrder, Timestamp) throws -> Edited
    ) async throws -> [MerchantOrderView] {
        for attempt in 0..<Self.attempts {
            let time = now()
            let current = try await current(names, in: request.storeID)
            if let isExpected = request.isExpected {
                let areExpected = current.allSatisfy { isExpected(EntityTag(merchantVersion: $0.version, publicURL: publicURL)) }
                guard areExpected else { throw Failure.orderChanged }
            }
            var (changes, views): ([OrderChange], [MerchantOrderView]) = ([], [])
            for order in current {
                let json: JSON
                switch try edit(order, time) {
                case .unchanged:
                    views.append(view(order.id, version: order.version, try order.json))
                    continue
                case .changed(let changed):
                    json = changed
                    changes.append(try OrderChange(order.id, .order(order), json, by: request.actor))
                case .deleted(let last):
                    json = last
                    let after = try OrderChange(order.id, .order(order), json, by: request.actor).after
                    changes.append(
                        OrderChange(id: order.id, before: .order(order), after: after, document: nil, by: request.actor))
                }
                views.append(view(order.id, version: OrderVersion.next(after: order.version, at: time), json))
            }
            for order in try await further(current, time) {
                changes.append(
                    try OrderChange(order.id, .nothing, order.json, of: order, by: request.actor))
                views.append(view(order.id, version: OrderVersion.next(after: nil, at: time), order.json))
            }
            if try await write(changes, views, ending: try links(current, views, time), for: request, at: time) { return views }
            // Whoever else changes the same orders gets ahead, and then it is quiet.
            try await Task.sleep(for: .milliseconds(Int.random(in: 1...(4 << attempt))))
        }
        throw Failure.unavailable
    }

    /// Another order has made a customer with the same address in the meantime.
    struct CustomerMadeConcurrently: Error {}

    /// - Returns: false if someone else has changed an order in the meantime.
    private func write(
        _ changes: [OrderChange], _ views: [MerchantOrderView], ending links: [OrderLinkEnd], for request: MerchantRequest,
        at time: Timestamp
    ) async throws -> Bool {
        let answer = request.answer?(views, time)
        guard !changes.isEmpty || !links.isEmpty || answer != nil else { return true }
        let write = OrderWrite(changes, allOrNothing: true, answer: answer, linkEnds: links, at: time)
        switch try await storage.write(write) {
        case .answeredBefore: throw MerchantRequest.AnsweredBefore()
        case .written(let outcomes):
            if outcomes.contains(.refused(.changedConcurrently)) { return false }
            if outcomes.contains(.refused(.numberTaken)) {
                throw Failure.invalidContent([FieldError("order_id", Refusal.numberTaken.reason)])
            }
            if outcomes.contains(.refused(.customerMadeConcurrently)) { throw CustomerMadeConcurrently() }
            for (change, outcome) in zip(changes, outcomes) {
                if case .refused(let refusal) = outcome { throw Failure.orderNotUsable(refusal, order: change.id) }
            }
            return true
        }
    }

    /// The orders, each once.
    private func current(_ names: [OrderName], in storeID: StoreID) async throws -> [CurrentOrder] {
        guard !names.isEmpty else { return [] }
        let found = try await storage.currentOrders(names, in: storeID)
        let unknown = found.indices.filter { found[$0] == nil }
        guard unknown.isEmpty else { throw Failure.unknownOrders(unknown) }
        var ids: Set<OrderID> = []
        return found.compactMap { $0 }.filter { ids.insert($0.id).inserted }
    }

    func view(_ id: OrderID, version: Int64, _ order: JSON) -> MerchantOrderView {
        MerchantOrderView(id: id, version: version, order, publicURL: publicURL)
    }
}

extension CurrentOrder {
    /// The merchant's order.
    /// - Throws: ``StorageFailure/damaged``.
    var json: JSON {
        get throws {
            do { return try JSON(parsing: document) } catch { throw StorageFailure.damaged }
        }
    }
}

extension CurrentOrder {
    /// Whose order it is.
    /// - Throws: ``StorageFailure/damaged``.
    var customerID: CustomerID {
        get throws {
            do { return try MerchantOrder(JSONText.read(document)).customer.id } catch { throw StorageFailure.damaged }
        }
    }
}

extension OrderChange {
    /// The change that makes an order what a merchant's JSON says.
    /// - Throws: ``Failure`` if no buyer's order can be made of it.
    convenience init(
        _ id: OrderID, _ before: Before, _ json: JSON, of new: NewOrder? = nil, by actor: Actor
    ) throws {
        do throws(Refusal) {
            let text = try JSONText.read(json.encoded)
            self.init(
                id: id, before: before, after: try MerchantOrder(text), document: try BuyerOrder.document(of: text, id: id),
                makesCustomer: new?.makesCustomer ?? false, claimsNumber: new != nil, by: actor)
        } catch {
            throw Failure.orderNotUsable(error, order: id)
        }
    }
}
