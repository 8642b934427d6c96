package import Orders

/// The changes of orders, as those hear them who may read the orders.
package struct LiveOrders: Sendable {
    /// A change, and the tag of the order as it is by now; `nil` if the order can't be read any more.
    package typealias Change = (event: OrderEvent, tag: EntityTag?)

    private let storage: any OrderStorage
    private let events: LiveEvents
    private let publicOrders: PublicOrders
    private let publicURL: PublicURL?

    /// A listener who comes back after more events than that begins anew.
    package static let mostMissed = 1000

    package init(storage: any OrderStorage, events: LiveEvents, publicOrders: PublicOrders, publicURL: PublicURL?) {
        self.storage = storage
        self.events = events
        self.publicOrders = publicOrders
        self.publicURL = publicURL
    }

    /// What a listener is told first.
    package struct Beginning: Sendable {
        /// The position from which on events follow.
        package let position: Int64
        /// The tag of the only order, as it is now.
        package let tag: EntityTag?
        /// Whether the listener has missed too much: they are to read everything again.
        package let isAnew: Bool
        /// What has happened since they were here the last time.
        package let missed: [Change]
        /// What happens from now on.
        package let subscription: LiveEvents.Subscription
    }

    /// Listens to one order of a buyer.
    /// - Parameter position: of the last event that the listener has seen; `nil` if they come for the first time.
    /// - Throws: ``Failure/orderNotFound``, ``Failure/unavailable``; ``StorageFailure``.
    package func listen(to reference: OrderReference, of buyer: Buyer, after position: Int64?) async throws -> Beginning {
        let order = try await storage.currentOrder(reference, of: buyer)
        let owner = Buyer(storeID: buyer.storeID, customerID: try order.customerID)
        let subscription = try await events.subscribe(to: .order(order.id), in: buyer.storeID)
        return try await begin(subscription, after: position, tag: try await tag(of: order.id, owner)) { position, limit in
            try await events(of: order.id, in: buyer.storeID, after: position, limit: limit)
        } tag: { [self] event in
            try await tag(of: event.orderID, owner)
        }
    }

    /// Listens to all orders of a buyer.
    /// - Throws: ``Failure/unavailable``; ``StorageFailure``.
    package func listen(toOrdersOf buyer: Buyer, after position: Int64?) async throws -> Beginning {
        let owners = try await storage.owners(with: buyer)
        let subscription = try await events.subscribe(to: .customers(owners), in: buyer.storeID)
        return try await begin(subscription, after: position, tag: nil) { position, limit in
            try await storage.events(of: owners, in: buyer.storeID, after: position, limit: limit)
        } tag: { [self] event in
            try await tag(of: event, buyer)
        }
    }

    /// Listens to an order by its link.
    /// - Throws: ``Failure/publicOrderNotFound``, ``Failure/unavailable``; ``StorageFailure``.
    package func listen(
        toPublic slug: String, in storeID: StoreID, shownTo visitor: Buyer?, after position: Int64?
    ) async throws -> Beginning {
        let id = try await publicOrders.orderID(slug, in: storeID)
        let subscription = try await events.subscribe(to: .order(id), in: storeID)
        let tag = try await publicOrders.tag(slug, in: storeID, shownTo: visitor)
        return try await begin(subscription, after: position, tag: tag) { position, limit in
            try await events(of: id, in: storeID, after: position, limit: limit)
        } tag: { [publicOrders] _ in
            try await publicOrders.tag(slug, in: storeID, shownTo: visitor)
        }
    }

    /// The tag of what a link shows now; `nil` if it leads nowhere any more.
    package func tag(ofPublic slug: String, in storeID: StoreID, shownTo visitor: Buyer?) async throws -> EntityTag? {
        try await publicOrders.tag(slug, in: storeID, shownTo: visitor)
    }

    /// The tag of an order of a buyer's list after an event.
    package func tag(of event: OrderEvent, _ buyer: Buyer) async throws -> EntityTag? {
        guard let owner = try await storage.customers(of: [event.orderID], in: event.storeID)[event.orderID] else { return nil }
        return try await tag(of: event.orderID, Buyer(storeID: buyer.storeID, customerID: owner))
    }

    /// The tag of a buyer's order; `nil` if they have no such order any more.
    package func tag(of id: OrderID, _ owner: Buyer) async throws -> EntityTag? {
        try await withCheckedThrowingContinuation { continuation in
            storage.readVersion(of: .id(id), for: owner) { continuation.resume(with: $0) }
        }.map { EntityTag($0, publicURL: publicURL) }
    }

    private func begin(
        _ subscription: LiveEvents.Subscription, after position: Int64?, tag: EntityTag?,
        _ read: (_ position: Int64, _ limit: Int) async throws -> [OrderEvent],
        tag tagOf: (OrderEvent) async throws -> EntityTag?
    ) async throws -> Beginning {
        guard let position else {
            return Beginning(position: subscription.start, tag: tag, isAnew: false, missed: [], subscription: subscription)
        }
        // One from the future is of another database.
        let events = position > subscription.start ? [] : try await read(position, Self.mostMissed + 1)
        let isAnew = events.count > Self.mostMissed || position > subscription.start
        var missed: [Change] = []
        if !isAnew {
            for event in events where event.position <= subscription.start { missed.append((event, try await tagOf(event))) }
        }
        return Beginning(position: subscription.start, tag: tag, isAnew: isAnew, missed: missed, subscription: subscription)
    }

    /// The events of an order after a position.
    private func events(of id: OrderID, in storeID: StoreID, after position: Int64, limit: Int) async throws -> [OrderEvent] {
        var (found, number): ([OrderEvent], Int64) = ([], 0)
        while found.count < limit {
            let page = try await storage.events(of: id, in: storeID, after: number, limit: 200)
            found += page.filter { $0.position > position }
            guard page.count == 200, let last = page.last else { break }
            number = last.number
        }
        return Array(found.prefix(limit))
    }
}
