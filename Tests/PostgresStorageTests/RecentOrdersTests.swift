import Accounts
import JSON
import Orders
import SQLStorage
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite struct `The orders that a server with PostgreSQL has in memory` {
    private let ids = ["0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c"].map { OrderID($0)! }
    private let buyers = [7, 8].map { Buyer(storeID: Fixture.storeID, customerID: CustomerID($0)) }

    private func write(_ index: Int, _ updated: String, to storage: PostgresStorage) async throws {
        let order = Fixture.order(id: .string(ids[index].description), customer: 7 + index, updated: updated)
        let outcomes = try await storage.write([OrderChange(order, id: ids[index])], allOrNothing: true, at: .now)
        #expect(outcomes.allSatisfy { !$0.isRefused })
    }

    @Test func `stay there if its own writes do not touch them`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([])
        for index in 0...1 { try await write(index, "2026-03-01T00:00:00Z", to: storage) }
        func readBoth() async throws {
            for index in 0...1 { _ = try await storage.order(.id(ids[index]), for: buyers[index]) }
        }
        /// Which are there with the stamp that the database has.
        func areKept() async throws -> [Bool] {
            let changedAt = try await Cluster.shared().run("SELECT changed_at FROM pesanan.store", in: database)
            return (0...1).map { index in
                let found = storage.recentOrders.order(.id(ids[index]), of: buyers[index], on: Fixture.storeID)
                return found.map { "\($0.stamp)\n" } == changedAt
            }
        }
        try await readBoth()
        #expect(try await areKept() == [true, true])
        try await write(1, "2026-03-02T00:00:00Z", to: storage)
        #expect(try await areKept() == [true, false])
        try await readBoth()
        #expect(try await storage.accounts.change(ProfileChange([.name: "Siti R"]), of: buyers[0], at: .now))
        #expect(try await areKept() == [false, true])
        try await readBoth()
        // Another server of the same database.
        let other = try await PostgresStorage(storage.address, connections: 1)
        try await write(1, "2026-03-03T00:00:00Z", to: other)
        #expect(try await areKept() == [false, false])
        try await readBoth()
        #expect(try await areKept() == [true, true])
    }
}
