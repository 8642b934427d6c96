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
            endsAt: try await links.linkEnd(of: order.json.optionalText("secret_slug") ?? "", in: storeID),
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
        return try await orders.ofOne {
            try await orders.change(
                [.id(found.id)], for: request,
                ending: { before, after, time in
                    let old = try before[0].json.optionalText("secret_slug") ?? ""
                    let new = after[0].json.optionalText("secret_slug") ?? ""
                    // The old secret must not come back, whatever an import or the other side of a mirror says later.
                    let ends = change.rotates ? [OrderLinkEnd(of: old, in: request.storeID, at: time)] : []
                    // An order without a secret has no link.
                    return (ends + [OrderLinkEnd(of: new, in: request.storeID, at: change.newEnd)]).filter {
                        !$0.secretSlug.isEmpty
                    }
                }
            ) { order, time in
                try check(order, owners)
                guard change.rotates else { return .unchanged }
                var generator = SystemRandomNumberGenerator()
                let slug = NewOrder.secretSlug(using: &generator)
                // Links of the order's own have the old secret in them.
                let links = ["public_order_url", "payment_url", "redirect_url"].map { (name: $0, value: JSON.null) }
                return .changed(try order.json.replacing([("secret_slug", .string(slug))] + links).touched(at: time))
            }[0]
        }
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
