package import HTTPServing
package import OrderServices
package import Orders

/// The business API v3 for a merchant's own systems: JSON, with secret keys; and the webhooks of
/// other systems.
package struct BusinessAPI: Sendable {
    private let orders: MerchantOrders
    private let links: OrderLinks
    private let proofs: TransferProofs
    private let records: MerchantRecords
    private let webhooks: WebhookRoutes.Services
    private let mirror: Mirror
    private let access: BusinessAccess

    /// - Parameter watch: the keys; the caller must keep it up to date.
    package init(
        orders: MerchantOrders, links: OrderLinks, proofs: TransferProofs, records: MerchantRecords,
        deliveries: WebhookDeliveries, stream: WebhookStream, webhookTargets: WebhookTargets, mirror: Mirror, watch: AccessWatch
    ) {
        self.orders = orders
        self.links = links
        self.proofs = proofs
        self.records = records
        webhooks = WebhookRoutes.Services(records: records, deliveries: deliveries, stream: stream, targets: webhookTargets)
        self.mirror = mirror
        access = BusinessAccess(watch: watch)
    }

    /// The groups of operations, in the order of the description.
    package static let tags = [
        (name: "Merchant's orders", description: "The orders of a store, for its merchant's own systems."),
        (name: "Merchant's store", description: "A store, and who has access to it from browsers."),
        (name: "Merchant's customers", description: "The customers of a store and their addresses."),
        (name: "Webhooks", description: "Where the events of a store are sent, and what was delivered."),
        (name: "Mirror", description: "What the other side of a mirrored store sends."),
    ]

    /// Adds this API's routes.
    package func add(to routes: inout Routes) {
        OrderRoutes(orders: orders, links: links, access: access).add(to: &routes)
        TransferProofRoutes(proofs: proofs, orders: orders, access: access).add(to: &routes)
        StoreRoutes(records: records, access: access).add(to: &routes)
        CustomerRoutes(records: records, access: access).add(to: &routes)
        WebhookRoutes(services: webhooks, access: access).add(to: &routes)
        MirrorRoutes(mirror: mirror).add(to: &routes)
    }
}
