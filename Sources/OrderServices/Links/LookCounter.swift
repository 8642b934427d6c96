package import Orders
import Synchronization

/// Counts looks at orders in memory, and stores them from time to time: reading an order waits for no write.
///
/// A process that is killed loses the looks since ``store(in:)`` was last called.
package final class LookCounter: Sendable {
    private struct Hour: Hashable {
        let order: OrderKey
        let beginning: Timestamp
    }

    private let counts = Mutex<[Hour: Int64]>([:])

    /// More orders than that in one interval are not counted.
    private static let capacity = 100_000
    private static let atOnce = 1000

    package init() {}

    func note(_ order: OrderKey, at time: Timestamp) {
        let hour = Hour(order: order, beginning: Timestamp(seconds: time.microseconds / 3_600_000_000 * 3600))
        counts.withLock { counts in
            guard counts[hour] != nil || counts.count < Self.capacity else { return }
            counts[hour, default: 0] += 1
        }
    }

    /// Stores what was counted since the last time. If that fails, it is kept for the next time.
    /// - Throws: ``StorageFailure``.
    package func store(in storage: any OrderLinkStorage) async throws {
        let taken = counts.withLock { counts in
            defer { counts = [:] }
            return counts
        }
        var rest = Array(taken)[...]
        do {
            while !rest.isEmpty {
                // Each part is a transaction, which must not take long.
                try await storage.count(
                    rest.prefix(Self.atOnce).map { ($0.key.order, OrderLooks(hour: $0.key.beginning, count: $0.value)) })
                rest = rest.dropFirst(Self.atOnce)
            }
        } catch {
            counts.withLock { counts in for (hour, count) in rest { counts[hour, default: 0] += count } }
            throw error
        }
    }
}
