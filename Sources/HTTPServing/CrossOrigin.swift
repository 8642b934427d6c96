import HTTPTypes
import Hummingbird
import Orders

/// Answers browsers that ask whether a page of another origin may call (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).
///
/// An origin is named in an answer only where it is allowed, never `*`; no cookies are spoken of, as none are used.
package struct CrossOrigin: Sendable {
    /// Whether pages of an origin may call a path; `nil` where that path is for no page of any other origin.
    package typealias Rule = @Sendable (_ origin: String, _ path: String) -> Bool?

    /// The header fields that a page may send (`api.md`).
    private static let requestFields =
        "Authorization, Content-Type, X-Scalev-Storefront-Api-Key, X-Scalev-Guest-Token, Idempotency-Key, If-None-Match"
    /// The header fields of an answer that a page may read, beside those that it always may.
    package static let answerFields =
        "ETag, Retry-After, WWW-Authenticate, X-Ratelimit-Limit, X-Ratelimit-Remaining, X-Ratelimit-Reset, X-Request-Id"
    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    /// How long a browser may remember the answer, in seconds.
    private static let maximumAge = "600"

    private let isAllowed: Rule

    package init(isAllowed: @escaping Rule) { self.isAllowed = isAllowed }

    /// The answer to a preflight; `nil` where the request is none.
    func preflight(_ request: Request) -> Response? {
        guard request.method == .options, let origin = request.headers[.origin],
            request.headers[.accessControlRequestMethod] != nil, let isAllowed = isAllowed(origin, request.uri.path)
        else { return nil }
        guard isAllowed else {
            var response = Response(.originNotAllowed)
            response.headers[.vary] = "Origin"
            return response
        }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowOrigin: origin, .accessControlAllowMethods: Self.methods,
                .accessControlAllowHeaders: Self.requestFields, .accessControlMaxAge: Self.maximumAge,
                .vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers", .cacheControl: "no-store",
            ])
    }

    /// Adds to an answer what a browser needs to hand it to the page that asked.
    func complete(_ response: inout Response, to request: Request) {
        let origin = request.headers[.origin]
        guard let isAllowed = isAllowed(origin ?? "", request.uri.path) else { return }
        response.headers[.vary] = response.headers[.vary].map { $0 + ", Origin" } ?? "Origin"
        guard let origin, isAllowed else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.answerFields
    }
}
