package import Accounts
package import Orders
import Synchronization

/// This server's copy of the access rules: storefront keys, origins, revocations and signing keys, as they were stored a moment
/// ago.
package final class AccessWatch: Sendable {
    private struct State {
        var number: Int64 = -1
        var directory = AccessDirectory()
        /// Whether the signing keys may have changed since they were last read.
        var needsKeys = false
    }

    private let storage: any AccountStorage
    private let keys: any SigningKeyStorage
    private let tokens: AccessTokens
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    package init(
        storage: any AccountStorage, keys: any SigningKeyStorage, tokens: AccessTokens,
        now: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.storage = storage
        self.keys = keys
        self.tokens = tokens
        self.now = now
    }

    package var directory: AccessDirectory { state.withLock { $0.directory } }

    /// Applies everything that has changed since the last call.
    /// - Throws: ``StorageFailure``, `SigningKeyFolder.Failed`; whatever could not be read stays unchanged.
    package func update() async throws {
        let number = state.withLock { $0.number }
        let time = now()
        let news = try await storage.accessNews(since: number, at: time)
        // Before anything else: revoked tokens are refused even if the keys can't be read.
        if !news.revocations.isEmpty { tokens.revoke(news.revocations) }
        let needsKeys = state.withLock { state in
            state.number = news.number
            if let directory = news.directory { state.directory = directory }
            if news.directory != nil || keys.mayHaveChanged() { state.needsKeys = true }
            return state.needsKeys
        }
        guard needsKeys else { return }
        try await tokens.use(keys.keyRing(orElse: SigningKey()).pruned(at: time))
        state.withLock { $0.needsKeys = false }
    }
}
