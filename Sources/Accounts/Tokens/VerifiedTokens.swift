/// Remembers verified tokens, a bounded number of them.
///
/// Two generations, each of half the number: when the younger one is full it becomes the older one, and what has not been asked for
/// since is forgotten. A lookup is one or two of a dictionary; nothing is ever searched or sorted.
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

    /// Forgets those of which `isRevoked` says so.
    mutating func forget(where isRevoked: (VerifiedClaims) -> Bool) {
        younger = younger.filter { !isRevoked($0.value) }
        older = older.filter { !isRevoked($0.value) }
    }

    var count: Int { younger.count + older.count }
}
