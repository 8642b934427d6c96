package import Orders

/// The failures of any request, whatever it asks for.
extension Failure {
    /// No route exists at this address.
    static let notFound = Failure(.notFound, "not_found", "There is nothing at this address")

    /// The request is not valid HTTP.
    static let unreadableRequest = Failure(.unreadable, "unreadable_request", "The request can't be read")

    static let headerTooLarge = Failure(
        .headerTooLarge, "header_too_large",
        "The header of the request has more than \(ConnectionLimits.headerFields) fields or \(ConnectionLimits.headerBytes) bytes"
    )

    static func unreadableBody(_ reason: String) -> Failure {
        Failure(.unreadable, "unreadable_body", "The body of the request can't be read: \(reason)")
    }

    static func bodyTooLarge(limit: Int) -> Failure {
        Failure(.tooLarge, "body_too_large", "The body of the request is larger than \(limit) bytes")
    }

    /// A query parameter is invalid.
    package static func invalidParameter(_ name: String, _ reason: String) -> Failure {
        Failure(.unreadable, "invalid_\(name)", "\(name) \(reason)")
    }

    /// The calling page's origin is not registered for the store.
    static let originNotAllowed = Failure(
        .notAllowed, "origin_not_allowed", "This page's origin is not registered for the store")
}
