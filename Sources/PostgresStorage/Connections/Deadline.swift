import Orders
import Synchronization

/// Gives up waiting for work that has not begun to have effects by a deadline: the caller gets an answer in time, and the work is not done
/// later.
final class Deadline: Sendable {
    private enum State {
        case waiting, begun, over
    }

    private let state = Mutex(State.waiting)

    /// Call this when the work is about to have effects.
    /// - Throws: ``PostgresError`` if the caller has given up.
    func begin() throws(PostgresError) {
        let isInTime = state.withLock { state in
            if state == .waiting { state = .begun }
            return state == .begun
        }
        // The connection is as good as before.
        guard isInTime else { throw .late }
    }

    /// Whether the caller is still to be answered: true for the first of those who ask.
    private func end(unlessBegun: Bool) -> Bool {
        state.withLock { state in
            guard state != .over, !(unlessBegun && state == .begun) else { return false }
            state = .over
            return true
        }
    }

    /// Runs work, and fails if it has not begun after this time.
    /// - Parameter failure: the reason to give then.
    /// - Throws: ``StorageFailure``, or whatever `work` throws.
    static func run<Value: Sendable>(
        _ patience: Duration, orElse failure: StorageFailure = StorageFailure(PostgresError.silence),
        _ work: @escaping @Sendable (Deadline) async throws -> Value
    ) async throws -> Value {
        let deadline = Deadline()
        return try await withCheckedThrowingContinuation { continuation in
            let timer = Task {
                guard (try? await Task.sleep(for: patience)) != nil, deadline.end(unlessBegun: true) else { return }
                continuation.resume(throwing: failure)
            }
            Task {
                let result = await Result { try await work(deadline) }
                timer.cancel()
                if deadline.end(unlessBegun: false) { continuation.resume(with: result) }
            }
        }
    }
}

extension Result where Failure == any Error {
    init(catching body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
