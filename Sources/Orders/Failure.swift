/// The reason why a request fails: the kind of failure, a code for programs, and a message for the person who made the request.
///
/// Each failure is declared once, beside the code that fails. A single table in `HTTPServing` maps its kind to HTTP.
package struct Failure: Error, Equatable {
    package enum Kind: Equatable, Sendable {
        /// The request can't be read.
        case unreadable
        /// The request is larger than accepted.
        case tooLarge
        /// The request's header is larger than accepted.
        case headerTooLarge
        /// The requested object does not exist, or does not belong to the caller.
        case notFound
        /// Nobody is signed in, or the presented credentials were not accepted.
        case notSignedIn
        /// The presented token is not accepted, with a reason for programs.
        case invalidToken(String)
        /// The caller has no permission.
        case notAllowed
        /// The request conflicts with existing data.
        case conflict
        /// The state of what is there does not allow it.
        case stateConflict
        /// The request contradicts an earlier one of the caller's.
        case contradiction
        /// What is there is not what the request is based on.
        case preconditionFailed
        /// Fields are missing or invalid.
        case invalid([FieldError])
        /// Too many requests. The next one is accepted after this many seconds.
        case tooMany(seconds: Int64)
        /// The service is temporarily unable to answer.
        case unavailable
        /// An internal error; the log contains the reason.
        case internalError
    }

    package let kind: Kind
    /// Never changes, because programs depend on it.
    package let code: String
    /// A message for the reader. It never repeats anything secret or personal.
    package let message: String

    package init(_ kind: Kind, _ code: String, _ message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }
}

/// An error in a field.
package struct FieldError: Error, Equatable {
    package let field: String
    /// A message for the person who filled in the field, such as `is required`. It never repeats the value.
    package let message: String

    package init(_ field: String, _ message: String) {
        self.field = field
        self.message = message
    }
}

extension Failure {
    /// Fields are missing or invalid.
    package static func invalidContent(_ errors: [FieldError]) -> Failure {
        Failure(.invalid(errors), "invalid_content", errors.map { "\($0.field) \($0.message)" }.joined(separator: "; "))
    }

    /// Too many requests; the next one is accepted after this many seconds.
    package static func tooManyRequests(seconds: Int64) -> Failure {
        Failure(
            .tooMany(seconds: seconds), "too_many_requests",
            "Too many requests: try again in \(seconds) second\(seconds == 1 ? "" : "s")")
    }

    package static let unavailable = Failure(
        .unavailable, "unavailable", "The service can't answer at the moment: try again shortly")
    package static let internalError = Failure(.internalError, "internal_error", "Something went wrong on our side")
}
