/// A cache of verified tokens with a bounded size.
///
/// It has two generations, each of half that size. When the younger one is full it replaces the older one, and tokens that were
/// not used since are dropped. A lookup takes one or two dictionary accesses; nothing is ever searched or sorted.
struct VerifiedTokens: Sendable {
    private let generationLimit: Int
    private var younger: [String: VerifiedClaims] = [:]
    private var older: [String: VerifiedClaims] = [:]

    init(limit: Int) { generationLimit = max(1, limit / 2) }

    mutating func claims(of token: String) -> VerifiedClaims? {
        if let claims = younger[token] { return claims }
        guard let claims = older[token] else { return nil }
        remember(token, claims)
        return claims
    }

    mutating func remember(_ token: String, _ claims: VerifiedClaims) {
        if younger.count >= generationLimit {
            older = younger
            younger = [:]
        }
        younger[token] = claims
    }

    /// Drops the tokens for which `isRevoked` returns `true`.
    mutating func forget(where isRevoked: (VerifiedClaims) -> Bool) {
        younger = younger.filter { !isRevoked($0.value) }
        older = older.filter { !isRevoked($0.value) }
    }

    var count: Int { younger.count + older.count }
}
