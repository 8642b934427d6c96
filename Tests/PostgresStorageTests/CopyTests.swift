import JSON
import OrderServices
import Orders
import SQLStorage
import SQLiteStorage
import Synchronization
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct `A copy to PostgreSQL` {
    /// An embedded storage with orders of many months, some of them migrated.
    private func source(_ folder: TemporaryFolder, count: Int = 2300) async throws -> SQLiteStorage {
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        var generator = SystemRandomNumberGenerator()
        try await storage.add(
            (0..<count).map { number in
                let id = OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + Int64(number) * 20_000), using: &generator)!
                return try order(id, legacy: number % 7 == 0 ? Int64(number + 1) : nil, notes: "\(number)")
            })
        return storage
    }

    private func run(_ source: SQLiteStorage, _ target: PostgresStorage) async throws -> Bool {
        try await StorageCopy(from: SQLiteSnapshot(source), to: PostgresCopy(target)).run { _ in }
    }

    @Test func `gives buyers the same bytes and entity tags`() async throws {
        let folder = try TemporaryFolder()
        let source = try await source(folder)
        let (target, _) = try await emptyStorage()
        #expect(try await run(source, target))
        var position = PageRequest.Position.newest
        var count = 0
        while true {
            let page = PageRequest(position: position)
            let outline = try await source.outline(of: page, for: buyer)
            #expect(try await target.outline(of: page, for: buyer) == outline)
            for entry in outline.entries {
                let (left, right) = (
                    try await source.order(.id(entry.id), for: buyer), try await target.order(.id(entry.id), for: buyer)
                )
                #expect(left?.document == right?.document && left?.store == right?.store && left?.customer == right?.customer)
            }
            count += outline.entries.count
            guard outline.hasNext, let last = outline.entries.last else { break }
            position = .olderThan(last.id)
        }
        #expect(count == 2300)
        #expect(try await target.order(.legacy(LegacyOrderID(1)!), for: buyer) != nil)
        // And an import finds what was copied.
        let session = try await target.beginImport(allOrNothing: false)
        let known = try #require(try await source.outline(of: PageRequest(size: 1), for: buyer).entries.first)
        #expect(try await session.write([order(known.id)], at: .now) == [.kept])
    }

    @Test func `repairs rows that only look the same`() async throws {
        let folder = try TemporaryFolder()
        let source = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        try await source.add([OrderChange(Fixture.order(id: .string(id.description), slug: "caf\u{E9}"), id: id)])
        let (target, database) = try await emptyStorage()
        #expect(try await run(source, target))
        let cluster = try await Cluster.shared()
        try await cluster.run(
            """
            UPDATE pesanan.customer_order SET secret_slug = U&'cafe\\0301'; UPDATE pesanan.order_key SET key = U&'cafe\\0301';
            INSERT INTO pesanan.unfinished_copy VALUES (1)
            """, in: database)
        #expect(try await run(source, target))
        #expect(
            try await cluster.run("SELECT octet_length(secret_slug) FROM pesanan.customer_order", in: database) == "5\n")
    }

    @Test(arguments: [1, 4, 6, 9])
    func `resumes after an interruption, and repairs wrong rows`(ranges: Int) async throws {
        let folder = try TemporaryFolder()
        let source = try await source(folder)
        let (target, database) = try await emptyStorage()
        await #expect(throws: BrokenOff.Interruption.self) {
            let copy = BrokenOff(try await PostgresCopy(target), after: ranges)
            _ = try await StorageCopy(from: SQLiteSnapshot(source), to: copy).run { _ in }
        }
        try await Cluster.shared().run(
            """
            UPDATE pesanan.order_document SET version = version + 1 WHERE id IN (SELECT id FROM pesanan.order_document LIMIT 3);
            DELETE FROM pesanan.order_key WHERE kind = 'legacy_id' AND key = '8';
            INSERT INTO pesanan.order_key VALUES ('store_A', 'legacy_id', '99999999', gen_random_uuid())
            """, in: database)
        #expect(try await run(source, target))
        #expect(try await target.order(.legacy(LegacyOrderID(99_999_999)!), for: buyer) == nil)
        #expect(try await target.order(.legacy(LegacyOrderID(8)!), for: buyer) != nil)
    }

    @Test func `is refused by a database with other data, and by one with a completed copy`() async throws {
        let folder = try TemporaryFolder()
        let source = try await source(folder, count: 3)
        let (target, _) = try await emptyStorage()
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        try await target.add([order(id, notes: "mine")])
        await #expect(throws: CopyRefusal.self) { try await run(source, target) }
        #expect(try await target.notes(id) == "mine")
        let (other, _) = try await emptyStorage()
        #expect(try await run(source, other))
        await #expect(throws: CopyRefusal.self) { try await run(source, other) }
    }
}

/// A target that fails after a few ranges.
private final class BrokenOff: StoredRowsTarget {
    struct Interruption: Error {}

    private let target: PostgresCopy
    private let left: Atomic<Int>

    init(_ target: PostgresCopy, after ranges: Int) {
        self.target = target
        left = Atomic(ranges)
    }

    func beginCopy() async throws { try await target.beginCopy() }

    func endCopy() async throws { try await target.endCopy() }

    func rows(of table: StoredTable, in range: StoredRange, limit: Int) async throws -> [StoredRow] {
        try await target.rows(of: table, in: range, limit: limit)
    }

    func replace(_ table: StoredTable, in range: StoredRange, with rows: [StoredRow]) async throws {
        guard left.subtract(1, ordering: .relaxed).newValue >= 0 else { throw Interruption() }
        try await target.replace(table, in: range, with: rows)
    }
}
