import HTTPTypes
package import Hummingbird
package import Orders

extension Response {
    /// The answer that says what went wrong (`api.md`): status, headers and body of each ``Failure`` in one place.
    package init(_ failure: Failure) {
        self.init(json: failure.body, status: failure.status)
        headers[.cacheControl] = "no-store"
        switch failure {
        case .notSignedIn, .wrongCredentials, .wrongCode, .invalidRefreshToken, .invalidResetToken:
            headers[.wwwAuthenticate] = #"Bearer realm="pesanan""#
        case .invalidToken, .expiredToken:
            let description = failure == .expiredToken ? "The access token expired" : "The access token is invalid"
            headers[.wwwAuthenticate] =
                #"Bearer realm="pesanan", error="invalid_token", error_description="\#(description)""#
        case .methodNotAllowed(let allowed):
            headers[.allow] = allowed.joined(separator: ", ")
        case .unavailable:
            headers[.retryAfter] = "1"
        case .tooManyRequests(let seconds):
            headers[.retryAfter] = String(seconds)
        case .notFound, .orderNotFound, .storeNotFound, .originNotAllowed, .addressNotFound, .tooManyAddresses, .emailTaken,
            .invalidParameter,
            .unreadableRequest, .unreadableBody, .bodyTooLarge, .invalidContent, .internalError:
            break
        }
    }

    /// JSON that is ready to go out.
    package init(json: [UInt8], status: HTTPResponse.Status = .ok) {
        self.init(status: status, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: json)))
    }
}

extension Failure {
    fileprivate var status: HTTPResponse.Status {
        switch self {
        case .unreadableRequest, .invalidParameter, .unreadableBody: .badRequest
        case .notSignedIn, .invalidToken, .expiredToken, .wrongCredentials, .wrongCode, .invalidRefreshToken, .invalidResetToken:
            .unauthorized
        case .notFound, .orderNotFound, .storeNotFound, .addressNotFound: .notFound
        case .originNotAllowed: .forbidden
        case .emailTaken, .tooManyAddresses: .conflict
        case .bodyTooLarge: .contentTooLarge
        case .invalidContent: .unprocessableContent
        case .tooManyRequests: .tooManyRequests
        case .methodNotAllowed: .methodNotAllowed
        case .internalError: .internalServerError
        case .unavailable: .serviceUnavailable
        }
    }
}
