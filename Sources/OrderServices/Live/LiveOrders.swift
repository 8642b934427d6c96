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
    package func listen(
        to reference: OrderReference, of buyer: Buyer, after position: Int64?, receive: @escaping LiveEvents.Receive
    ) async throws -> Beginning {
        let order = try await storage.currentOrder(reference, of: buyer)
        let subscription = try await events.subscribe(to: .order(order.id), in: buyer.storeID, receive: receive)
        let missed = try await missed(subscription, after: position, in: buyer.storeID) { position in
            try await events(of: order.id, in: buyer.storeID, after: position)
        }
        let tag = try await change(of: order.id, in: buyer.storeID).tag
        return Beginning(subscription, missed?.map { ($0, tag) }, tag: tag)
    }

    /// Listens to all orders of a buyer.
    /// - Throws: ``Failure/unavailable``; ``StorageFailure``.
    package func listen(toOrdersOf buyer: Buyer, after position: Int64?, receive: @escaping LiveEvents.Receive) async throws
        -> Beginning
    {
        let owners = try await storage.owners(with: buyer)
        let subscription = try await events.subscribe(to: .customers(owners), in: buyer.storeID, receive: receive)
        let missed = try await missed(subscription, after: position, in: buyer.storeID) { position in
            try await storage.events(of: owners, in: buyer.storeID, after: position, limit: Self.mostMissed + 1)
        }
        var tags: [OrderID: EntityTag?] = [:]
        for id in Set(missed?.map(\.orderID) ?? []) { tags[id] = try await change(of: id, in: buyer.storeID).tag }
        return Beginning(subscription, missed?.map { ($0, tags[$0.orderID] ?? nil) }, tag: nil)
    }

    /// Listens to an order by its link.
    /// - Throws: ``Failure/publicOrderNotFound``, ``Failure/unavailable``; ``StorageFailure``.
    package func listen(
        toPublic slug: String, in storeID: StoreID, shownTo visitor: Buyer?, after position: Int64?,
        receive: @escaping LiveEvents.Receive
    ) async throws -> Beginning {
        let id = try await publicOrders.orderID(slug, in: storeID)
        let subscription = try await events.subscribe(to: .order(id), in: storeID, receive: receive)
        let missed = try await missed(subscription, after: position, in: storeID) { position in
            try await events(of: id, in: storeID, after: position)
        }
        let tag = try await tag(ofPublic: slug, in: storeID, shownTo: visitor)
        return Beginning(subscription, missed?.map { ($0, tag) }, tag: tag)
    }

    /// The tag of what a link shows now; `nil` if it leads nowhere any more.
    package func tag(ofPublic slug: String, in storeID: StoreID, shownTo visitor: Buyer?) async throws -> EntityTag? {
        try await publicOrders.tag(slug, in: storeID, shownTo: visitor)
    }

    /// Whose an order is by now, deleted or not, and its tag as they see it; `nil` if they can't read it any more.
    package func change(of id: OrderID, in storeID: StoreID) async throws -> (owner: CustomerID?, tag: EntityTag?) {
        guard let owner = try await storage.customers(of: [id], in: storeID)[id] else { return (nil, nil) }
        let version = try await storage.version(of: id, for: Buyer(storeID: storeID, customerID: owner))
        return (owner, version.map { EntityTag($0, publicURL: publicURL) })
    }

    /// Whether a buyer may read the orders of a customer by now.
    package func isTheirs(_ owner: CustomerID?, _ buyer: Buyer) async throws -> Bool {
        guard let owner else { return false }
        if owner == buyer.customerID { return true }
        return try await storage.owners(with: buyer).contains(owner)
    }

    /// What a listener who was there before has missed.
    /// - Returns: `nil` if it is too much, or they have seen events of another database.
    private func missed(
        _ subscription: LiveEvents.Subscription, after position: Int64?, in storeID: StoreID,
        _ read: (_ position: Int64) async throws -> [OrderEvent]
    ) async throws -> [OrderEvent]? {
        await storage.settle()
        guard let position else { return [] }
        if position > subscription.start {
            // Another server may have handed out a little more than this one.
            return try await storage.lastPosition(of: storeID) < position ? nil : []
        }
        let events = try await read(position)
        return events.count > Self.mostMissed ? nil : events.filter { $0.position <= subscription.start }
    }

    /// The events of an order after a position: at most one more than ``mostMissed``.
    private func events(of id: OrderID, in storeID: StoreID, after position: Int64) async throws -> [OrderEvent] {
        var (found, number): ([OrderEvent], Int64) = ([], 0)
        while found.count <= Self.mostMissed {
            let page = try await storage.events(of: id, in: storeID, after: number, limit: 200)
            found += page.filter { $0.position > position }
            guard page.count == 200, let last = page.last else { break }
            number = last.number
        }
        return found
    }
}

extension LiveOrders.Beginning {
    fileprivate init(_ subscription: LiveEvents.Subscription, _ missed: [LiveOrders.Change]?, tag: EntityTag?) {
        self.init(
            position: subscription.start, tag: tag, isAnew: missed == nil, missed: missed ?? [], subscription: subscription)
    }
}
