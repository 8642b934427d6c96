package import HTTPServing
package import OrderServices

/// The business API v3 for a merchant's own systems: JSON, with secret keys.
package struct BusinessAPI: Sendable {
    private let orders: MerchantOrders
    private let mirror: Mirror
    private let access: BusinessAccess

    /// - Parameter watch: the keys; the caller must keep it up to date.
    package init(orders: MerchantOrders, mirror: Mirror, watch: AccessWatch) {
        self.orders = orders
        self.mirror = mirror
        access = BusinessAccess(watch: watch)
    }

    /// The groups of operations, in the order of the description.
    package static let tags = [
        (name: "Merchant's orders", description: "The orders of a store, for its merchant's own systems."),
        (name: "Webhooks", description: "What other systems send."),
    ]

    /// Adds this API's routes.
    package func add(to routes: inout Routes) {
        OrderRoutes(orders: orders, access: access).add(to: &routes)
        WebhookRoutes(mirror: mirror).add(to: &routes)
    }
}
