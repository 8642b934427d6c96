/// Why something that was asked for is not done: what kind of failure it is, a code for programs, and words for the person who asked.
///
/// Each failure is declared once, beside what fails. What its kind means in HTTP is one table in `HTTPServing`.
package struct Failure: Error, Equatable {
    package enum Kind: Equatable, Sendable {
        /// The request can't be read.
        case unreadable
        /// The request is larger than accepted.
        case tooLarge
        /// What was asked for is not there, or not for the one who asks.
        case notFound
        /// Nobody is signed in, or what was presented to sign in was not accepted.
        case notSignedIn
        /// The token that was presented is not accepted, with a reason for programs.
        case invalidToken(String)
        /// The one who asks may not.
        case notAllowed
        /// It does not go with what is there.
        case conflict
        /// Fields are missing or invalid.
        case invalid([FieldError])
        /// Too many requests. Another one is accepted after so many seconds.
        case tooMany(seconds: Int64)
        /// The service can't answer for the moment.
        case unavailable
        /// Our fault; the log has the reason.
        case internalError
    }

    package let kind: Kind
    /// Never changes: programs go by it.
    package let code: String
    /// For the person who reads it. It repeats nothing secret or personal.
    package let message: String

    package init(_ kind: Kind, _ code: String, _ message: String) {
        self.kind = kind
        self.code = code
        self.message = message
    }
}

/// What is wrong with a field.
package struct FieldError: Error, Equatable {
    package let field: String
    /// For the person who filled it in, for example `is required`. It repeats nothing of the value.
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

    /// There were too many requests; another one is accepted after so many seconds.
    package static func tooManyRequests(seconds: Int64) -> Failure {
        Failure(
            .tooMany(seconds: seconds), "too_many_requests",
            "Too many requests: try again in \(seconds) second\(seconds == 1 ? "" : "s")")
    }

    package static let unavailable = Failure(
        .unavailable, "unavailable", "The service can't answer at the moment: try again shortly")
    package static let internalError = Failure(.internalError, "internal_error", "Something went wrong on our side")
}
