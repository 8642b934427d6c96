import Accounts
import Foundation
import GRDB
import JSON
import Orders
import SQLStorage
import StorageContract
import TestFixtures
import Testing

@testable import SQLiteStorage

@Suite struct `The embedded storage` {
    @Test(arguments: AccountContract.clauses)
    func `fulfills the contract for accounts`(clause: AccountContract.Clause) async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        try await clause.check(storage, storage.accounts)
    }

    @Test(arguments: StorageContract.clauses)
    func `fulfills the contract for orders`(clause: StorageContract.Clause) async throws {
        let folder = try TemporaryFolder()
        // Other tests may keep all threads busy for long.
        try await clause.check(SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300)))
    }

    @Test func `is created once by concurrent openers`() async throws {
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

    @Test func `refuses other files and databases, and leaves them unchanged`() throws {
        let folder = try TemporaryFolder()
        try Data("This is no database, but long enough to be looked at as one.".utf8).write(
            to: URL(filePath: folder.path("text")))
        #expect(throws: StorageFailure.damaged) { try SQLiteStorage(path: folder.path("text")) }
        try DatabaseQueue(path: folder.path("other")).write { try $0.execute(sql: "CREATE TABLE t (x)") }
        #expect(throws: StorageFailure.damaged) { try SQLiteStorage(path: folder.path("other")) }
        #expect(try DatabaseQueue(path: folder.path("other")).read { try $0.tableExists("t") })
    }

    @Test func `returns the latest version at once, whoever wrote it`() async throws {
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
            let write = try OrderChange(json, id: id)
            _ = try await session.write([write], at: Timestamp(seconds: 1))
            // Twice: first from the file, then from memory.
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

    @Test func `keeps the locks that tell other processes that it is open`() throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        defer { withExtendedLifetime(storage) {} }
        let index = URL(filePath: folder.path("orders.sqlite-shm")).resolvingSymlinksInPath().path
        let files = FileManager.default
        // /proc/locks would omit some if locks are taken and released while it is read.
        let locks = try files.contentsOfDirectory(atPath: "/proc/self/fd")
            .filter { (try? files.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)")) == index }
            .flatMap { try String(contentsOfFile: "/proc/self/fdinfo/\($0)", encoding: .utf8).split(separator: "\n") }
            .filter { $0.hasPrefix("lock:") && $0.contains(" \(getpid()) ") }
        // The byte by which SQLite detects whether anyone else has the index open.
        #expect(locks.contains { $0.contains("READ") && $0.hasSuffix(" 128 128") }, "\(locks)")
    }

    @Test func `opens without waiting during a write`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let session = try await storage.beginImport(allOrNothing: true)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let other = try SQLiteStorage(path: folder.path("orders.sqlite"))
        #expect(try await !other.hasStore(Fixture.storeID))
        try await session.commit()
        #expect(try await other.hasStore(Fixture.storeID))
    }

    @Test func `keeps orders in memory that its own writes do not touch`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("orders.sqlite")
        let (storage, other) = (try SQLiteStorage(path: path), try SQLiteStorage(path: path))
        let ids = ["0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c"].map { OrderID($0)! }
        let buyers = [7, 8].map { Buyer(storeID: Fixture.storeID, customerID: CustomerID($0)) }
        func change(_ index: Int, _ updated: String) throws -> OrderChange {
            let order = Fixture.order(id: .string(ids[index].description), customer: 7 + index, updated: updated)
            return try OrderChange(order, id: ids[index])
        }
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        try await session.commit()
        func write(_ index: Int, _ updated: String, to storage: SQLiteStorage) async throws {
            _ = try await storage.write([try change(index, updated)], allOrNothing: true, at: .now)
        }
        for index in 0...1 { try await write(index, "2026-03-01T00:00:00Z", to: storage) }
        func readBoth() async throws {
            for index in 0...1 { _ = try await storage.order(.id(ids[index]), for: buyers[index]) }
        }
        func areKept() throws -> [Bool] {
            let recent = try #require(storage.recentOrders)
            return (0...1).map { recent.version(of: .id(ids[$0]), for: buyers[$0]) != nil }
        }
        try await readBoth()
        #expect(try areKept() == [true, true])
        // A sign-in code is requested.
        let request = MailRequest(
            .signInCode, to: EmailAddress("customer.7@example.com")!, in: Fixture.storeID, language: .english)
        _ = try await storage.accounts.request(request, pause: 60, at: .now)
        #expect(try areKept() == [true, true])
        try await write(1, "2026-03-02T00:00:00Z", to: storage)
        #expect(try areKept() == [true, false])
        try await readBoth()
        _ = try await storage.accounts.change(ProfileChange([.name: "Siti R"]), of: buyers[0], at: .now)
        #expect(try areKept() == [false, true])
        try await readBoth()
        await #expect(throws: StorageFailure.self) {
            _ = try await storage.database.write { db -> ((), TouchedOrders) in
                try db.execute(sql: "SELECT nonsense")
                return ((), .init())
            }
        }
        #expect(try areKept() == [true, true])
        // A write as by another process.
        try await write(1, "2026-03-03T00:00:00Z", to: other)
        #expect(try areKept() == [false, false])
        try await readBoth()
        #expect(try areKept() == [true, true])
    }

    @Test func `renews the addresses that an earlier version stored in another form`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("orders.sqlite")
        let storage = try SQLiteStorage(path: path)
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let order = Fixture.order(
            id: .string(id.description), ["customer": ["id": 7, "name": "Mia", "email": "mia@xn--mller-kva.example"]])
        _ = try await session.write([OrderChange(order, id: id)], at: .now)
        try await session.commit()
        try await DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE customer SET email = 'mia@müller.example'") }
        let accounts: any AccountStorage = storage.accounts
        let mia = try #require(EmailAddress("mia@müller.example"))
        #expect(try await accounts.account(of: mia, in: Fixture.storeID).account == nil)
        #expect(try await accounts.renewAddresses(of: Fixture.storeID) == 1)
        #expect(try await accounts.account(of: mia, in: Fixture.storeID).account?.buyer.customerID == CustomerID(7))
        #expect(try await accounts.renewAddresses(of: Fixture.storeID) == 0)
    }

    /// `pesanan copy` copies the columns of these tables only, and compares only those.
    @Test func `has no table or column that a copy leaves out`() throws {
        let folder = try TemporaryFolder()
        _ = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let columns = try DatabaseQueue(path: folder.path("orders.sqlite")).read { db in
            try String.fetchAll(
                db,
                sql: """
                    SELECT t.name || '.' || c.name || ' ' || c.type || ' ' || c.pk FROM sqlite_schema t, pragma_table_info(t.name) c
                    WHERE t.type = 'table' AND t.name NOT IN ('access_version', 'grdb_migrations')
                    """)
        }
        let types: [StoredTable.Kind: String] = [.text: "TEXT", .integer: "INTEGER", .bytes: "BLOB", .orderID: "BLOB"]
        let copied = StoredTable.all.flatMap { table in
            table.columns.enumerated().map { index, column in
                "\(table.name).\(column.name) \(types[column.kind]!) \(index < table.keyLength ? index + 1 : 0)"
            }
        }
        #expect(Set(columns) == Set(copied))
    }

    @Test func `claims the mails that it can read, even next to one that it can't`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"))
        let accounts: any AccountStorage = storage.accounts
        let time = Timestamp(seconds: 1_800_000_000)
        for address in ["a@example.com", "b@example.com"] {
            let request = MailRequest(.signInCode, to: EmailAddress(address)!, in: Fixture.storeID, language: .english)
            #expect(try await accounts.request(request, pause: 60, at: time) == 0)
        }
        // As queued by a newer version.
        try await DatabaseQueue(path: folder.path("orders.sqlite")).write { db in
            try db.execute(sql: "UPDATE mail SET kind = 'unknown' WHERE address = 'a@example.com'")
        }
        let claimed = try await accounts.claimMails(8, perStore: 4, busy: [:], lease: 60, at: time)
        #expect(claimed.map(\.request.address.text) == ["b@example.com"])
        let again = time.adding(seconds: 60)
        try await accounts.remove(claimed[0], recording: nil)
        #expect(try await accounts.claimMails(8, perStore: 4, busy: [:], lease: 60, at: again).isEmpty)
        // It is removed when whatever is in it would be too late.
        let count = {
            try await DatabaseQueue(path: folder.path("orders.sqlite")).read {
                try Int.fetchOne($0, sql: "SELECT count(*) FROM mail")
            }
        }
        try await accounts.removeExpired(at: again)
        #expect(try await count() == 1)
        try await accounts.removeExpired(at: time.adding(seconds: 3 * 3600))
        #expect(try await count() == 0)
    }

    @Test func `finds an order by its keys, without a scan`() throws {
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
