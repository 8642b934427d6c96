package import Orders
import Synchronization

/// Lets writes that come at the same time share one transaction, and so one wait for the disk.
///
/// While a transaction commits, the writes that come in wait; then they make up the next one. Nobody waits for others to come. Whether a write is
/// refused is planned before anything is written (``WritePlan``), so that one write never rolls back another.
package final class SharedWrites: Sendable {
    private typealias Waiting = (write: OrderWrite, continuation: CheckedContinuation<OrderWriteResult, any Error>)

    /// The maximum number of changes in a transaction, unless a single write has more.
    private static let transactionSize = 256
    /// The maximum number of writes that wait.
    private static let capacity = 4096

    /// Writes that may share a transaction.
    package enum Group: Hashable, Sendable {
        case all
        case stores(Set<StoreID>)
    }

    private struct State {
        /// A group is here as long as one of its transactions is in progress.
        var waiting: [Group: [Waiting]] = [:]
        var count = 0
    }

    private let state = Mutex(State())
    private let perStore: Bool

    /// Runs writes as one transaction.
    package typealias Transaction = @Sendable ([OrderWrite]) async throws -> [OrderWriteResult]

    /// - Parameter perStore: whether transactions of different stores can be in progress at the same time.
    package init(perStore: Bool) { self.perStore = perStore }

    /// Writes, and returns after the transaction is on disk.
    /// - Throws: ``StorageFailure/busy`` if too many wait already; whatever `run` throws.
    package func write(_ write: OrderWrite, _ run: @escaping Transaction) async throws -> OrderWriteResult {
        try await withCheckedThrowingContinuation { continuation in
            let group = perStore ? Group.stores(write.stores) : .all
            let isFirst = state.withLock { state -> Bool? in
                guard state.count < Self.capacity else { return nil }
                state.count += 1
                let isFirst = state.waiting[group] == nil
                state.waiting[group, default: []].append((write, continuation))
                return isFirst
            }
            switch isFirst {
            case nil: continuation.resume(throwing: StorageFailure.busy)
            // A task of its own: a caller may go away, and the others' writes must not end with it.
            case true?: Task { await runAll(of: group, run) }
            case false?: break
            }
        }
    }

    /// Runs transactions until nobody of the group waits.
    private func runAll(of group: Group, _ run: Transaction) async {
        while case let batch = next(of: group), !batch.isEmpty {
            do {
                let results = try await run(batch.map(\.write))
                for (waiting, result) in zip(batch, results) { waiting.continuation.resume(returning: result) }
            } catch {
                await runEach(batch, run, after: error)
            }
        }
    }

    /// Runs a transaction for each write after one for all of them has failed: most of them may have nothing to do with the reason.
    private func runEach(_ batch: [Waiting], _ run: Transaction, after failure: any Error) async {
        guard batch.count > 1 else { return batch[0].continuation.resume(throwing: failure) }
        for waiting in batch {
            do {
                waiting.continuation.resume(returning: try await run([waiting.write])[0])
            } catch {
                waiting.continuation.resume(throwing: error)
            }
        }
    }

    /// The writes for the next transaction; empty if there are none.
    private func next(of group: Group) -> [Waiting] {
        state.withLock { state in
            guard var waiting = state.waiting[group], !waiting.isEmpty else {
                state.waiting[group] = nil
                return []
            }
            var (length, size) = (0, 0)
            for (write, _) in waiting {
                size += write.changes.count
                if length > 0, size > Self.transactionSize { break }
                length += 1
            }
            let batch = Array(waiting.prefix(length))
            waiting.removeFirst(length)
            state.waiting[group] = waiting
            state.count -= length
            return batch
        }
    }
}
