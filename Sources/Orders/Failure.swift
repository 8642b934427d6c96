/// Why a request of a buyer is not answered with what it asks for: few kinds, each with a stable code and words for its reader.
package enum Failure: Error, Equatable {
    /// Nothing under this address.
    case notFound
    /// No order of this buyer: someone else's, another store's and one that never was are all the same.
    case orderNotFound
    /// Nobody is signed in.
    case notSignedIn
    /// The access token is not one of this store's.
    case invalidToken
    /// The access token was one of this store's, but its time is over.
    case expiredToken
    /// A parameter of the query can't be read.
    case invalidParameter(name: String, reason: String)
    /// The address is there, but not for this method.
    case methodNotAllowed(allowed: [String])
    /// The request is no HTTP that we read, or larger than we take.
    case unreadableRequest
    /// The storage can't be reached for the moment.
    case unavailable
    /// Our fault; the log has the reason.
    case internalError

    /// The `error_code` of the answer: it never changes, programs go by it.
    package var code: String {
        switch self {
        case .notFound: "not_found"
        case .orderNotFound: "order_not_found"
        case .notSignedIn: "not_signed_in"
        case .invalidToken: "invalid_token"
        case .expiredToken: "expired_token"
        case .invalidParameter(let name, _): "invalid_\(name)"
        case .methodNotAllowed: "method_not_allowed"
        case .unreadableRequest: "unreadable_request"
        case .unavailable: "unavailable"
        case .internalError: "internal_error"
        }
    }

    /// The `error` of the answer, for the person who reads it.
    package var message: String {
        switch self {
        case .notFound: "There is nothing at this address"
        case .orderNotFound: "Order not found"
        case .notSignedIn: "Sign in to see your orders: send your access token as Authorization: Bearer"
        case .invalidToken: "This access token is not valid for this store: sign in again"
        case .expiredToken: "This access token has expired: refresh it or sign in again"
        case .invalidParameter(let name, let reason): "\(name) \(reason)"
        case .methodNotAllowed(let allowed): "This address answers \(allowed.joined(separator: ", ")) only"
        case .unreadableRequest: "The request can't be read"
        case .unavailable: "The service can't answer at the moment: try again shortly"
        case .internalError: "Something went wrong on our side"
        }
    }

    /// The body of the answer (`api.md`): `{"error": ..., "error_code": ...}`.
    package var body: [UInt8] {
        let body: JSON = ["error": .string(message), "error_code": .string(code)]
        return body.encoded
    }
}
