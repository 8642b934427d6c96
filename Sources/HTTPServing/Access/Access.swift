import HTTPTypes
import Hummingbird
package import JSON
import Orders

/// Who may call an operation: checks what a request presents, names the caller, and counts the request against the caller's limit.
package struct Access<Caller: Sendable>: Sendable {
    /// The request was let in.
    package struct Admission: Sendable {
        package let caller: Caller
        /// What the caller has left of their limit; `nil` if they have none.
        package let allowance: Allowance?

        package init(_ caller: Caller, within allowance: Allowance?) {
            self.caller = caller
            self.allowance = allowance
        }
    }

    /// How the OpenAPI document describes it; `nil` for what anybody may call.
    let scheme: SecurityScheme?
    /// The statuses of the refusals, for the OpenAPI document.
    let refusals: Set<Int>
    private let check: @Sendable (Call) async throws -> Admission

    /// - Parameter check: throws a ``Failure`` if the request is refused. A limit that is exceeded is no refusal of its own: the allowance
    ///   says so.
    package init(
        _ scheme: SecurityScheme?, refusals: Set<Int>, check: @escaping @Sendable (Call) async throws -> Admission
    ) {
        self.scheme = scheme
        self.refusals = refusals
        self.check = check
    }

    /// Answers a call with what `handler` makes of it, if the caller is let in and within their limit. The answer tells of the limit.
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
            // A limit of another kind: the caller's own has nothing to say about it.
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

/// What a caller presents, as the OpenAPI document has it.
package struct SecurityScheme: Sendable {
    let name: String
    let json: JSON

    package init(_ name: String, _ json: JSON) {
        self.name = name
        self.json = json
    }
}
