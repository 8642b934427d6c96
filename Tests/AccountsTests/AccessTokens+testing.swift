import Accounts
import Orders

extension AccessTokens {
    convenience init(key: SigningKey, now: @escaping @Sendable () -> Timestamp = { .now }, rememberedTokens: Int = 20_000)
        async throws
    {
        try await self.init(keys: KeyRing(key), now: now, rememberedTokens: rememberedTokens)
    }

    func issue(for buyer: Buyer, validFor seconds: Int64) async throws -> String {
        try await issue(for: Grant(buyer: buyer, generation: 0, session: nil), validFor: seconds)
    }
}
