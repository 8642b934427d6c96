package import Accounts
package import HTTPServing
package import OrderServices

/// The Storefront API v3 for buyers: JSON, with access tokens.
package struct StorefrontAPI: Sendable {
    private let access: StorefrontAccess
    private let orders: BuyerOrders
    private let publicOrders: PublicOrders
    private let live: LiveOrders
    private let payments: BuyerPayments
    private let parcels: BuyerParcels
    private let links: OrderLinks
    private let proofs: TransferProofs
    private let proofAddresses: ReportedProofs
    private let customers: Customers
    private let signIn: SignIn

    /// - Parameters:
    ///   - watch: the rules about which sites may call; the caller must keep it up to date.
    ///   - proxies: the proxies that are trusted to state a client's IP address.
    package init(
        orders: BuyerOrders, publicOrders: PublicOrders, live: LiveOrders, payments: BuyerPayments, parcels: BuyerParcels,
        links: OrderLinks, proofs: TransferProofs, proofAddresses: ReportedProofs,
        customers: Customers,
        signIn: SignIn, tokens: AccessTokens, watch: AccessWatch, limits: Limits, proxies: TrustedProxies
    ) {
        self.orders = orders
        self.publicOrders = publicOrders
        self.live = live
        self.payments = payments
        self.parcels = parcels
        self.links = links
        self.proofs = proofs
        self.proofAddresses = proofAddresses
        self.customers = customers
        self.signIn = signIn
        access = StorefrontAccess(tokens: tokens, watch: watch, limits: limits, proxies: proxies)
    }

    static let store = "/v3/stores/{store_id}"

    /// The groups of operations, in the order of the description.
    package static let tags = [
        (name: "Orders", description: "A buyer's own orders."),
        (name: "Public orders", description: "Orders by their secret links, for pages of a store, with its storefront key."),
        (name: "Signing in", description: "From one of the store's own pages, with its storefront key."),
        (name: "Customer", description: "The signed-in customer."),
    ]

    /// Adds this API's routes.
    package func add(to routes: inout Routes) {
        StorefrontOrders(orders: orders, access: access).add(to: &routes)
        OrderFollowUpRoutes(payments: payments, parcels: parcels, links: links, access: access).add(to: &routes)
        LiveRoutes(live: live, publicOrders: publicOrders, access: access).add(to: &routes)
        PublicOrderRoutes(orders: publicOrders, access: access).add(to: &routes)
        TransferProofRoutes(proofs: proofs, addresses: proofAddresses, access: access).add(to: &routes)
        SignInRoutes(signIn: signIn, access: access).add(to: &routes)
        ProfileRoutes(customers: customers, signIn: signIn, access: access).add(to: &routes)
        AddressRoutes(customers: customers, access: access).add(to: &routes)
        KeyRoutes(tokens: access.tokens).add(to: &routes)
        routes.add(CrossOrigin(isAllowed: access.isAllowed))
    }
}
