import Orders
import Synchronization

/// A small pool of connections for transactions, each lent to one caller at a time.
final class SessionPool: Sendable {
    private struct State {
        var idle: [Session] = []
        var count = 0
        var waiting: [CheckedContinuation<Session?, Never>] = []
    }

    /// The maximum number of connections.
    private let size: Int
    /// The maximum number of callers waiting for a connection.
    private static let capacity = 2048

    private let state = Mutex(State())
    private let connect: @Sendable () async throws -> Session

    init(size: Int, connect: @escaping @Sendable () async throws -> Session) {
        self.size = size
        self.connect = connect
    }

    /// Lends a connection while `body` runs.
    private func withSession<Value>(_ body: (Session) async throws -> Value) async throws -> Value {
        let session = try await take()
        do {
            let value = try await body(session)
            giveBack(session)
            return value
        } catch let error as PostgresError where error.endsConnection {
            drop()
            throw error
        } catch {
            giveBack(session)
            throw error
        }
    }

    /// Runs one transaction on a lent connection. It is rolled back if `body` throws, and retried if a concurrent one interfered.
    ///
    /// A connection that the server has closed in the meantime is noticed when it is used. Nothing has been done by then, so
    /// another connection is taken.
    /// - Throws: ``StorageFailure`` for database errors, otherwise whatever `body` throws.
    func inTransaction<Value>(_ body: (Session) async throws -> Value) async throws -> Value {
        try await inTransaction(after: []) { session, _ in try await body(session) }
    }

    /// The same for a transaction whose first statements are sent with its beginning. They must not change anything, because they may be
    /// run on several connections in turn; `body` gets their results.
    /// - Throws: ``StorageFailure`` for database errors, otherwise whatever `body` throws.
    func inTransaction<Value>(
        after first: [Statement], _ body: (Session, [PostgresResult]) async throws -> Value
    ) async throws -> Value {
        try await translating {
            try await retryingPassing {
                var hasBegun = false
                let transaction = { (session: Session) in
                    try await session.inTransaction(after: first) { results in
                        hasBegun = true
                        return try await body(session, results)
                    }
                }
                return try await retrying(transaction, where: { !hasBegun })
            }
        }
    }

    /// Lends a connection for work that is safe to repeat, and repeats it if the connection is lost.
    /// - Throws: ``StorageFailure`` for database errors, otherwise whatever `body` throws.
    func repeatably<Value>(_ body: (Session) async throws -> Value) async throws -> Value {
        try await translating { try await retrying(body, where: { true }) }
    }

    private func translating<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as PostgresError { throw StorageFailure(error) }
    }

    /// All idle connections may be closed, and one more if the server is just starting. There is no retry if the failed attempt
    /// took a second or more.
    private func retrying<Value>(
        _ body: (Session) async throws -> Value, where mayRetry: () -> Bool
    ) async throws -> Value {
        for _ in 0...size {
            var start = ContinuousClock.now
            do {
                return try await withSession { session in
                    start = .now
                    return try await body(session)
                }
            } catch let error as PostgresError {
                guard error.endsConnection, ContinuousClock.now - start < .seconds(1), mayRetry() else { throw error }
            }
        }
        return try await withSession(body)
    }

    private enum Turn {
        case idle(Session)
        case connect, wait, refused
    }

    private func take() async throws -> Session {
        let turn = state.withLock { state -> Turn in
            if let session = state.idle.popLast() { return .idle(session) }
            if state.count < size {
                state.count += 1
                return .connect
            }
            return state.waiting.count < Self.capacity ? .wait : .refused
        }
        switch turn {
        case .idle(let session): return session
        case .refused: throw StorageFailure(PostgresError.overloaded)
        case .connect: return try await connectOrDrop()
        case .wait:
            let session = await withCheckedContinuation { continuation in
                state.withLock { $0.waiting.append(continuation) }
                // Another caller may have returned a connection in between, and seen nobody waiting.
                serveWaiting()
            }
            // `nil` means that a connection was lost and must be replaced.
            if let session { return session }
            return try await connectOrDrop()
        }
    }

    private func connectOrDrop() async throws -> Session {
        do { return try await connect() } catch {
            drop()
            throw error
        }
    }

    private func giveBack(_ session: Session) {
        state.withLock { $0.idle.append(session) }
        serveWaiting()
    }

    /// Removes a lost connection: a waiting caller may open another one.
    private func drop() {
        state.withLock { $0.count -= 1 }
        serveWaiting()
    }

    private func serveWaiting() {
        let next = state.withLock { state -> (CheckedContinuation<Session?, Never>, Session?)? in
            guard !state.waiting.isEmpty else { return nil }
            if let session = state.idle.popLast() { return (state.waiting.removeFirst(), session) }
            guard state.count < size else { return nil }
            state.count += 1
            return (state.waiting.removeFirst(), nil)
        }
        next?.0.resume(returning: next?.1)
    }
}
