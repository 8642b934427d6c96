import Orders
import Synchronization

/// Lets all listeners to one order share the bytes of an event, which the first of them makes.
final class RenderedEvents: Sendable {
    struct Key: Hashable {
        let storeID: StoreID
        let position: Int64
        /// By which link, and who looks; both `nil` for the order's customer.
        let slug: String?
        let visitor: Visitor?
    }

    struct Rendered {
        let bytes: [UInt8]
        /// Whose order it is by then.
        let owner: CustomerID?
    }

    private let tasks = Mutex<[Key: Task<Rendered, any Error>]>([:])

    /// So many events are kept, of which the listeners have heard long before.
    private static let capacity = 256

    /// - Parameter make: makes the event, unless somebody has made it already.
    func event(_ key: Key, _ make: @escaping @Sendable () async throws -> Rendered) async throws -> Rendered {
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
