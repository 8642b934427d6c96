import HTTPTypes
package import Hummingbird
import JSON
package import Orders

extension Response {
    /// The answer for a failure (`api.md`): status, header fields and body for each kind of ``Failure``.
    package init(_ failure: Failure) {
        self.init(json: failure.body, status: failure.status)
        headers[.cacheControl] = "no-store"
        switch failure.kind {
        case .notSignedIn: headers[.wwwAuthenticate] = #"Bearer realm="pesanan""#
        case .invalidToken(let reason):
            headers[.wwwAuthenticate] = #"Bearer realm="pesanan", error="invalid_token", error_description="\#(reason)""#
        case .tooMany(let seconds): headers[.retryAfter] = String(seconds)
        case .unavailable: headers[.retryAfter] = "1"
        case .unreadable, .tooLarge, .headerTooLarge, .notFound, .notAllowed, .conflict, .stateConflict, .preconditionFailed,
            .contradiction, .invalid, .internalError:
            break
        }
    }

    /// The answer if an address does not support the method (RFC 9110, section 15.5.6).
    init(methodNotAllowed allowed: [String]) {
        let list = allowed.joined(separator: ", ")
        let failure = Failure(.notFound, "method_not_allowed", "This address answers \(list) only")
        self.init(json: failure.body, status: .methodNotAllowed)
        headers[.cacheControl] = "no-store"
        headers[.allow] = list
    }
}

extension StorageFailure {
    /// What the caller is told. A damaged document stays damaged, so trying again does not help.
    var answer: Failure { if case .damagedDocument = self { .internalError } else { .unavailable } }
}

extension Failure {
    fileprivate var status: HTTPResponse.Status {
        switch kind {
        // The Storefront API answers 400 to everything that is wrong with a request's content.
        case .unreadable, .invalid, .conflict: .badRequest
        case .notSignedIn, .invalidToken: .unauthorized
        case .notAllowed: .forbidden
        case .stateConflict: .conflict
        case .preconditionFailed: .preconditionFailed
        case .contradiction: .unprocessableContent
        case .notFound: .notFound
        case .tooLarge: .contentTooLarge
        case .headerTooLarge: .requestHeaderFieldsTooLarge
        case .tooMany: .tooManyRequests
        case .internalError: .internalServerError
        case .unavailable: .serviceUnavailable
        }
    }

    /// The body of the answer (`api.md`): `{"error": ..., "error_code": ..., "message": ...}`, and `errors` if fields are wrong. Clients read
    /// the text from `message`, or else from `error`: it is the same.
    var body: [UInt8] {
        var members: [(String, JSON)] = [
            ("error", .string(message)), ("error_code", .string(code)), ("message", .string(message)),
        ]
        if case .invalid(let errors) = kind {
            let names = errors.map(\.field).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            let messages = names.map { name in
                (name, JSON.array(errors.filter { $0.field == name }.map { .string($0.message) }))
            }
            members.append(("errors", .object(JSONObject(messages))))
        }
        return JSON.object(JSONObject(members)).encoded
    }
}
