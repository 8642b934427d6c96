import JSON
package import Orders

/// The secret links of orders, for their merchants and their buyers: to look at, to replace, and to end.
package struct OrderLinks: Sendable {
    private let storage: any OrderStorage
    private let links: any OrderLinkStorage
    private let orders: MerchantOrders

    /// Of so many hours with looks a merchant is told.
    private static let hours = 100

    /// - Parameter publicURL: as that of ``MerchantOrders``.
    package init(storage: any OrderStorage, links: any OrderLinkStorage, publicURL: PublicURL?) {
        self.storage = storage
        self.links = links
        orders = MerchantOrders(storage: storage, publicURL: publicURL)
    }

    /// An order's link, with its latest looks.
    /// - Throws: ``Failure/orderNotFound``; ``StorageFailure``.
    package func link(of name: OrderName, in storeID: StoreID) async throws -> OrderLink {
        let order = try await orders.order(name, in: storeID)
        return order.link(
            endsAt: try await links.linkEnd(of: order.id, in: storeID),
            looks: try await links.looks(at: order.id, in: storeID, limit: Self.hours))
    }

    /// Changes an order's link.
    /// - Parameter owner: whose order it has to be, or that of somebody with the same address; `nil` for the merchant.
    /// - Returns: the order, whose link is that of ``MerchantOrderView/link(after:)`` then.
    /// - Throws: ``Failure/orderNotFound``, ``Failure/orderChanged``; ``MerchantRequest/AnsweredBefore``; ``StorageFailure``.
    package func change(
        _ name: OrderName, _ change: OrderLinkChange, of owner: Buyer?, for request: MerchantRequest
    ) async throws -> MerchantOrderView {
        var owners: Set<CustomerID>?
        if let owner { owners = try await storage.owners(with: owner) }
        guard let found = try await storage.currentOrder(name, in: request.storeID) else { throw Failure.orderNotFound }
        try check(found, owners)
        // Ended before the secret is replaced, and opened after: if only one of both is done, the link is not open any longer than it was to be.
        if let end = change.newEnd { try await links.setLinkEnd(end, of: found.id, in: request.storeID) }
        let order = try await orders.ofOne {
            try await orders.change([.id(found.id)], for: request) { order, time in
                try check(order, owners)
                guard change.rotates else { return .unchanged }
                var generator = SystemRandomNumberGenerator()
                let slug = NewOrder.secretSlug(using: &generator)
                // Links of the order's own have the old secret in them.
                return .changed(
                    try order.json.replacing([
                        ("secret_slug", .string(slug)), ("public_order_url", .null), ("payment_url", .null),
                    ])
                    .touched(at: time))
            }[0]
        }
        if change.newEnd == nil { try await links.setLinkEnd(nil, of: found.id, in: request.storeID) }
        return order
    }

    private func check(_ order: CurrentOrder, _ owners: Set<CustomerID>?) throws {
        guard let owners else { return }
        guard owners.contains(try order.customerID) else { throw Failure.orderNotFound }
    }
}

extension OrderLinkChange {
    /// From when on the link leads nowhere after the change.
    fileprivate var newEnd: Timestamp? { if case .at(let end)? = end { end } else { nil } }
}

extension MerchantOrderView {
    /// The order's link after a change of it, without its looks.
    package func link(after change: OrderLinkChange) -> OrderLink { link(endsAt: change.newEnd, looks: []) }

    fileprivate func link(endsAt: Timestamp?, looks: [OrderLooks]) -> OrderLink {
        OrderLink(
            orderID: id, secretSlug: json.optionalText("secret_slug") ?? "", url: json.optionalText("public_order_url"),
            endsAt: endsAt, looks: looks)
    }
}
