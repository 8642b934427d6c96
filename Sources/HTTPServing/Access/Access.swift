import HTTPTypes
import Hummingbird
package import JSON
import Orders

/// The rule about who may call an operation: it checks what a request presents, identifies the caller, and counts the request
/// against the caller's limit.
package struct Access<Caller: Sendable>: Sendable {
    /// An accepted request.
    package struct Admission: Sendable {
        package let caller: Caller
        /// What is left of the caller's limit; `nil` if they have none.
        package let allowance: Allowance?

        package init(_ caller: Caller, within allowance: Allowance?) {
            self.caller = caller
            self.allowance = allowance
        }
    }

    /// The description in the OpenAPI document; `nil` if anybody may call.
    let scheme: SecurityScheme?
    /// The statuses of the refusals, for the OpenAPI document.
    let refusals: Set<Int>
    private let check: @Sendable (Call) async throws -> Admission

    /// - Parameter check: throws a ``Failure`` if the request is refused. It does not throw if a limit is exceeded: the allowance
    ///   says so.
    package init(
        _ scheme: SecurityScheme?, refusals: Set<Int>, check: @escaping @Sendable (Call) async throws -> Admission
    ) {
        self.scheme = scheme
        self.refusals = refusals
        self.check = check
    }

    /// Answers a call with the result of `handler`, if the caller is accepted and within their limit. The answer's header states
    /// the limit.
    func answer(
        _ call: Call, _ handler: @Sendable (Caller, Call) async throws -> Response
    ) async throws -> Response {
        let admission = try await check(call)
        var allowance = admission.allowance
        var response: Response
        do {
            try allowance?.check()
            response = try await handler(admission.caller, call)
        } catch let reached as LimitReached {
            allowance = reached.allowance
            response = Response(.tooManyRequests(seconds: reached.seconds))
        } catch let failure as Failure {
            guard allowance != nil else { throw failure }
            // This is another limit, about which the caller's own says nothing.
            if case .tooMany = failure.kind { throw failure }
            response = Response(failure)
        }
        allowance?.appendFields(to: &response.headers)
        return response
    }
}

extension Access<Void> {
    /// Anybody may call.
    package static var anybody: Access<Void> { Access(nil, refusals: []) { _ in Admission((), within: nil) } }
}

/// The credentials that a caller presents, as described in the OpenAPI document.
package struct SecurityScheme: Sendable {
    let name: String
    let json: JSON

    package init(_ name: String, _ json: JSON) {
        self.name = name
        self.json = json
    }
}
