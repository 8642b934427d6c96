package import Accounts
package import HTTPServing
package import OrderServices

/// The Storefront API v3 for buyers: JSON, signed in by an access token.
package struct StorefrontAPI: Sendable {
    let orders: BuyerOrders
    let customers: Customers
    let signIn: SignIn
    let tokens: AccessTokens
    let access: AccessWatch
    let limits: Limits
    let proxies: TrustedProxies

    /// - Parameters:
    ///   - access: which sites may call; it has to be kept up to date.
    ///   - proxies: whose word about a client's address counts.
    package init(
        orders: BuyerOrders, customers: Customers, signIn: SignIn, tokens: AccessTokens, access: AccessWatch, limits: Limits,
        proxies: TrustedProxies
    ) {
        self.orders = orders
        self.customers = customers
        self.signIn = signIn
        self.tokens = tokens
        self.access = access
        self.limits = limits
        self.proxies = proxies
    }

    static let orderTemplate = "/v3/stores/{store_id}/customers/me/orders/{id}"

    /// Adds this API's addresses.
    package func add(to routes: inout Routes) {
        let store = "/v3/stores/{store_id}"
        routes.get("\(store)/customers/me/orders", asCustomer(listOrders))
        routes.get(Self.orderTemplate, asCustomer(getOrder))
        routes.answerDirectly(answerDirectly)
        routes.get("\(store)/customers/me", asCustomer(getCustomer))
        routes.patch("\(store)/customers/me", asCustomer(changeCustomer))
        routes.post("\(store)/customers/me/set-new-password", asCustomer(setNewPassword))
        routes.get("\(store)/customers/me/addresses", asCustomer(listAddresses))
        routes.post("\(store)/customers/me/addresses", asCustomer(addAddress))
        routes.get("\(store)/customers/me/addresses/{id}", asCustomer(getAddress))
        routes.patch("\(store)/customers/me/addresses/{id}", asCustomer(changeAddress))
        routes.delete("\(store)/customers/me/addresses/{id}", asCustomer(removeAddress))
        routes.post("\(store)/public/auth/login", toSignIn(logIn))
        routes.post("\(store)/public/auth/otp/send", toSignIn(sendCode))
        routes.post("\(store)/public/auth/otp/verify", toSignIn(verifyCode))
        routes.post("\(store)/public/auth/jwt/refresh", toSignIn(refresh))
        routes.post("\(store)/public/auth/jwt/blacklist", toSignIn(signOut))
        routes.post("\(store)/public/auth/forget-password", toSignIn(forgetPassword))
        routes.post("\(store)/public/auth/save-password", toSignIn(savePassword))
        routes.get("/.well-known/jwks.json", getKeys)
        routes.get("/openapi.json", getDescription)
        routes.get("/docs", readDescription)
        routes.crossOrigin = CrossOrigin(isAllowed: isAllowed)
    }
}
