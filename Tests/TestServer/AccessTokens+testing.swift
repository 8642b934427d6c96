package import Accounts
package import Orders

extension AccessTokens {
    /// Tokens signed with a single key.
    package convenience init(key: SigningKey, now: @escaping @Sendable () -> Timestamp = { .now }) async throws {
        try await self.init(keys: KeyRing(key), now: now)
    }

    /// An access token as issued by an operator, for a customer whose sessions were never ended.
    package func issue(for buyer: Buyer, validFor seconds: Int64) async throws -> String {
        try await issue(for: Grant(buyer: buyer, generation: 0, session: nil), validFor: seconds)
    }
}
