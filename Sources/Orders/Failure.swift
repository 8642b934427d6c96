import JSON

/// Why a request of a buyer is not answered with what it asks for: each kind with a stable code and words for its reader.
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
    /// Address and password are not those of a customer.
    case wrongCredentials
    /// The one-time code is not the one that was sent, was used, or its time is over.
    case wrongCode
    /// The refresh token is not one of this store's, was used before, or its session is over.
    case invalidRefreshToken
    /// The link to set a password by is not one that was sent, was used, or its time is over.
    case invalidResetToken
    /// No store that the one who calls has the key of.
    case storeNotFound
    /// The page that calls is of an origin that the store has not registered.
    case originNotAllowed
    /// No such address of this customer.
    case addressNotFound
    /// The customer can't have more addresses.
    case tooManyAddresses(limit: Int)
    /// Another customer of the store has this e-mail address.
    case emailTaken
    /// The body of the request can't be read.
    case unreadableBody(reason: String)
    /// The body of the request is larger than we take.
    case bodyTooLarge(limit: Int)
    /// Fields of the body are missing or not of their form: for each what is wrong with it.
    case invalidContent(errors: [FieldError])
    /// There were too many requests; `seconds` later there may be another one.
    case tooManyRequests(seconds: Int64)
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
        case .wrongCredentials: "wrong_credentials"
        case .wrongCode: "wrong_code"
        case .invalidRefreshToken: "invalid_refresh_token"
        case .invalidResetToken: "invalid_reset_token"
        case .storeNotFound: "store_not_found"
        case .originNotAllowed: "origin_not_allowed"
        case .addressNotFound: "address_not_found"
        case .tooManyAddresses: "too_many_addresses"
        case .emailTaken: "email_taken"
        case .unreadableBody: "unreadable_body"
        case .bodyTooLarge: "body_too_large"
        case .invalidContent: "invalid_content"
        case .tooManyRequests: "too_many_requests"
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
        case .wrongCredentials: "E-mail address or password is wrong"
        case .wrongCode: "This code is wrong or no longer valid: ask for a new one"
        case .invalidRefreshToken: "This session is over: sign in again"
        case .invalidResetToken: "This link is no longer valid: ask for a new one"
        case .storeNotFound: "Store not found"
        case .originNotAllowed: "This page's origin is not registered for the store"
        case .addressNotFound: "Address not found"
        case .tooManyAddresses(let limit): "You can keep up to \(limit) addresses: remove one first"
        case .emailTaken: "Another customer of this store has this e-mail address"
        case .unreadableBody(let reason): "The body of the request can't be read: \(reason)"
        case .bodyTooLarge(let limit): "The body of the request is larger than \(limit) bytes"
        case .invalidContent(let errors): errors.map { "\($0.field) \($0.message)" }.joined(separator: "; ")
        case .tooManyRequests(let seconds):
            "Too many requests: try again in \(seconds) second\(seconds == 1 ? "" : "s")"
        case .invalidParameter(let name, let reason): "\(name) \(reason)"
        case .methodNotAllowed(let allowed): "This address answers \(allowed.joined(separator: ", ")) only"
        case .unreadableRequest: "The request can't be read"
        case .unavailable: "The service can't answer at the moment: try again shortly"
        case .internalError: "Something went wrong on our side"
        }
    }

    /// The body of the answer (`api.md`): `{"error": ..., "error_code": ...}`, and `errors` where fields are wrong.
    package var body: [UInt8] {
        var members: [(String, JSON)] = [("error", .string(message)), ("error_code", .string(code))]
        if case .invalidContent(let errors) = self {
            let names = errors.map(\.field).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            members.append(
                (
                    "errors",
                    .object(
                        JSONObject(
                            names.map { name in
                                (name, .array(errors.filter { $0.field == name }.map { .string($0.message) }))
                            }))
                ))
        }
        return JSON.object(JSONObject(members)).encoded
    }
}

/// What is wrong with a field of a request's body.
package struct FieldError: Error, Equatable {
    package let field: String
    /// For the person who filled it in, for example `is required`; it repeats nothing of the value.
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}
