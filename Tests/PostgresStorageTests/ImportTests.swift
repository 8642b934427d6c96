import JSON
import Orders
import SQLStorage
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

/// A batch is written in two halves, on two connections.
@Suite(.serialized) struct `An import into PostgreSQL` {
    /// Orders of ten customers in turn, over a few months.
    private static let orders: [OrderChange] = {
        var generator = SystemRandomNumberGenerator()
        return (0..<200).map { number in
            let id = OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + Int64(number) * 60_000), using: &generator)!
            return try! OrderChange(
                Fixture.order(id: .string(id.description), customer: number % 10, slug: "slug-\(number)"), id: id)
        }
    }()

    private func begin(_ storage: PostgresStorage) async throws -> any StorageImport {
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        return session
    }

    /// Counts orders that lack their rows in other tables or their customer.
    private static let incomplete = """
        SELECT count(*) FROM pesanan.customer_order o WHERE NOT (
            EXISTS (SELECT 1 FROM pesanan.order_document d WHERE (d.store_id, d.customer_id, d.id) = (o.store_id, o.customer_id, o.id))
            AND EXISTS (SELECT 1 FROM pesanan.order_event e WHERE (e.store_id, e.order_id) = (o.store_id, o.id))
            AND EXISTS (SELECT 1 FROM pesanan.order_key k WHERE (k.store_id, k.order_id) = (o.store_id, o.id))
            AND EXISTS (SELECT 1 FROM pesanan.customer c WHERE (c.store_id, c.id) = (o.store_id, o.customer_id)))
        """

    @Test func `writes a customer with all their orders in one half`() async throws {
        let (storage, database) = try await emptyStorage()
        let session = try await begin(storage)
        #expect(try await session.write(Self.orders, at: .now) == Self.orders.map { _ in .created })
        try await session.commit()
        let cluster = try await Cluster.shared()
        #expect(
            try await cluster.run(
                "SELECT count(*), count(DISTINCT xmin::text), min(count) FROM (SELECT xmin, count(*) OVER (PARTITION BY xmin::text) FROM pesanan.customer_order) o",
                in: database
            ).hasPrefix("200|2|"))
        #expect(
            try await cluster.run(
                "SELECT max(count) FROM (SELECT count(DISTINCT xmin::text) FROM pesanan.customer_order GROUP BY customer_id) c",
                in: database)
                == "1\n")
        #expect(try await cluster.run(Self.incomplete, in: database) == "0\n")
    }

    @Test func `invalidates what servers may have cached, and nothing else`() async throws {
        let (storage, database) = try await emptyStorage()
        let session = try await begin(storage)
        let cluster = try await Cluster.shared()
        func changedAt() async throws -> String { try await cluster.run("SELECT changed_at FROM pesanan.store", in: database) }
        let before = try await changedAt()
        _ = try await session.write(Array(Self.orders[..<100]), at: .now)
        #expect(try await changedAt() == before)
        // More orders of known, unchanged customers.
        _ = try await session.write(Array(Self.orders[100...]), at: .now)
        #expect(try await changedAt() == before)
        var newer: [OrderChange] = []
        for (number, order) in Self.orders.prefix(20).enumerated() {
            newer.append(
                try OrderChange(
                    Fixture.order(
                        id: .string(order.id.description), customer: number % 10, slug: "slug-\(number)",
                        updated: "2026-04-01T00:00:00Z"),
                    id: order.id))
        }
        #expect(try await session.write(newer, at: .now) == newer.map { _ in .replaced })
        let after = try await changedAt()
        #expect(after != before)
        var generator = SystemRandomNumberGenerator()
        let id = OrderID(mintedAt: .now, using: &generator)!
        let customer = Fixture.customer(3, name: "Siti Baru", updated: "2026-05-01T00:00:00Z")
        let added = try OrderChange(Fixture.order(id: .string(id.description), ["customer": customer]), id: id)
        #expect(try await session.write([added], at: .now) == [.created])
        #expect(try await changedAt() != after)
        try await session.commit()
    }

    /// An open transaction that has taken an order's slug.
    private func transaction(takingSlugOf order: Int, in storage: PostgresStorage) async throws -> Session {
        let session = try await Session(storage.address, on: storage.loop)
        try await session.runScript(
            """
            BEGIN;
            INSERT INTO pesanan.order_key
            VALUES ('\(Fixture.storeID)', 'secret_slug', 'slug-\(order)', '0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b')
            """)
        return session
    }

    /// - Parameter blocked: an order of either half.
    @Test(arguments: [0, 1, 2, 3])
    func `retries if another import has taken a slug, and reports each outcome`(blocked: Int) async throws {
        let (storage, database) = try await emptyStorage()
        let session = try await begin(storage)
        let other = try await transaction(takingSlugOf: blocked, in: storage)
        async let writing = session.write(Self.orders, at: .now)
        try await whenOneWaits(in: database)
        try await other.runScript("COMMIT")
        let outcomes = try await writing
        #expect(outcomes.indices.filter { outcomes[$0] != .created } == [blocked])
        #expect(outcomes[blocked] == .refused(.slugTaken))
        try await session.commit()
        let cluster = try await Cluster.shared()
        #expect(try await cluster.run("SELECT count(*) FROM pesanan.customer_order", in: database) == "199\n")
        #expect(try await cluster.run(Self.incomplete, in: database) == "0\n")
    }

    /// - Parameter blocked: an order of either half.
    @Test(arguments: [0, 1, 2, 3])
    func `leaves nothing incomplete if a connection is cut, and can be repeated`(blocked: Int) async throws {
        let (storage, database) = try await emptyStorage()
        let session = try await begin(storage)
        let cluster = try await Cluster.shared()
        let other = try await transaction(takingSlugOf: blocked, in: storage)
        let writing = Task { try await session.write(Self.orders, at: .now) }
        try await whenOneWaits("pg_terminate_backend(pid)", in: database)
        await #expect(throws: StorageFailure.self) { try await writing.value }
        try await other.runScript("ROLLBACK")
        try? await session.rollback()
        #expect(try await cluster.run(Self.incomplete, in: database) == "0\n")
        let again = try await begin(storage)
        let outcomes = try await again.write(Self.orders, at: .now)
        #expect(outcomes.allSatisfy { $0 == .created || $0 == .unchanged })
        try await again.commit()
        #expect(try await cluster.run("SELECT count(*) FROM pesanan.customer_order", in: database) == "200\n")
        #expect(try await cluster.run(Self.incomplete, in: database) == "0\n")
    }

    @Test func `continues if somebody locks whole tables in between`() async throws {
        let (storage, database) = try await emptyStorage()
        let session = try await begin(storage)
        async let locking = Cluster.shared().run(
            """
            DO $$ BEGIN
                FOR turn IN 1..150 LOOP
                    BEGIN
                        LOCK TABLE pesanan.order_document IN ACCESS EXCLUSIVE MODE;
                    EXCEPTION WHEN deadlock_detected THEN
                        NULL;
                    END;
                    COMMIT;
                    PERFORM pg_sleep(0.005); COMMIT;
                END LOOP;
            END $$
            """, in: database)
        var generator = SystemRandomNumberGenerator()
        for batch in 0..<40 {
            let orders = try (0..<100).map { number in
                let id = OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + Int64(number)), using: &generator)!
                return try OrderChange(
                    Fixture.order(id: .string(id.description), customer: number, slug: "slug-\(batch)-\(number)"), id: id)
            }
            #expect(try await session.write(orders, at: .now) == orders.map { _ in .created })
        }
        try await session.commit()
        _ = try await locking
        #expect(try await Cluster.shared().run(Self.incomplete, in: database) == "0\n")
    }

    @Test func `leaves orders in one piece, and their columns in their rows`() async throws {
        let (storage, database) = try await emptyStorage()
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        // Incompressible text of almost a page.
        var generator = SystemRandomNumberGenerator()
        let notes = String((0..<5000).map { _ in Character(Unicode.Scalar(UInt8.random(in: 0x30...0x7A, using: &generator))) })
        try await storage.add([order(id, notes: notes)])
        #expect(try await storage.notes(id) == .string(notes))
        let pieces = try await Cluster.shared().run(
            "SELECT sum(pg_relation_size(reltoastrelid)) FROM pg_class WHERE relname ~ '^(customer_order|order_document|order_event)_' AND reltoastrelid <> 0",
            in: database)
        #expect(pieces == "0\n")
    }

    @Test func `writes both halves at once also if it replaces an order and adds customers`() async throws {
        let (storage, database) = try await emptyStorage()
        let replaced = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let session = try await begin(storage)
        _ = try await session.write([order(replaced)], at: .now)
        let newer = try order(replaced, notes: "2", updated: Timestamp(seconds: 1_780_000_009))
        let outcomes = try await session.write([newer] + Self.orders, at: .now)
        #expect(outcomes == [.replaced] + Self.orders.map { _ in .created })
        try await session.commit()
        // Tried again, all would be written by one transaction.
        let transactions = try await Cluster.shared().run(
            "SELECT count(DISTINCT xmin::text) FROM pesanan.customer_order", in: database)
        #expect(transactions == "2\n")
    }

    @Test(arguments: [true, false])
    func `appends no events if someone else has since its plan was made`(copies: Bool) async throws {
        let (storage, _) = try await emptyStorage()
        let ids = ["0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c"].map { OrderID($0)! }
        try await storage.add([])
        for expected in [0, 1] as [Int64] {
            let session = try await Session(storage.address, on: storage.loop)
            let late = try [order(ids[1], notes: "late", updated: .now)]
            try await storage.make(OrderPartition.all(of: ids))
            var lookups = Lookups()
            lookups.addOrders(late)
            let known = try await session.find(lookups).known
            #expect(known.stores[Fixture.storeID] == expected)
            let plan = WritePlan([OrderWrite(late, allOrNothing: false, at: .now)], known: known, answered: [])
            try await storage.add([order(ids[0], updated: .now)])
            let error = await #expect(throws: PostgresError.self) {
                try await session.inTransaction {
                    guard copies else {
                        _ = try await session.write(plan, after: known.stores, at: .now)
                        return
                    }
                    var positions = known.stores
                    try await session.copy(plan.changes, plan.changes.positionedEvents(after: &positions), at: .now)
                    try await session.raisePositions(from: known.stores, to: positions)
                }
            }
            #expect(error?.isPassing == true)
        }
        let events = try await storage.events(of: Fixture.storeID, after: 0, limit: 10)
        #expect(events.map(\.position) == [1, 2])
        #expect(events.map(\.orderID) == [ids[0], ids[0]])
    }
}
