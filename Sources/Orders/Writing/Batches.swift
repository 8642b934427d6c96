import Synchronization

/// Lets what comes at the same time be done together, for example in one transaction with one wait for the disk.
///
/// While a batch is in progress, the items that come in wait; then they make up the next one. Nobody waits for others to come.
package final class Batches<Group: Hashable & Sendable, Item: Sendable, Output: Sendable>: Sendable {
    private typealias Waiting = (item: Item, continuation: CheckedContinuation<Output, any Error>)

    /// The maximum number of items that wait.
    private let capacity = 4096
    private let maximumSize: Int
    private let size: @Sendable (Item) -> Int

    private struct State {
        /// A group is here as long as one of its batches is in progress.
        var waiting: [Group: [Waiting]] = [:]
        var count = 0
    }

    private let state = Mutex(State())

    /// Does all of a batch.
    package typealias Run = @Sendable ([Item]) async throws -> [Output]

    /// - Parameters:
    ///   - maximumSize: of a batch, unless a single item is larger.
    ///   - size: of an item.
    package init(maximumSize: Int, size: @escaping @Sendable (Item) -> Int = { _ in 1 }) {
        self.maximumSize = maximumSize
        self.size = size
    }

    /// Does an item in a batch with others of its group, and returns after that.
    ///
    /// If the batch fails, its items are done one by one: so `run` must leave nothing behind then, or be safe to repeat.
    /// - Parameter run: the same for all items of a group.
    /// - Throws: ``StorageFailure/busy`` if too many wait already; whatever `run` throws.
    package func add(_ item: Item, to group: Group, _ run: @escaping Run) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            let isFirst = state.withLock { state -> Bool? in
                guard state.count < capacity else { return nil }
                state.count += 1
                let isFirst = state.waiting[group] == nil
                state.waiting[group, default: []].append((item, continuation))
                return isFirst
            }
            switch isFirst {
            case nil: continuation.resume(throwing: StorageFailure.busy)
            // A task of its own: a caller may go away, and the others' items must not end with it.
            case true?: Task { await runAll(of: group, run) }
            case false?: break
            }
        }
    }

    /// Runs batches until nobody of the group waits.
    private func runAll(of group: Group, _ run: Run) async {
        while case let batch = next(of: group), !batch.isEmpty {
            do {
                let outputs = try await run(batch.map(\.item))
                for (waiting, output) in zip(batch, outputs) { waiting.continuation.resume(returning: output) }
            } catch {
                await runEach(batch, run, after: error)
            }
        }
    }

    /// Does each item alone after all of them have failed together: most of them may have nothing to do with the reason.
    private func runEach(_ batch: [Waiting], _ run: Run, after failure: any Error) async {
        guard batch.count > 1 else { return batch[0].continuation.resume(throwing: failure) }
        for waiting in batch {
            do {
                waiting.continuation.resume(returning: try await run([waiting.item])[0])
            } catch {
                waiting.continuation.resume(throwing: error)
            }
        }
    }

    /// The next batch; empty if there is none.
    private func next(of group: Group) -> [Waiting] {
        state.withLock { state in
            guard var waiting = state.waiting[group], !waiting.isEmpty else {
                state.waiting[group] = nil
                return []
            }
            var (length, total) = (0, 0)
            for (item, _) in waiting {
                total += size(item)
                if length > 0, total > maximumSize { break }
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
