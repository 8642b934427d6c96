package import Accounts
package import HTTPServing
package import OrderServices

/// The Storefront API v3 for buyers: JSON, signed in by an access token.
package struct StorefrontAPI: Sendable {
    private let access: StorefrontAccess
    private let orders: BuyerOrders
    private let customers: Customers
    private let signIn: SignIn

    /// - Parameters:
    ///   - watch: which sites may call; it has to be kept up to date.
    ///   - proxies: whose word about a client's IP address counts.
    package init(
        orders: BuyerOrders, customers: Customers, signIn: SignIn, tokens: AccessTokens, watch: AccessWatch, limits: Limits,
        proxies: TrustedProxies
    ) {
        self.orders = orders
        self.customers = customers
        self.signIn = signIn
        access = StorefrontAccess(tokens: tokens, watch: watch, limits: limits, proxies: proxies)
    }

    static let store = "/v3/stores/{store_id}"

    /// The groups of its operations, in the order of the description.
    package static let tags = [
        (name: "Orders", description: "A buyer's own orders."),
        (name: "Signing in", description: "From one of the store's own pages, with its storefront key."),
        (name: "Customer", description: "The signed-in customer."),
        (name: "Service", description: "What the service says of itself."),
    ]

    /// Adds this API's routes.
    package func add(to routes: inout Routes) {
        StorefrontOrders(orders: orders, access: access).add(to: &routes)
        SignInRoutes(signIn: signIn, access: access).add(to: &routes)
        ProfileRoutes(customers: customers, signIn: signIn, access: access).add(to: &routes)
        AddressRoutes(customers: customers, access: access).add(to: &routes)
        KeyRoutes(tokens: access.tokens).add(to: &routes)
        routes.add(CrossOrigin(isAllowed: access.isAllowed))
    }
}
