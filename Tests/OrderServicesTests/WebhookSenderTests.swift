import JSON
import Logging
import Orders
import SQLStorage
import SQLiteStorage
import Synchronization
import TestFixtures
import Testing

@testable import OrderServices

@Suite struct `Whoever sends webhooks` {
    private let folder: TemporaryFolder
    private let storage: SQLiteStorage
    private let orders: [OrderID]

    init() async throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        var generator = SeededGenerator(seed: 9)
        orders = (0..<20).map { OrderID(mintedAt: Timestamp(seconds: 1_770_000_000 + $0), using: &generator)! }
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        try await session.commit()
    }

    private func sender(
        _ transport: WebhookReceivers, _ clock: SetClock, isAlone: Bool = true,
        holding: WebhookSender.Holding = WebhookSender.Holding()
    ) -> WebhookSender {
        WebhookSender(
            storage: storage, webhooks: storage.accounts,
            bodies: WebhookBodies(storage: storage, deleted: storage.accounts, publicURL: nil), transport: transport,
            isAlone: isAlone, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, now: { clock.now },
            holding: holding)
    }

    @discardableResult
    private func addEndpoint(_ url: String, events: Set<OrderEvent.Kind>? = nil) async throws -> WebhookEndpoint {
        try await MerchantWebhooks(storage: storage.accounts).add(url, for: events, noticeEmail: nil, to: Fixture.storeID)
    }

    /// Changes some orders.
    private func write(_ orders: some Sequence<OrderID>, _ version: Int) async throws {
        let changes = try orders.map { id in
            try OrderChange(
                Fixture.order(
                    id: .string(id.description), updated: Timestamp(seconds: 1_780_000_000 + Int64(version)).description,
                    ["notes": .string("\(version)")]), id: id)
        }
        let outcomes = try await storage.write(changes, allOrNothing: true, at: .now)
        #expect(outcomes.allSatisfy { !$0.isRefused })
    }

    /// Works until nothing is left to do at this time.
    private func settle(_ sender: WebhookSender) async throws {
        var quiet = 0
        while quiet < 3 {
            let isMore = try await sender.work()
            let isBusy = await sender.isBusy
            quiet = isMore || isBusy ? 0 : quiet + 1
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func expectAll(_ receivers: WebhookReceivers, _ url: String, _ events: [OrderEvent]) {
        let received = receivers.all.filter { $0.url == url }
        #expect(received.count == events.count)
        for id in orders {
            let numbers = received.filter { $0.order == id.description }.map(\.number)
            #expect(numbers == events.filter { $0.orderID == id }.map(\.number), "\(url)")
        }
        #expect(Set(received.map(\.id)).count == events.count)
    }

    @Test func `sends each event once, those of an order in their order, to each endpoint that wants it`() async throws {
        let (receivers, clock) = (WebhookReceivers(), SetClock())
        try await write(orders.prefix(2), 0)
        let sender = sender(receivers, clock)
        try await addEndpoint("https://all.example")
        try await addEndpoint("https://created.example", events: [.created])
        let start = try await storage.lastPosition(of: Fixture.storeID)
        for version in 1...10 { try await write(orders, version) }
        try await settle(sender)
        let events = try await storage.events(of: Fixture.storeID, after: start, limit: 1000)
        #expect(events.count == 200)
        expectAll(receivers, "https://all.example", events)
        #expect(receivers.all.filter { $0.url == "https://created.example" }.count == 18)
        let recorded = try await storage.accounts.webhookDeliveries(
            of: Fixture.storeID, where: .init(status: .delivered), before: nil, limit: 1000)
        #expect(recorded.count == 218 && recorded.allSatisfy { $0.attempts == 1 && $0.last?.answerStatus == 200 })
        await sender.end()
        #expect(try await storage.accounts.activeWebhookEndpoints().allSatisfy { $0.hold == nil })
    }

    @Test func `sends everything to a receiver that was down for an hour`() async throws {
        let (receivers, clock) = (WebhookReceivers(), SetClock())
        let sender = sender(receivers, clock)
        try await addEndpoint("https://all.example")
        receivers.setUp(false)
        for version in 1...20 {
            try await write(orders.prefix(8), version)
            try await settle(sender)
            for _ in 0..<6 {
                clock.advance(30)
                try await settle(sender)
            }
        }
        #expect(receivers.all.isEmpty)
        receivers.setUp(true)
        clock.advance(301)
        try await settle(sender)
        expectAll(receivers, "https://all.example", try await storage.events(of: Fixture.storeID, after: 0, limit: 1000))
    }

    @Test func `holds up nobody for an endpoint that fails or is slow`() async throws {
        let (receivers, clock) = (WebhookReceivers(), SetClock())
        let sender = sender(receivers, clock)
        for name in ["broken", "stuck", "fine"] { try await addEndpoint("https://\(name).example") }
        for version in 1...5 { try await write(orders, version) }
        var seen = 0
        _ = try await eventually {
            _ = try await sender.work()
            seen = receivers.all.filter { $0.url == "https://fine.example" }.count
            return seen == 100
        }
        #expect(seen == 100)
        #expect(receivers.all.filter { $0.url == "https://stuck.example" }.count < 50)
        await sender.end()
    }

    @Test func `stops an endpoint after three days, or at once if it is gone, and goes on when told to`() async throws {
        let (receivers, clock) = (WebhookReceivers(), SetClock())
        let sender = sender(receivers, clock)
        let gone = try await addEndpoint("https://gone.example")
        let broken = try await addEndpoint("https://broken.example")
        try await write(orders.prefix(3), 1)
        try await settle(sender)
        let stops = { try await storage.accounts.webhookEndpoints(of: Fixture.storeID).map { [$0.id: $0.stop] } }
        #expect(try await stops() == [[gone.id: .gone], [broken.id: nil]])
        for _ in 0..<(3 * 24 * 12 + 20) {
            clock.advance(300)
            _ = try await sender.work()
            while await sender.isBusy { await Task.yield() }
        }
        #expect(try await stops().contains([broken.id: .failing]))
        let open = try await storage.accounts.webhookDeliveries(
            of: Fixture.storeID, where: .init(status: .pending), before: nil, limit: 10)
        #expect(open.isEmpty)
        #expect(try await storage.accounts.unannouncedWebhookStops().count == 2)

        var change = MerchantWebhooks.Change()
        (change.isEnabled, change.url) = (true, "https://fine.example")
        _ = try await MerchantWebhooks(storage: storage.accounts).change(broken.id, of: Fixture.storeID, change)
        try await write(orders.prefix(3), 2)
        try await Task.sleep(for: .seconds(1.1))
        try await settle(sender)
        // The new ones, and not those that it has missed.
        #expect(receivers.all.map(\.number) == [2, 2, 2])
        let deliveries = WebhookDeliveries(storage: storage, webhooks: storage.accounts, transport: receivers)
        let count = try await deliveries.replay(
            since: Timestamp(seconds: 0), until: nil, to: broken.id, of: Fixture.storeID)
        try await Task.sleep(for: .seconds(1.1))
        try await settle(sender)
        #expect(count == 6 && receivers.all.count == 9)
        for id in orders.prefix(3) {
            let numbers = receivers.all.filter { $0.order == id.description }.map(\.number)
            #expect(numbers == [2, 1, 2])
        }
        #expect(Set(receivers.all.map(\.id)).count == 6)
    }

    @Test func `sends what a merchant adds once, behind what waits, however much that is`() async throws {
        let (receivers, clock) = (WebhookReceivers(pause: .milliseconds(1)), SetClock())
        let sender = sender(receivers, clock)
        let endpoint = try await addEndpoint("https://all.example")
        let deliveries = WebhookDeliveries(
            storage: storage, webhooks: storage.accounts, transport: receivers, now: { clock.now })
        try await write(orders, 1)
        try await settle(sender)
        let first = try #require(
            try await storage.accounts.webhookDeliveries(of: Fixture.storeID, where: .init(), before: nil, limit: 1).first)
        // More than there is room for in memory wait.
        receivers.setUp(false)
        for version in 2...120 { try await write(orders, version) }
        try await settle(sender)
        _ = try await deliveries.replay(first.id, of: Fixture.storeID)
        receivers.setUp(true)
        clock.advance(301)
        for turn in 0..<40 {
            _ = try await sender.work()
            if turn % 4 == 0 { _ = try await deliveries.replay(first.id, of: Fixture.storeID) }
            try await Task.sleep(for: .milliseconds(120))
        }
        try await Task.sleep(for: .seconds(1.1))
        try await settle(sender)
        let received = receivers.all
        let again = received.filter { $0.order == first.orderID.description && $0.number == first.number }.count
        #expect(again == 12)
        for id in orders {
            let numbers = received.filter { $0.order == id.description }.map(\.number)
            // Each event once, in order; of one order, one event comes in between, again and again.
            let others = id == first.orderID ? numbers.filter { $0 != first.number } : numbers
            #expect(others == others.sorted() && Set(numbers).count == 120 && others.count == Set(others).count)
        }
        let open = try await storage.accounts.webhookDeliveries(
            of: Fixture.storeID, where: .init(endpointID: endpoint.id, status: .pending), before: nil, limit: 10)
        #expect(open.isEmpty)
    }

    @Test func `two servers send each event once and in order, and one takes over from another that is killed`() async throws {
        let (receivers, clock) = (WebhookReceivers(pause: .milliseconds(1)), SetClock())
        let holding = WebhookSender.Holding(
            lasts: .milliseconds(400), beats: .milliseconds(50), takeover: .milliseconds(700), longestSend: .milliseconds(100))
        var servers = (0..<2).map { _ in sender(receivers, clock, isAlone: false, holding: holding) }
        try await addEndpoint("https://all.example")
        try await addEndpoint("https://other.example")
        for round in 0..<3 {
            for version in 1...5 {
                try await write(orders, round * 5 + version)
                for server in servers { _ = try await server.work() }
            }
            let expected = 2 * 20 * 5 * (round + 1)
            _ = try await eventually {
                for server in servers { _ = try await server.work() }
                return receivers.all.count >= expected
            }
            // Killed: it is never heard of again. Nothing is under way, so nothing comes twice.
            for server in servers { while await server.isBusy { try await Task.sleep(for: .milliseconds(5)) } }
            servers[round % 2] = sender(receivers, clock, isAlone: false, holding: holding)
        }
        let events = try await storage.events(of: Fixture.storeID, after: 0, limit: 1000)
        for url in ["https://all.example", "https://other.example"] { expectAll(receivers, url, events) }
    }

    @Test func `loses nothing if it is killed between two steps, and keeps the order`() async throws {
        let clock = SetClock()
        let receivers = WebhookReceivers(pause: .milliseconds(3))
        try await addEndpoint("https://all.example")
        for version in 1...10 {
            try await write(orders, version)
            let server = sender(receivers, clock)
            for _ in 0..<3 { _ = try await server.work() }
            // What it has under way ends somewhere; nobody records it after the next has begun.
            try await Task.sleep(for: .milliseconds(20))
        }
        try await settle(sender(receivers, clock))
        let events = try await storage.events(of: Fixture.storeID, after: 0, limit: 1000)
        let received = receivers.all
        for event in events {
            #expect(received.contains { $0.order == event.orderID.description && $0.number == event.number })
        }
    }
}
