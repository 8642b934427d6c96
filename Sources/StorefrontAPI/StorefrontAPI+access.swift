import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import OrderServices
import Orders

extension StorefrontAPI {
    /// A handler for a signed-in customer.
    typealias CustomerHandler = @Sendable (Buyer, Request, ServingContext) async throws -> Response
    /// A handler for everyone who calls from a store's own site.
    typealias PublicHandler = @Sendable (StoreID, Caller, Request) async throws -> Response

    /// Lets nobody but signed-in customers of the path's store in, each within their limit.
    func asCustomer(_ handler: @escaping CustomerHandler) -> Routes.Handler {
        { request, context in
            let buyer = try await buyer(request, context)
            return try await answer(limits.customer?.spend(by: buyer.customerID.description, in: buyer.storeID)) {
                try await handler(buyer, request, context)
            }
        }
    }

    /// Lets nobody in who lacks the store's key, and each address of the network within its limit for signing in.
    func toSignIn(_ handler: @escaping PublicHandler) -> Routes.Handler {
        { request, context in
            // No store and another key are one and the same.
            guard let storeID = context.pathParameter("store_id").flatMap({ StoreID($0) }),
                let key = request.headers[.storefrontKey], access.directory.has(key, of: storeID)
            else { throw Failure.storeNotFound }
            let client = proxies.client(of: request, context)
            return try await answer(await limits.signInClient?.spendShared(by: client ?? "", in: storeID)) {
                try await handler(storeID, caller(request, storeID, client), request)
            }
        }
    }

    /// Counts one try for an e-mail address or a session.
    /// - Throws: ``LimitReached``.
    func count(_ account: String, in storeID: StoreID) async throws {
        try await limits.signInAccount?.spendShared(by: account, in: storeID).check()
    }

    func caller(_ request: Request, _ storeID: StoreID, _ client: String?) -> Caller {
        let origin = request.headers[.origin].flatMap { access.directory.allows($0, for: storeID) ? $0 : nil }
        return Caller(client: client, language: MailLanguage(accepting: request.headers[.acceptLanguage]), origin: origin)
    }

    /// Answers with what `body` makes, within an allowance that the answer tells of; or of the limit that was reached.
    private func answer(_ allowance: Allowance?, _ body: () async throws -> Response) async throws -> Response {
        var allowance = allowance
        var response: Response
        do {
            try allowance?.check()
            response = try await body()
        } catch let reached as LimitReached {
            allowance = reached.allowance
            response = Response(.tooManyRequests(seconds: reached.seconds))
        } catch let failure as Failure {
            guard allowance != nil else { throw failure }
            // It is not for a limit that there is to wait.
            if case .tooManyRequests = failure { throw failure }
            response = Response(failure)
        }
        allowance?.appendFields(to: &response.headers)
        return response
    }

    /// Whether pages of an origin may call a path: below a store the store's own may, elsewhere none.
    func isAllowed(_ origin: String, _ path: String) -> Bool? {
        // As the router reads it, which passes over what is empty.
        let parts = path.split(separator: "/", maxSplits: 3)
        guard parts.count > 2, parts[0] == "v3", parts[1] == "stores" else { return nil }
        guard let storeID = parts[2].percentDecoded.flatMap({ StoreID($0) }) else { return false }
        return access.directory.allows(origin, for: storeID)
    }
}

/// A limit has been reached; the answer tells of it.
private struct LimitReached: Error {
    let allowance: Allowance
    let seconds: Int64
}

extension Allowance {
    /// - Throws: ``LimitReached``.
    fileprivate func check() throws(LimitReached) {
        if let retryAfter { throw LimitReached(allowance: self, seconds: retryAfter) }
    }

    /// Tells of it in header fields (`api.md`).
    func appendFields(to fields: inout some HeaderFieldList) {
        fields.append("X-Ratelimit-Limit", limit)
        fields.append("X-Ratelimit-Remaining", remaining)
        fields.append("X-Ratelimit-Reset", reset)
    }
}

extension MailLanguage {
    /// English for those who ask for it before Indonesian, else Indonesian (`Accept-Language`, RFC 9110, section 12.5.4).
    fileprivate init(accepting field: String?) {
        let languages = (field ?? "").split(separator: ",").compactMap { part -> (String, Double)? in
            let pieces = part.split(separator: ";").map { $0.filter { $0 != " " }.lowercased() }
            guard let tag = pieces.first else { return nil }
            let quality = pieces.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            return (String(tag.prefix { $0 != "-" }), quality)
        }
        // The first of those that are liked best.
        let best = languages.filter { ["id", "in", "en"].contains($0.0) && $0.1 > 0 }.max { $0.1 < $1.1 }
        let first = languages.first { $0.1 == best?.1 && ["id", "in", "en"].contains($0.0) }
        self = first?.0 == "en" ? .english : .indonesian
    }
}

extension HTTPField.Name {
    static let storefrontKey = HTTPField.Name("X-Scalev-Storefront-Api-Key")!
}
