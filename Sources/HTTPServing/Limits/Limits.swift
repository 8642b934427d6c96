package import Accounts

/// The API's limits; each is `nil` if nobody is limited.
package struct Limits: Sendable {
    /// The rate of each limit.
    package struct Rates: Sendable {
        /// Sign-in requests from one IP address.
        package var signInClient = RateLimit(count: 300, seconds: 60)!
        /// Attempts for one e-mail address from one IP address, or by one signed-in customer.
        package var signInAccount = RateLimit(count: 10, seconds: 600)!
        /// Attempts for one e-mail address from all IP addresses from which nobody has signed in with it.
        package var signInAddress = RateLimit(count: 100, seconds: 86400)!
        /// Requests for public orders from one IP address.
        package var publicClient = RateLimit(count: 1200, seconds: 60)!
        /// Changes of one public order from one IP address.
        package var publicReport = RateLimit(count: 20, seconds: 600)!
        /// Requests of one customer.
        package var customer = RateLimit(count: 600, seconds: 60)!

        package init() {}
    }

    package let signInClient: RateLimiter?
    package let signInAccount: RateLimiter?
    package let signInAddress: RateLimiter?
    package let publicClient: RateLimiter?
    package let publicReport: RateLimiter?
    package let customer: RateLimiter?

    package init(_ rates: Rates, shared: (any SharedLimits)?) {
        signInClient = RateLimiter(rates.signInClient, name: "sign-in-client", shared: shared)
        signInAccount = RateLimiter(rates.signInAccount, name: "sign-in-account", shared: shared)
        signInAddress = RateLimiter(rates.signInAddress, name: "sign-in-address", shared: shared)
        publicClient = RateLimiter(rates.publicClient, name: "public-client", shared: shared)
        publicReport = RateLimiter(rates.publicReport, name: "public-report", shared: shared)
        customer = RateLimiter(rates.customer, name: "customer", shared: shared)
    }

    private init() {
        (signInClient, signInAccount, signInAddress, publicClient, publicReport, customer) =
            (nil, nil, nil, nil, nil, nil)
    }

    /// Nobody is limited.
    package static let off = Limits()
}
