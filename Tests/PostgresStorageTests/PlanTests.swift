import Orders
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct `The database` {
    /// The plan of a lookup with its connection's settings, for a buyer with one order a week over five years.
    private func plan(_ statement: ReadStatement, _ parameters: String, after ids: [OrderID]) async throws -> String {
        let (storage, database) = try await emptyStorage()
        try await storage.add(ids.map { try order($0) })
        let settings =
            "SET search_path = pesanan; SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; "
            + "SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_bitmapscan = off;"
        return try await Cluster.shared().run(
            """
            \(settings) ANALYZE; PREPARE lookup AS \(statement.sql);
            EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) EXECUTE lookup (\(parameters))
            """, in: database)
    }

    private static let ids: [OrderID] = {
        var generator = SystemRandomNumberGenerator()
        return (0..<260).map { OrderID(mintedAt: Timestamp(seconds: 1_610_000_000 + $0 * 604_800), using: &generator)! }
    }()

    /// The partitions that the plan actually read.
    private func visited(_ plan: String) -> Set<String> {
        let scans = plan.split(separator: "\n").filter { $0.contains(" on order_document_") && !$0.contains("never executed") }
        return Set(scans.compactMap { $0.firstMatch(of: /on (order_document_\w+)/).map { String($0.1) } })
    }

    @Test(arguments: [true, false])
    func `finds an order in one partition, by its key`(isPartitionKnown: Bool) async throws {
        let id = Self.ids[100]
        let partition = OrderPartition(of: id)
        let plan = try await plan(
            .order(isPartitionKnown ? partition : nil), "'\(Fixture.storeID)', 7, '\(id)'", after: Self.ids)
        #expect(visited(plan) == ["order_document_\(partition.suffix)"], "\(plan)")
        #expect(!plan.contains("Seq Scan"), "\(plan)")
    }

    @Test(arguments: [true, false])
    func `reads only the newest partitions for a buyer's newest page`(withDocuments: Bool) async throws {
        let plan = try await plan(
            .page(.older, withDocuments: withDocuments), "'\(Fixture.storeID)', 7, 'ffffffff-ffff-ffff-ffff-ffffffffffff', 26",
            after: Self.ids)
        // 26 weeks cover six or seven months; one more may be read to look beyond the newest.
        #expect((6...8).contains(visited(plan).count), "\(visited(plan)) \(plan)")
        #expect(!plan.contains("Seq Scan") && !plan.contains("Sort"), "\(plan)")
    }

    @Test func `continues from the middle without reading what precedes`() async throws {
        let cursor = Self.ids[130]
        let plan = try await plan(
            .page(.older, withDocuments: true), "'\(Fixture.storeID)', 7, '\(cursor)', 26", after: Self.ids)
        #expect(visited(plan).count <= 9, "\(plan)")
    }
}
