import Orders
import Synchronization

/// Lets all listeners to one order share the bytes of an event, which the first of them makes.
final class RenderedEvents: Sendable {
    struct Key: Hashable {
        let storeID: StoreID
        let position: Int64
        /// Who gets the same bytes: `nil` for the order's customer, or else whoever looks at it by its link.
        let visitor: Visitor?
    }

    private let tasks = Mutex<[Key: Task<[UInt8], any Error>]>([:])

    /// So many events are kept, of which the listeners have heard long before.
    private static let capacity = 256

    /// - Parameter make: makes the bytes, unless somebody has made them already.
    func bytes(_ key: Key, _ make: @escaping @Sendable () async throws -> [UInt8]) async throws -> [UInt8] {
        let task = tasks.withLock { tasks in
            if let task = tasks[key] { return task }
            if tasks.count >= Self.capacity { tasks = [:] }
            let task = Task { try await make() }
            tasks[key] = task
            return task
        }
        do { return try await task.value } catch {
            tasks.withLock { $0[key] = nil }
            throw error
        }
    }
}
