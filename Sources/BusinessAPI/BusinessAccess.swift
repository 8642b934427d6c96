import Accounts
import HTTPServing
import HTTPTypes
import Hummingbird
import JSON
import OrderServices
import Orders

/// Who may call the business API: whoever presents a business key that has the operation's scope.
struct BusinessAccess: Sendable {
    let watch: AccessWatch

    /// Those whose key has a scope.
    func key(with scope: BusinessScope) -> Access<BusinessGrant> {
        Access(
            SecurityScheme(
                "businessKey",
                [
                    "type": "http", "scheme": "bearer",
                    "description":
                        "A business key, `sk_...` or `rk_...`. It is a secret of the merchant's systems, and never for a browser.",
                ]), refusals: [401, 403, 503]
        ) { call in
            guard let text = call.request.headers[.authorization]?.bearerToken, let key = BusinessKey(text),
                let grant = watch.directory.grant(presenting: key)
            else { throw Failure.invalidKey }
            guard grant.expiresAt.map({ .now < $0 }) ?? true else { throw Failure.expiredKey }
            guard grant.allows(scope) else { throw Failure.missingScope(scope) }
            return .init(grant, within: nil)
        }
    }
}

extension Failure {
    // The texts are those of the public API (`surroundings.md`, section 1).

    /// There is no such key, or none was presented.
    fileprivate static let invalidKey = Failure(.notSignedIn, "invalid_api_key", "Invalid API key")

    fileprivate static let expiredKey = Failure(.notSignedIn, "expired_api_key", "API key has expired")

    fileprivate static func missingScope(_ scope: BusinessScope) -> Failure {
        Failure(.notAllowed, "missing_scope", "Forbidden: the key does not have the scope \(scope.rawValue)")
    }
}
