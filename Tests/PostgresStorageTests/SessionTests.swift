import Accounts
import JSON
import Orders
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite struct `A pool of connections` {
    @Test func `still serves keys and accounts after lock waits that failed`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let key = SigningKey()
        _ = try await storage.keyRing(orElse: key)
        let accounts: any AccountStorage = storage.accounts
        let blocking = try await Session(storage.address, on: storage.loop)
        for _ in 1...6 {
            try await blocking.runScript("BEGIN; LOCK TABLE pesanan.signing_key IN ROW EXCLUSIVE MODE")
            let reading = Task { try await storage.keyRing(orElse: key) }
            try await whenOneWaits("pg_cancel_backend(pid)", in: database)
            await #expect(throws: StorageFailure.busy) { try await reading.value }
            try await blocking.runScript("COMMIT")
            #expect(try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now))
            #expect(try await storage.keyRing(orElse: key).ids == [key.id])
        }
    }

    @Test func `detects connections that the server has closed, and replaces them`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let accounts: any AccountStorage = storage.accounts
        let key = SigningKey()
        for turn in 0..<3 {
            // Many at once, so that all connections are opened, and found closed the next time.
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask { _ = try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now) }
                    group.addTask { _ = try await storage.keyRing(orElse: key) }
                }
                try await group.waitForAll()
            }
            _ = try await storage.spend(1, by: "x", in: Fixture.storeID, most: 1_000_000)
            _ = try await accounts.accessNews(since: -1, at: .now)
            try await storage.make([OrderPartition(at: Timestamp(seconds: 1_000_000_000 + Int64(turn) * 3_000_000))])
            try await Cluster.shared().run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
                in: database)
        }
        #expect(try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now))
    }
}
