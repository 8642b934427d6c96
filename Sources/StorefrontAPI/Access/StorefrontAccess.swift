import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// Who may call the Storefront API: signed-in customers, and pages of a store with its key.
struct StorefrontAccess: Sendable {
    let tokens: AccessTokens
    let watch: AccessWatch
    let limits: Limits
    let proxies: TrustedProxies

    /// Signed-in customers of the path's store, each within their limit.
    var customer: Access<Buyer> {
        Access(
            SecurityScheme(
                "accessToken",
                [
                    "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
                    "description": "An access token of a customer of the store of the path.",
                ]), refusals: [400, 401, 429, 503]
        ) { call in
            let buyer = try await buyer(call)
            return .init(buyer, within: limits.customer?.spend(by: buyer.customerID.description, in: buyer.storeID))
        }
    }

    static let keyField = HTTPField.Name("X-Scalev-Storefront-Api-Key")!

    private static let storefrontKey = SecurityScheme(
        "storefrontKey",
        [
            "type": "apiKey", "in": "header", "name": "X-Scalev-Storefront-Api-Key",
            "description": "A storefront key of the store of the path. It is public.",
        ])

    /// Anyone who presents the store's key, with each IP address within its sign-in limit.
    var storefront: Access<StorefrontCaller> {
        Access(Self.storefrontKey, refusals: [400, 404, 429, 503]) { call in
            let caller = caller(call, try storeWithKey(call))
            return .init(caller, within: await limits.signInClient?.spendShared(by: caller.client ?? "", in: caller.storeID))
        }
    }

    /// Anyone who presents the store's key, and their access token if they have signed in, with each IP address within its limit.
    var visitor: Access<Visitor> {
        Access(Self.storefrontKey, refusals: [400, 401, 404, 429, 503]) { call in
            let storeID = try storeWithKey(call)
            let client = proxies.client(of: call.request, call.context)
            let allowance = limits.publicClient?.spend(by: client ?? "", in: storeID)
            let isSignedIn = call.request.headers[.authorization] != nil
            return .init(Visitor(storeID: storeID, buyer: isSignedIn ? try await buyer(call) : nil), within: allowance)
        }
    }

    /// Anyone with an address that nobody guesses, with each IP address within its limit.
    var holder: Access<StoreID?> {
        Access(nil, refusals: [404, 429, 503]) { call in
            guard let storeID = call.storeID else { return .init(nil, within: nil) }
            let client = proxies.client(of: call.request, call.context)
            return .init(storeID, within: limits.publicClient?.spend(by: client ?? "", in: storeID))
        }
    }

    /// Whether a key that a call has presented is one of the store's, even now.
    func hasKey(_ call: Call, of storeID: StoreID) -> Bool {
        call.request.headers[.storefrontKey].map { watch.directory.has($0, of: storeID) } ?? false
    }

    /// The store of the path, whose key is presented.
    /// - Throws: ``Failure/storeNotFound``, which is the same for an unknown store and for a wrong key.
    private func storeWithKey(_ call: Call) throws(Failure) -> StoreID {
        guard let storeID = call.storeID, let key = call.request.headers[.storefrontKey], watch.directory.has(key, of: storeID)
        else { throw .storeNotFound }
        return storeID
    }

    /// - Throws: ``Failure/notSignedIn``, ``Failure/invalidToken`` or ``Failure/expiredToken``.
    private func buyer(_ call: Call) async throws -> Buyer {
        guard let token = call.request.headers[.authorization]?.bearerToken else { throw Failure.notSignedIn }
        let buyer: Buyer
        do { buyer = try await tokens.buyer(presenting: token) } catch {
            switch error {
            case .expired: throw Failure.expiredToken
            case .invalid: throw Failure.invalidToken
            }
        }
        guard call.storeID == buyer.storeID else { throw Failure.invalidToken }
        return buyer
    }

    /// What is known about the caller.
    func caller(_ call: Call, _ storeID: StoreID) -> StorefrontCaller {
        let origin = call.request.headers[.origin].flatMap { watch.directory.allows($0, for: storeID) ? $0 : nil }
        return StorefrontCaller(
            storeID: storeID, client: proxies.client(of: call.request, call.context),
            language: MailLanguage(accepting: call.request.headers[.acceptLanguage]), origin: origin)
    }

    /// Counts what a signed-in customer tries about their own access.
    /// - Throws: ``LimitReached``.
    func count(_ buyer: Buyer) async throws {
        try await limits.signInAccount?.spendShared(by: "customer \(buyer.customerID)", in: buyer.storeID).check()
    }

    /// Counts a change of an order by its link, by the client and the link: each is written, and the merchant has to be able to change the order too.
    /// - Throws: ``LimitReached``.
    func countReport(of slug: String, _ call: Call, in storeID: StoreID) async throws {
        let client = proxies.client(of: call.request, call.context) ?? ""
        try limits.publicReport?.spend(by: "\(client) \(slug.prefix(100))", in: storeID).check()
    }

    /// Counts an attempt for an e-mail address: by the client, and if nobody has signed in with the address from there, by the address too. So
    /// strangers can't lock its owner out, and have a bound in all.
    /// - Parameter isKnown: whether somebody has signed in with the address from this client.
    /// - Throws: ``LimitReached``.
    func count(_ email: EmailAddress, from caller: StorefrontCaller, isKnown: Bool) async throws {
        let byClient = limits.signInAccount
        try await byClient?.spendShared(by: "\(caller.client ?? "") \(email.text)", in: caller.storeID).check()
        if !isKnown { try await limits.signInAddress?.spendShared(by: email.text, in: caller.storeID).check() }
    }

    /// Whether pages of an origin may call a path: for paths below a store, only the store's own origins; `nil` for all other
    /// paths.
    func isAllowed(_ origin: String, _ path: String) -> Bool? {
        // Split like the router does, which ignores empty segments.
        let parts = path.split(separator: "/", maxSplits: 3)
        guard parts.count > 2, parts[0] == "v3", parts[1] == "stores" else { return nil }
        guard let storeID = parts[2].percentDecoded.flatMap({ StoreID($0) }) else { return false }
        return watch.directory.allows(origin, for: storeID)
    }
}

/// The caller of a sign-in route, as far as known.
struct StorefrontCaller: Sendable {
    let storeID: StoreID
    /// The IP address of the client.
    let client: String?
    /// The language for mails.
    let language: MailLanguage
    /// The origin of the calling page, if it is one of the store's own.
    let origin: String?
}

/// Somebody who looks at a store's pages.
struct Visitor: Hashable, Sendable {
    let storeID: StoreID
    /// Who they are, if they have signed in.
    let buyer: Buyer?
}

extension HTTPField.Name {
    fileprivate static let storefrontKey = StorefrontAccess.keyField
}
