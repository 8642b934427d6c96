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

    /// Takes a message without waiting, on any thread, one after the other.
    /// - Returns: false if the listener is too slow: it is dropped, and goes on from the database when it comes back.
    package typealias Receive = @Sendable (Message) -> Bool

    /// A place among the listeners, until it is released.
    package final class Subscription: Sendable {
        /// The position after which the messages begin: what was before is in the database.
        package let start: Int64
        private let cancel: @Sendable () -> Void

        fileprivate init(after start: Int64, cancel: @escaping @Sendable () -> Void) {
            self.start = start
            self.cancel = cancel
        }

        deinit { cancel() }
    }

    fileprivate struct Listener {
        let topic: Topic
        let receive: Receive
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
    /// A listener for whom so many messages wait is too slow.
    package static let patience = 128
    private static let pageSize = 500

    package init(storage: any OrderStorage) { self.storage = storage }

    /// Begins to listen.
    /// - Throws: ``Failure/unavailable`` if too many do; ``StorageFailure``.
    package func subscribe(
        to topic: Topic, in storeID: StoreID, receive: @escaping Receive
    ) async throws -> Subscription {
        let position = try await storage.lastPosition(of: storeID)
        let added = state.withLock { state -> (number: Int, start: Int64)? in
            guard state.count < Self.capacity else { return nil }
            let number = state.nextNumber
            state.nextNumber += 1
            state.count += 1
            state.stores[storeID, default: Store(position: position)].add(
                number, Listener(topic: topic, receive: receive))
            return (number, state.stores[storeID]?.position ?? position)
        }
        guard let added else { throw Failure.unavailable }
        return Subscription(after: added.start) { [weak self] in self?.remove(added.number, of: storeID) }
    }

    private func remove(_ number: Int, of storeID: StoreID) {
        // Released after the lock: whoever listens may have others to release.
        let listener = state.withLock { state -> Listener? in
            guard let listener = state.stores[storeID]?.remove(number) else { return nil }
            state.count -= 1
            if state.stores[storeID]?.listeners.isEmpty ?? false { state.stores[storeID] = nil }
            return listener
        }
        _ = consume listener
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
        typealias Heard = (event: OrderEvent, listeners: [(number: Int, receive: Receive)])
        let heard = state.withLock { state -> [Heard] in
            // Nobody listens any more, or somebody has begun anew; or to customers by now, for whom the events are read once more.
            guard let store = state.stores[storeID], (start..<position).contains(store.position),
                customers != nil || store.byCustomer.isEmpty
            else { return [] }
            state.stores[storeID]?.position = position
            return events.filter { $0.position > store.position }.map { event in
                let numbers = (store.byOrder[event.orderID] ?? []).union(
                    customers?[event.orderID].flatMap { store.byCustomer[$0] } ?? []
                ).union(store.ofAll)
                return (event, numbers.compactMap { number in store.listeners[number].map { (number, $0.receive) } })
            }
        }
        var slow: Set<Int> = []
        for (event, listeners) in heard {
            // Those that are too slow get nothing that comes later: they go on from the last that they have got.
            for (number, receive) in listeners where !slow.contains(number) && !receive(.event(event)) { slow.insert(number) }
        }
        for number in slow { remove(number, of: storeID) }
    }

    /// Tells listeners that they are still connected: a part of them in each of ``beats`` turns, so that not all are told at once.
    package func beat(_ turn: Int) {
        let listeners = state.withLock { state in
            state.stores.flatMap { storeID, store in
                store.listeners.filter { $0.key % Self.beats == turn % Self.beats }.map { (storeID, $0.key, $0.value.receive) }
            }
        }
        for (storeID, number, receive) in listeners where !receive(.heartbeat) { remove(number, of: storeID) }
    }

    /// The number of turns after which all were told.
    package static let beats = 15
}

/// Messages in a sequence, for a listener that takes them one by one.
package struct LiveQueue: Sendable {
    /// Ends if the listener falls behind.
    package let messages: AsyncStream<LiveEvents.Message>
    package let receive: LiveEvents.Receive

    package init() {
        let (messages, continuation) = AsyncStream.makeStream(
            of: LiveEvents.Message.self, bufferingPolicy: .bufferingOldest(LiveEvents.patience))
        self.messages = messages
        receive = { message in
            switch (message, continuation.yield(message)) {
            case (_, .enqueued), (.heartbeat, .dropped): return true
            default:
                continuation.finish()
                return false
            }
        }
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
