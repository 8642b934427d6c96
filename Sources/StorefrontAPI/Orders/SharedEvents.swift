import Orders
import Synchronization

/// Lets all who need the same value at about the same time share it: the first of them has it made.
final class SharedValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private enum Entry {
        case ready(Value)
        case making([@Sendable (Result<Value, any Error>) -> Void])
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private let capacity: Int

    /// - Parameter capacity: how many values are kept, at most.
    init(capacity: Int) { self.capacity = capacity }

    /// - Parameters:
    ///   - make: makes the value, unless it is there or being made. A failure is not kept.
    ///   - receive: called once, before this returns if the value is there.
    func value(
        _ key: Key, _ make: @escaping @Sendable () async throws -> Value,
        receive: @escaping @Sendable (Result<Value, any Error>) -> Void
    ) {
        let (value, isFirst) = entries.withLock { entries -> (Value?, Bool) in
            switch entries[key] {
            case .ready(let value)?: return (value, false)
            case .making(let waiting)?:
                entries[key] = .making(waiting + [receive])
                return (nil, false)
            case nil:
                // Those that are being made have somebody who waits for them.
                if entries.count >= capacity { entries = entries.filter { if case .making = $0.value { true } else { false } } }
                entries[key] = .making([receive])
                return (nil, true)
            }
        }
        if let value { return receive(.success(value)) }
        guard isFirst else { return }
        Task {
            let made: Result<Value, any Error>
            do { made = .success(try await make()) } catch { made = .failure(error) }
            let waiting = entries.withLock { entries -> [@Sendable (Result<Value, any Error>) -> Void] in
                guard case .making(let waiting)? = entries[key] else { return [] }
                entries[key] = (try? made.get()).map { .ready($0) }
                return waiting
            }
            for receive in waiting { receive(made) }
        }
    }
}

/// What listeners to orders share.
struct SharedEvents: Sendable {
    struct EventKey: Hashable {
        let storeID: StoreID
        let position: Int64
        /// By which link, and who looks; both `nil` for the order's customer.
        let slug: String?
        let visitor: Visitor?
    }

    struct Event {
        let bytes: [UInt8]
        /// Whose order it is by then.
        let owner: CustomerID?
        /// Whether the order can be read by then.
        let isThere: Bool
    }

    struct LinkKey: Hashable {
        let storeID: StoreID
        let slug: String
        /// A moment of ``LinkKey/interval`` seconds.
        let moment: Int64

        static let interval: Int64 = 5
    }

    /// The bytes of events.
    let events = SharedValues<EventKey, Event>(capacity: 256)
    /// Whether links lead somewhere.
    let links = SharedValues<LinkKey, Bool>(capacity: 10_000)
}
