import Foundation
import Orders
package import Pictures
import Synchronization

/// Takes pictures as they come and decodes them: few at the same time, because each is in memory, and on threads of its own, because decoding one
/// takes a while.
package final class PictureCheck: Sendable {
    /// How many are decoded at the same time.
    private static let concurrent = 2

    private let capacity: Int
    private let count = Atomic<Int>(0)
    private let queue: OperationQueue

    /// - Parameter capacity: how many may be on their way at the same time.
    package init(capacity: Int = 16) {
        self.capacity = capacity
        queue = OperationQueue()
        queue.maxConcurrentOperationCount = Self.concurrent
    }

    /// Runs what receives and keeps one picture.
    /// - Throws: ``Failure/unavailable`` if too many are on their way; what `body` throws.
    package func receiving<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= capacity else {
            count.wrappingSubtract(1, ordering: .relaxed)
            throw Failure.unavailable
        }
        defer { count.wrappingSubtract(1, ordering: .relaxed) }
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
