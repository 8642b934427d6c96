import Foundation
import GRDB
import JSON
import Orders
import StorageContract
import TestFixtures
import Testing

@testable import SQLiteStorage

@Suite struct `The embedded storage` {
    @Test(arguments: AccountContract.clauses)
    func `keeps the contract of accounts`(clause: AccountContract.Clause) async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        try await clause.check(storage, storage.accounts)
    }

    @Test(arguments: StorageContract.clauses)
    func `keeps the contract`(clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        try await clause.check(SQLiteStorage(path: folder.path("orders.sqlite")))
    }

    @Test func `is made once by many who open it at the same time`() async throws {
        let folder = try TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { try await SQLiteStorage(path: folder.path("orders.sqlite")).check() } }
            try await group.waitForAll()
        }
        let database = try DatabaseQueue(path: folder.path("orders.sqlite"))
        #expect(try await database.read { try SQLiteSchema.migrator.appliedMigrations($0) } == SQLiteSchema.migrator.migrations)
    }

    @Test func `refuses a database of a newer version`() async throws {
        let folder = try TemporaryFolder()
        _ = try SQLiteStorage(path: folder.path("orders.sqlite"))
        try await DatabaseQueue(path: folder.path("orders.sqlite")).write { db in
            try db.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('999 from the future')")
        }
        #expect(throws: StorageFailure.newerSchema) { try SQLiteStorage(path: folder.path("orders.sqlite")) }
    }

    @Test func `refuses what is no database of ours, and leaves it as it is`() throws {
        let folder = try TemporaryFolder()
        try Data("This is no database, but long enough to be looked at as one.".utf8).write(
            to: URL(filePath: folder.path("text")))
        #expect(throws: StorageFailure.damaged) { try SQLiteStorage(path: folder.path("text")) }
        try DatabaseQueue(path: folder.path("other")).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        #expect(throws: StorageFailure.damaged) { try SQLiteStorage(path: folder.path("other")) }
        #expect(try DatabaseQueue(path: folder.path("other")).read { try $0.tableExists("t") })
    }

    @Test func `gives the latest at once, whoever wrote it`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("orders.sqlite")
        let (reader, writer) = (try SQLiteStorage(path: path), try SQLiteStorage(path: path))
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let session = try await writer.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))
        var versions: [Int64] = []
        for turn in 1...200 {
            let json = Fixture.order(id: .string(id.description), updated: Timestamp(seconds: Int64(turn)).description)
            let write = try OrderWrite(json, id: id)
            _ = try await session.write([write], at: Timestamp(seconds: 1))
            // Twice: once from the file, once from what was read last.
            for _ in 1...2 {
                let order = try #require(try await reader.order(.id(id), for: buyer))
                #expect(order.document == write.document)
                #expect(try await reader.version(of: .id(id), for: buyer) == order.version)
                versions.append(order.version.order)
            }
        }
        #expect(Set(versions).count == 200)
        try await session.commit()
    }

    @Test func `keeps the locks that tell other processes that it is there`() throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        defer { withExtendedLifetime(storage) {} }
        let index = URL(filePath: folder.path("orders.sqlite-shm")).resolvingSymlinksInPath().path
        let files = FileManager.default
        // Not of /proc/locks, which leaves some out where others take and give back locks while it is read.
        let locks = try files.contentsOfDirectory(atPath: "/proc/self/fd")
            .filter { (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == index }
            .flatMap { try String(contentsOfFile: "/proc/self/fdinfo/\($0)", encoding: .utf8).split(separator: "\n") }
            .filter { $0.hasPrefix("lock:") && $0.contains(" \(getpid()) ") }
        // The byte by which SQLite knows whether anyone else has the index open.
        #expect(locks.contains { $0.contains("READ") && $0.hasSuffix(" 128 128") }, "\(locks)")
    }

    @Test func `opens while someone is writing, without waiting`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let session = try await storage.beginImport(allOrNothing: true)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let other = try SQLiteStorage(path: folder.path("orders.sqlite"))
        #expect(try await !other.hasStore(Fixture.storeID))
        try await session.commit()
        #expect(try await other.hasStore(Fixture.storeID))
    }

    @Test func `numbers the events of an order`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        for updated in ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"] {
            let json = Fixture.order(id: .string(id.description), updated: updated)
            let write = try OrderWrite(json, id: id)
            _ = try await session.write([write], at: Timestamp(seconds: 7))
        }
        try await session.commit()
        let events = try await DatabaseQueue(path: folder.path("orders.sqlite")).read { db in
            try Row.fetchAll(db, sql: "SELECT number, kind, at FROM order_event ORDER BY number").map {
                "\($0[0] as Int) \($0[1] as String) \($0[2] as Int64)"
            }
        }
        #expect(events == ["1 order.created 7000000", "2 order.updated 7000000", "3 order.updated 7000000"])
    }

    @Test func `finds an order, and the newest page, by its keys alone`() throws {
        let folder = try TemporaryFolder()
        _ = try SQLiteStorage(path: folder.path("orders.sqlite"))
        try DatabaseQueue(path: folder.path("orders.sqlite")).read { db in
            for sql in [
                OrderSQL.order(by: OrderSQL.id), OrderSQL.order(by: OrderSQL.legacyID), OrderSQL.version(by: OrderSQL.id),
            ] {
                let plan = try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)", arguments: ["s", 1, Data()]).map {
                    $0["detail"] as String
                }
                #expect(!plan.contains { $0.hasPrefix("SCAN") }, "\(plan)")
            }
        }
    }
}
