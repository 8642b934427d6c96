package import HTTPServing
package import OrderServices

/// The business API v3 for a merchant's own systems: JSON, with secret keys; and the webhooks of other systems.
package struct BusinessAPI: Sendable {
    private let orders: MerchantOrders
    private let stores: MerchantStores
    private let customers: MerchantCustomers
    private let addresses: Customers
    private let mirror: Mirror
    private let access: BusinessAccess

    /// - Parameter watch: the keys; the caller must keep it up to date.
    package init(
        orders: MerchantOrders, stores: MerchantStores, customers: MerchantCustomers, addresses: Customers, mirror: Mirror,
        watch: AccessWatch
    ) {
        self.orders = orders
        self.stores = stores
        self.customers = customers
        self.addresses = addresses
        self.mirror = mirror
        access = BusinessAccess(watch: watch)
    }

    /// The groups of operations, in the order of the description.
    package static let tags = [
        (name: "Merchant's orders", description: "The orders of a store, for its merchant's own systems."),
        (name: "Merchant's store", description: "A store, and who has access to it from browsers."),
        (name: "Merchant's customers", description: "The customers of a store and their addresses."),
        (name: "Webhooks", description: "What other systems send."),
    ]

    /// Adds this API's routes.
    package func add(to routes: inout Routes) {
        OrderRoutes(orders: orders, access: access).add(to: &routes)
        StoreRoutes(stores: stores, access: access).add(to: &routes)
        CustomerRoutes(customers: customers, addresses: addresses, access: access).add(to: &routes)
        WebhookRoutes(mirror: mirror).add(to: &routes)
    }
}
