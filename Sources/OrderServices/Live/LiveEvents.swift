package import Orders
import Synchronization

/// Hands the events of orders to those who listen, within a twentieth of a second, whichever server or process has written them.
///
/// One query asks for the positions of all stores that somebody listens to (``poll()``), so the work does not grow with the number of
/// listeners, and nothing depends on a notification that can get lost. Positions are committed in their order, so nobody misses an event.
package final class LiveEvents: Sendable {
    /// What somebody listens to.
    package enum Topic: Sendable {
        case order(OrderID)
        /// All orders of some customers, which are one person's.
        case customers(Set<CustomerID>)
        /// All orders of the store.
        case store
    }

    /// What a listener gets.
    package enum Message: Sendable {
        case event(OrderEvent)
        /// Nothing has happened for a while.
        case heartbeat
    }

    /// A listener, until it is released.
    package final class Subscription: Sendable {
        /// Ends if the listener falls behind.
        package let messages: AsyncStream<Message>
        /// The position after which the messages begin: what was before is in the database.
        package let start: Int64
        private let cancel: @Sendable () -> Void

        fileprivate init(_ messages: AsyncStream<Message>, after start: Int64, cancel: @escaping @Sendable () -> Void) {
            self.messages = messages
            self.start = start
            self.cancel = cancel
        }

        deinit { cancel() }
    }

    fileprivate struct Listener {
        let topic: Topic
        let continuation: AsyncStream<Message>.Continuation
    }

    /// The listeners of a store.
    fileprivate struct Store {
        /// Everything up to here was handed out, or was there before anybody listened.
        var position: Int64
        var listeners: [Int: Listener] = [:]
        var byOrder: [OrderID: Set<Int>] = [:]
        var byCustomer: [CustomerID: Set<Int>] = [:]
        var ofAll: Set<Int> = []
    }

    private struct State {
        var stores: [StoreID: Store] = [:]
        var nextNumber = 0
        var count = 0
    }

    private let storage: any OrderStorage
    private let state = Mutex(State())

    /// The maximum number of listeners of a server.
    private static let capacity = 50_000
    /// A listener for whom so many messages wait is too slow: it is dropped, and goes on from the database when it comes back.
    private static let patience = 128
    private static let pageSize = 500

    package init(storage: any OrderStorage) { self.storage = storage }

    /// Begins to listen.
    /// - Throws: ``Failure/unavailable`` if too many do; ``StorageFailure``.
    package func subscribe(to topic: Topic, in storeID: StoreID) async throws -> Subscription {
        let position = try await storage.lastPosition(of: storeID)
        let (messages, continuation) = AsyncStream.makeStream(of: Message.self, bufferingPolicy: .bufferingOldest(Self.patience))
        let added = state.withLock { state -> (number: Int, start: Int64)? in
            guard state.count < Self.capacity else { return nil }
            let number = state.nextNumber
            state.nextNumber += 1
            state.count += 1
            state.stores[storeID, default: Store(position: position)].add(
                number, Listener(topic: topic, continuation: continuation))
            return (number, state.stores[storeID]?.position ?? position)
        }
        guard let added else { throw Failure.unavailable }
        return Subscription(messages, after: added.start) { [weak self] in self?.remove(added.number, of: storeID) }
    }

    private func remove(_ number: Int, of storeID: StoreID) {
        let listener = state.withLock { state -> Listener? in
            guard let listener = state.stores[storeID]?.remove(number) else { return nil }
            state.count -= 1
            if state.stores[storeID]?.listeners.isEmpty ?? false { state.stores[storeID] = nil }
            return listener
        }
        listener?.continuation.finish()
    }

    /// Hands out what has happened since the last time.
    /// - Returns: whether there is more at once.
    /// - Throws: ``StorageFailure``.
    package func poll() async throws -> Bool {
        let known = state.withLock { state in
            state.stores.mapValues { (position: $0.position, hasCustomers: !$0.byCustomer.isEmpty) }
        }
        guard !known.isEmpty else { return false }
        let positions = try await storage.lastPositions(of: Array(known.keys))
        var (isMore, failure): (Bool, (any Error)?) = (false, nil)
        for (storeID, known) in known where (positions[storeID] ?? 0) > known.position {
            // One store's fault is not the others'.
            do {
                isMore = try await poll(storeID, after: known.position, hasCustomers: known.hasCustomers) || isMore
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return isMore
    }

    private func poll(_ storeID: StoreID, after position: Int64, hasCustomers: Bool) async throws -> Bool {
        let events = try await storage.events(of: storeID, after: position, limit: Self.pageSize)
        guard let last = events.last else { return false }
        let customers = hasCustomers ? try await storage.customers(of: Set(events.map(\.orderID)), in: storeID) : nil
        // Whoever hears of a change reads the order next.
        await storage.settle()
        handOut(events, customers, in: storeID, from: position, upTo: last.position)
        return events.count == Self.pageSize
    }

    /// - Parameter customers: those of the orders; `nil` if nobody listened to customers when the events were read.
    private func handOut(
        _ events: [OrderEvent], _ customers: [OrderID: CustomerID]?, in storeID: StoreID, from start: Int64, upTo position: Int64
    ) {
        let slow = state.withLock { state -> [Listener] in
            // Nobody listens any more, or somebody has begun anew; or to customers by now, for whom the events are read once more.
            guard let store = state.stores[storeID], (start..<position).contains(store.position),
                customers != nil || store.byCustomer.isEmpty
            else { return [] }
            state.stores[storeID]?.position = position
            var slow: [Listener] = []
            for event in events where event.position > store.position {
                let numbers = (store.byOrder[event.orderID] ?? []).union(
                    customers?[event.orderID].flatMap { store.byCustomer[$0] } ?? []
                ).union(store.ofAll)
                for number in numbers {
                    guard let listener = state.stores[storeID]?.listeners[number],
                        case .dropped = listener.continuation.yield(.event(event))
                    else { continue }
                    // Nothing that comes later: it goes on from the last that it has got.
                    _ = state.stores[storeID]?.remove(number)
                    state.count -= 1
                    slow.append(listener)
                }
            }
            if state.stores[storeID]?.listeners.isEmpty ?? false { state.stores[storeID] = nil }
            return slow
        }
        for listener in slow { listener.continuation.finish() }
    }

    /// Tells all listeners that they are still connected.
    package func beat() {
        let continuations = state.withLock { state in state.stores.values.flatMap { $0.listeners.values.map(\.continuation) } }
        for continuation in continuations { continuation.yield(.heartbeat) }
    }
}

extension LiveEvents.Store {
    fileprivate mutating func add(_ number: Int, _ listener: LiveEvents.Listener) {
        listeners[number] = listener
        switch listener.topic {
        case .order(let id): byOrder[id, default: []].insert(number)
        case .customers(let ids): for id in ids { byCustomer[id, default: []].insert(number) }
        case .store: ofAll.insert(number)
        }
    }

    fileprivate mutating func remove(_ number: Int) -> LiveEvents.Listener? {
        guard let listener = listeners.removeValue(forKey: number) else { return nil }
        switch listener.topic {
        case .order(let id): Self.remove(number, from: &byOrder, id)
        case .customers(let ids): for id in ids { Self.remove(number, from: &byCustomer, id) }
        case .store: ofAll.remove(number)
        }
        return listener
    }

    private static func remove<Key>(_ number: Int, from index: inout [Key: Set<Int>], _ key: Key) {
        index[key]?.remove(number)
        if index[key]?.isEmpty ?? false { index[key] = nil }
    }
}
