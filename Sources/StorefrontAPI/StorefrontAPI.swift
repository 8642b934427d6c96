package import Accounts
package import HTTPServing
package import OrderServices

/// The Storefront API v3 for buyers: JSON, signed in by an access token.
package struct StorefrontAPI: Sendable {
    let orders: BuyerOrders
    let tokens: AccessTokens
    /// The keys that tokens are signed with, as a JSON Web Key Set.
    let publicKeys: [UInt8]

    package init(orders: BuyerOrders, tokens: AccessTokens, publicKeys: [UInt8]) {
        self.orders = orders
        self.tokens = tokens
        self.publicKeys = publicKeys
    }

    static let orderTemplate = "/v3/stores/{store_id}/customers/me/orders/{id}"

    /// Adds this API's addresses.
    package func add(to routes: inout Routes) {
        routes.get("/v3/stores/{store_id}/customers/me/orders", listOrders)
        routes.get(Self.orderTemplate, getOrder)
        routes.answerDirectly(answerDirectly)
        routes.get("/.well-known/jwks.json", getKeys)
        routes.get("/openapi.json", getDescription)
        routes.get("/docs", readDescription)
    }
}
