package import Accounts
package import Orders
import Synchronization

/// What this server knows of who may call: keys, origins, revocations, signing keys, each as the storage had them a moment ago.
package final class AccessWatch: Sendable {
    private struct State {
        var number: Int64 = -1
        var directory = AccessDirectory()
        /// Whether the signing keys may be others than those that are known.
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

    /// Takes over what has changed since the last time.
    /// - Throws: ``StorageFailure``, `SigningKeyFolder.Failed`; what could not be read stays as it was.
    package func update() async throws {
        let number = state.withLock { $0.number }
        let time = now()
        let news = try await storage.accessNews(since: number, at: time)
        // Before anything else: also where the keys can't be read, what is revoked is refused.
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
