package import Accounts

/// The limits of the API; none where nobody is limited.
package struct Limits: Sendable {
    /// How often each may be done.
    package struct Rates: Sendable {
        /// What one address of the network may call of the routes of signing in.
        package var signInClient = RateLimit(count: 300, seconds: 60)!
        /// What may be tried for one e-mail address, or by one customer who is signed in.
        package var signInAccount = RateLimit(count: 10, seconds: 600)!
        /// What one customer may call.
        package var customer = RateLimit(count: 600, seconds: 60)!

        package init() {}
    }

    package let signInClient: RateLimiter?
    package let signInAccount: RateLimiter?
    package let customer: RateLimiter?

    package init(_ rates: Rates, shared: (any SharedLimits)?) {
        signInClient = RateLimiter(rates.signInClient, name: "sign-in-client", shared: shared)
        signInAccount = RateLimiter(rates.signInAccount, name: "sign-in-account", shared: shared)
        customer = RateLimiter(rates.customer, name: "customer", shared: shared)
    }

    private init() { (signInClient, signInAccount, customer) = (nil, nil, nil) }

    /// Nobody is limited.
    package static let off = Limits()
}
