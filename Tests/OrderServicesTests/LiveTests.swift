import JSON
import OrderServices
import Orders
import SQLStorage
import SQLiteStorage
import Synchronization
import TestFixtures
import Testing

@Suite struct `Whoever listens to orders` {
    private static let customers: [Int64] = [1, 2, 3, 4, 5]
    private let folder: TemporaryFolder
    private let storage: SQLiteStorage
    private let live: LiveEvents
    private let orders: [OrderID]

    init() async throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        live = LiveEvents(storage: storage)
        var generator = SeededGenerator(seed: 9)
        orders = (0..<20).map { OrderID(mintedAt: Timestamp(seconds: 1_770_000_000 + $0), using: &generator)! }
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        _ = try await session.write(orders.enumerated().map { try Self.change(of: $1, $0, 0) }, at: .now)
        try await session.commit()
    }

    private static func change(of id: OrderID, _ number: Int, _ version: Int) throws -> OrderChange {
        let customer = Int(customers[number % customers.count])
        let order = Fixture.order(
            id: .string(id.description), customer: customer,
            updated: Timestamp(seconds: 1_780_000_000 + Int64(version)).description,
            ["notes": .string("\(version)"), "order_id": .string("L-\(number)")])
        return try OrderChange(order, id: id)
    }

    private var listeners: LiveOrders {
        LiveOrders(
            storage: storage, events: live,
            publicOrders: PublicOrders(
                storage: storage, links: storage.accounts, looks: LookCounter(),
                proofs: ReportedProofs(uploads: storage.accounts) { "http://localhost" }, publicURL: nil),
            publicURL: nil)
    }

    /// Listens to all orders of a customer, goes away and comes back, until the last event of all is there.
    private func listen(_ customer: Int64, until isOver: @escaping @Sendable () -> Bool, seed: UInt64) async throws -> [Int64] {
        var generator = SeededGenerator(seed: seed)
        let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(customer))
        var (seen, position): ([Int64], Int64?) = ([], 0)
        while true {
            let wasOver = isOver()
            let queue = LiveQueue()
            let beginning = try await listeners.listen(toOrdersOf: buyer, after: position, receive: queue.receive)
            #expect(!beginning.isAnew)
            seen += beginning.missed.map(\.event.position)
            position = max(position ?? 0, beginning.position)
            // What was written last may not have been handed out yet.
            if wasOver, try await position == storage.lastPosition(of: Fixture.storeID) { return seen }
            var left = Int.random(in: 0..<200, using: &generator)
            for await message in queue.messages {
                if case .event(let event) = message {
                    seen.append(event.position)
                    position = event.position
                }
                left -= 1
                if left <= 0 || isOver() { break }
            }
            withExtendedLifetime(beginning.subscription) {}
        }
    }

    @Test func `misses nothing and sees nothing twice, however often they go away and come back`() async throws {
        let (rounds, count) = (500, 200)
        let isWritten = Flag()
        let seen = try await withThrowingTaskGroup(of: (Int64, [Int64])?.self) { group in
            for number in 0..<count {
                let customer = Self.customers[number % Self.customers.count]
                group.addTask {
                    (customer, try await listen(customer, until: { isWritten.isSet }, seed: UInt64(number)))
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    _ = try? await live.poll()
                    for turn in 0..<LiveEvents.beats { live.beat(turn) }
                    try? await Task.sleep(for: .milliseconds(2))
                }
                return nil
            }
            group.addTask {
                for round in 1...rounds {
                    let changes = try orders.enumerated().map { try Self.change(of: $1, $0, round) }
                    _ = try await storage.write(changes, allOrNothing: true, at: .now)
                }
                isWritten.set()
                return nil
            }
            var seen: [(Int64, [Int64])] = []
            for try await one in group {
                if let one { seen.append(one) }
                if seen.count == count { group.cancelAll() }
            }
            return seen
        }
        for (customer, positions) in seen {
            let expected = try await storage.events(of: [CustomerID(customer)], in: Fixture.storeID, after: 0, limit: 10_000)
            #expect(expected.count == 4 * (rounds + 1))
            let all = expected.map(\.position)
            let gap = zip(positions, all).first { $0 != $1 }
            #expect(positions.count == all.count && gap == nil, "\(customer) \(positions.count) \(String(describing: gap))")
        }
    }

    @Test func `has no gap if more happens at once than they can keep`() async throws {
        let queue = LiveQueue()
        let listener = try await live.subscribe(
            to: .customers([CustomerID(1)]), in: Fixture.storeID, receive: queue.receive)
        let start = listener.start
        let received = Task {
            await queue.messages.reduce(into: [Int64]()) { positions, message in
                if case .event(let event) = message { positions.append(event.position) }
            }
        }
        let session = try await storage.beginImport(allOrNothing: false)
        // All of one customer, so that a page of events has more of them than a buffer holds.
        for version in 1...400 { _ = try await session.write([Self.change(of: orders[0], 0, version)], at: .now) }
        try await session.commit()
        while try await live.poll() {}
        received.cancel()
        let positions = await received.value
        let all = try await storage.events(of: [CustomerID(1)], in: Fixture.storeID, after: start, limit: 1000)
        #expect(all.count == 400)
        #expect(positions == Array(all.map(\.position).prefix(positions.count)))
    }

    @Test func `is dropped if they are too slow, and slows nobody`() async throws {
        let (slowQueue, quickQueue) = (LiveQueue(), LiveQueue())
        let slow = try await live.subscribe(to: .order(orders[0]), in: Fixture.storeID, receive: slowQueue.receive)
        let quick = try await live.subscribe(to: .order(orders[0]), in: Fixture.storeID, receive: quickQueue.receive)
        let counted = Task { await quickQueue.messages.reduce(into: 0) { count, _ in count += 1 } }
        for version in 1...300 {
            _ = try await storage.write([Self.change(of: orders[0], 0, version)], allOrNothing: true, at: .now)
            _ = try await live.poll()
            await Task.yield()
        }
        // It has the first ones without a gap, so it goes on from the last of them.
        let all = try await storage.events(of: orders[0], in: Fixture.storeID, after: 0, limit: 1000).map(\.position)
        var kept: [Int64] = []
        for await message in slowQueue.messages { if case .event(let event) = message { kept.append(event.position) } }
        #expect(kept.count < 300 && kept == Array(all.filter { $0 > slow.start }.prefix(kept.count)))
        #expect(try await storage.events(of: orders[0], in: Fixture.storeID, after: 0, limit: 1000).count == 301)
        counted.cancel()
        // What it has got before it was cancelled, which is all.
        #expect(await counted.value == 300)
        withExtendedLifetime((slow, quick)) {}
    }
}

/// Something that becomes true once.
private final class Flag: Sendable {
    private let value = Mutex(false)

    var isSet: Bool { value.withLock { $0 } }

    func set() { value.withLock { $0 = true } }
}
