import HTTPTypes
import Hummingbird
import Orders

/// Answers cross-origin requests from browsers (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol).
///
/// Answers name an origin only if it is allowed, and never `*`. They do not allow credentials, because no cookies are used.
package struct CrossOrigin: Sendable {
    /// Whether pages of an origin may call a path; `nil` if no page of another origin may call it.
    package typealias Rule = @Sendable (_ origin: String, _ path: String) -> Bool?

    /// The header fields that pages may send (`api.md`).
    private static let requestFields =
        "Authorization, Content-Type, X-Scalev-Storefront-Api-Key, X-Scalev-Guest-Token, Idempotency-Key, If-None-Match, "
        + "Last-Event-ID"
    /// The header fields of an answer that pages may read, in addition to those that they always may.
    package static let answerFields =
        "ETag, Retry-After, WWW-Authenticate, X-Ratelimit-Limit, X-Ratelimit-Remaining, X-Ratelimit-Reset, X-Request-Id, "
        + "X-Scalev-Request-Id, X-Scalev-Guest-Token"
    private static let methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
    /// How long a browser may cache the answer to a preflight, in seconds.
    private static let maximumAge = "600"

    private let isAllowed: Rule

    package init(isAllowed: @escaping Rule) { self.isAllowed = isAllowed }

    /// Whether it has a rule for a path.
    func covers(_ path: String) -> Bool { isAllowed("", path) != nil }

    static func isPreflight(_ request: Request) -> Bool {
        request.method == .options && request.headers[.origin] != nil && request.headers[.accessControlRequestMethod] != nil
    }

    /// The answer to a preflight request for a path that this covers.
    func preflight(_ request: Request) -> Response {
        guard let origin = request.headers[.origin], isAllowed(origin, request.uri.path) == true else {
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

    /// Adds to an answer what a browser needs to pass it to the calling page.
    func complete(_ response: inout Response, to request: Request) {
        response.headers[.vary] = response.headers[.vary].map { $0 + ", Origin" } ?? "Origin"
        guard let origin = request.headers[.origin], isAllowed(origin, request.uri.path) == true else { return }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.accessControlExposeHeaders] = Self.answerFields
    }
}
