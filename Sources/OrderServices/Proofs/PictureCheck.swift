import Foundation
package import Orders
package import Pictures
import Synchronization

/// Takes pictures as they come and decodes them: few at the same time, because each is in memory, and on threads of its own, because decoding one
/// takes a while.
package final class PictureCheck: Sendable {
    /// How many are decoded at the same time.
    private static let concurrent = 2

    private let capacity: Int
    private let perOrder: Int
    /// How many pictures of each order are on their way.
    private let counts = Mutex<[OrderKey: Int]>([:])
    private let queue: OperationQueue

    /// - Parameters:
    ///   - capacity: how many may be on their way at the same time.
    ///   - perOrder: how many of one order, so that whoever has a link can't take all places.
    package init(capacity: Int = 32, perOrder: Int = 2) {
        self.capacity = capacity
        self.perOrder = perOrder
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = Self.concurrent
    }

    /// Runs what receives and keeps one picture.
    /// - Throws: ``Failure/unavailable`` if too many are on their way; what `body` throws.
    package func receiving<Value: Sendable>(
        oneOf order: OrderKey, _ body: () async throws -> Value
    ) async throws -> Value {
        let isFree = counts.withLock { counts in
            guard counts.values.reduce(0, +) < capacity, counts[order, default: 0] < perOrder else { return false }
            counts[order, default: 0] += 1
            return true
        }
        guard isFree else { throw Failure.unavailable }
        defer { counts.withLock { $0[order] = $0[order].flatMap { $0 > 1 ? $0 - 1 : nil } } }
        return try await body()
    }

    /// The picture that a file is.
    package func picture(_ file: [UInt8]) async -> Result<Picture, PictureRefusal> {
        await withCheckedContinuation { continuation in
            queue.addOperation {
                do throws(PictureRefusal) { continuation.resume(returning: .success(try Picture(file))) } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
    }
}
