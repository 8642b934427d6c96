import Accounts
import Foundation
import JSON
import Orders
import SQLStorage
import StorageContract
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

/// A storage in its own database.
func emptyStorage(connections: Int = 2) async throws -> (storage: PostgresStorage, database: String) {
    let database = try await Cluster.shared().makeDatabase()
    let url = try await Cluster.shared().url(database)
    let address = try #require(PostgresAddress(url))
    return (try await PostgresStorage(address, connections: connections, patience: .seconds(300)), database)
}

@Suite(.serialized) struct `The storage in PostgreSQL` {
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract`(clause: StorageContract.Clause) async throws {
        try await clause.check(emptyStorage().storage)
    }

    @Test(arguments: AccountContract.clauses)
    func `keeps the contract of accounts`(clause: AccountContract.Clause) async throws {
        let storage = try await emptyStorage().storage
        try await clause.check(storage, storage.accounts)
    }

    @Test func `rotates signing keys one at a time, even for concurrent callers`() async throws {
        let (storage, _) = try await emptyStorage()
        let first = try await storage.keyRing(orElse: SigningKey()).ids
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...6 { group.addTask { _ = try await storage.rotate(revoking: false) } }
            try await group.waitForAll()
        }
        let all = try await storage.keyRing(orElse: SigningKey())
        #expect(all.ids.count == 7)
        #expect(all.ids.first == first.first)
        #expect(try await storage.rotate(revoking: true).ids.count == 1)
    }

    @Test func `counts accepted requests, not refused ones`() async throws {
        let (storage, _) = try await emptyStorage()
        let spend = { @Sendable (amount: Int64) in
            try await storage.spend(amount, by: "a", in: Fixture.storeID, most: 1_000_000_000)
        }
        #expect(try await spend(400_000_000) == 400_000_000)
        #expect(try await (790_000_000...800_000_000).contains(spend(400_000_000)))
        for _ in 1...5 { #expect(try await spend(400_000_000) > 1_000_000_000) }
        #expect(try await spend(100_000_000) <= 900_000_000)
        try await storage.forgetSpentLimits()
        #expect(try await storage.spend(1, by: "b", in: Fixture.storeID, most: 10) == 1)
    }

    /// During a `--strict` import, however long it takes.
    @Test func `signs in and revokes during an import`() async throws {
        let (storage, _) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let accounts: any AccountStorage = storage.accounts
        let session = try await storage.beginImport(allOrNothing: true)
        _ = try await session.write([MerchantStore(Fixture.store(name: "Toko Baru"))], at: .now)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...20 {
                group.addTask {
                    do { return try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now) } catch StorageFailure
                        .busy
                    {
                        return false
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            let request = MailRequest(
                .signInCode, to: EmailAddress("customer.7@example.com")!, in: Fixture.storeID, language: .english)
            #expect(try await accounts.request(request, pause: 60, at: .now) == 0)
            let mail = try #require(try await accounts.claimMail(lease: 60, at: .now))
            let code = OneTimeCodeHash(OneTimeCode())
            let expires = Timestamp.now.adding(seconds: 600)
            #expect(try await accounts.setCode(code, of: mail, customerID: buyer.customerID, expires: expires))
            let tried = try #require(
                try await accounts.tryCode(.signInCode, request.subject, in: Fixture.storeID, at: .now))
            let account = try await accounts.beginSession(
                SessionID(), using: tried, with: request.address, expires: expires, at: .now, from: nil)
            #expect(account?.buyer == buyer)
            _ = try await accounts.accessNews(since: -1, at: .now)
            group.cancelAll()
            var changed = 0
            for try await isChanged in group where isChanged { changed += 1 }
            #expect(changed == 0)
        }
        try await session.commit()
        #expect(try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now))
    }

    @Test func `is created once by concurrent openers`() async throws {
        let cluster = try await Cluster.shared()
        let database = try await cluster.makeDatabase()
        let address = try #require(PostgresAddress(cluster.url(database)))
        let keys = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<10 {
                group.addTask { try await PostgresStorage(address, connections: 1).keyRing(orElse: SigningKey()).ids[0] }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
        #expect(
            try await cluster.run("SELECT max(version) FROM pesanan.schema_migration", in: database)
                == "\(PostgresSchema.migrations.count)\n")
        #expect(try await cluster.run("SELECT count(*) FROM pesanan.installation", in: database) == "1\n")
    }

    /// The version before events had positions, with two events of an order.
    private func olderDatabase(_ cluster: Cluster, _ loop: LoopHandle) async throws -> (
        address: PostgresAddress, database: String
    ) {
        let database = try await cluster.makeDatabase()
        let address = try #require(PostgresAddress(cluster.url(database)))
        let migrator = PostgresMigrator(session: try await Session(address, on: loop))
        try await migrator.migrate(upTo: 3)
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        _ = try await migrator.make([OrderPartition(of: id)])
        try await cluster.run(
            """
            SET search_path = pesanan;
            INSERT INTO store (id, version, document, merchant_document) VALUES ('\(Fixture.storeID.text)', 1, '{}', '{}');
            INSERT INTO order_event (store_id, order_id, number, kind, at) VALUES
                ('\(Fixture.storeID.text)', '\(id)', 1, 'order.created', 10),
                ('\(Fixture.storeID.text)', '\(id)', 2, 'order.updated', 20)
            """, in: database)
        return (address, database)
    }

    @Test func `is migrated despite its readers, and lets others read in the meantime`() async throws {
        let cluster = try await Cluster.shared()
        let loop = try LoopHandle.start()
        defer { loop.end() }
        let (address, database) = try await olderDatabase(cluster, loop)
        async let reading = cluster.run(
            "BEGIN; SELECT count(*) FROM pesanan.order_event; SELECT pg_sleep(4); COMMIT", in: database)
        try await Task.sleep(for: .milliseconds(300))
        async let newer = PostgresStorage(address, connections: 1)
        let other = try await Session(address, on: loop)
        // As long as a buyer waits for an answer.
        try await other.runScript("SET statement_timeout = '2s'")
        for _ in 0..<30 {
            #expect(try await other.run("SELECT count(*) FROM pesanan.order_event")[0].integer(0) == 2)
            try await Task.sleep(for: .milliseconds(100))
        }
        let (_, migrated) = try await (reading, newer)
        #expect(
            try await cluster.run("SELECT max(version) FROM pesanan.schema_migration", in: database)
                == "\(PostgresSchema.migrations.count)\n")
        let events = try await migrated.events(of: Fixture.storeID, after: 0, limit: 10)
        #expect(events.map(\.position) == [1, 2])
        #expect(events.map(\.kind) == [.created, .updated])
        #expect(events.map(\.number) == [1, 2])
        #expect(events.map(\.version) == [10, 20])
        try await migrated.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c")!)])
        #expect(try await migrated.events(of: Fixture.storeID, after: 2, limit: 10).map(\.position) == [3])
    }

    /// `pesanan copy` copies the columns of these tables only, and compares only those.
    @Test func `has no table or column that a copy leaves out`() async throws {
        let (_, database) = try await emptyStorage()
        let columns = try await Cluster.shared().run(
            """
            SELECT table_name || '.' || column_name || ' ' || data_type FROM information_schema.columns
            JOIN pg_class c ON c.oid = ('pesanan.' || table_name)::regclass
            WHERE table_schema = 'pesanan' AND NOT c.relispartition
            """, in: database)
        let types: [StoredTable.Kind: String] = [.text: "text", .integer: "bigint", .bytes: "bytea", .orderID: "uuid"]
        let copied = StoredTable.all.flatMap { table in table.columns.map { "\(table.name).\($0.name) \(types[$0.kind]!)" } }
        // Each server or database has its own.
        let own = ["access_version", "installation", "schema_migration", "signing_key", "spent_limit", "unfinished_copy"]
        let found = Set(columns.split(separator: "\n").map(String.init)).filter { column in
            !own.contains { column.hasPrefix($0 + ".") } && column != "store.changed_at bigint"
        }
        #expect(found == Set(copied))
    }

    @Test func `refuses a database of a newer version`() async throws {
        let (storage, database) = try await emptyStorage()
        try await Cluster.shared().run("INSERT INTO pesanan.schema_migration VALUES (999, 'from the future')", in: database)
        await #expect(throws: StorageFailure.newerSchema) { _ = try await PostgresStorage(storage.address, connections: 1) }
    }

    @Test func `leaves other tables alone`() async throws {
        let cluster = try await Cluster.shared()
        let database = try await cluster.makeDatabase()
        try await cluster.run("CREATE TABLE store (x int); INSERT INTO store VALUES (7)", in: database)
        _ = try await PostgresStorage(#require(PostgresAddress(cluster.url(database))), connections: 1)
        #expect(try await cluster.run("SELECT x FROM public.store", in: database) == "7\n")
    }

    @Test func `reports errors without revealing the password`() async throws {
        let cluster = try await Cluster.shared()
        for (url, words) in [
            ("postgres://pesanan:SECRET@127.0.0.1:\(cluster.port)/postgres", "password authentication failed"),
            ("postgres://pesanan:SECRET@127.0.0.1:1/postgres", "Connection refused"),
            ("postgres://pesanan:pesanan@127.0.0.1:\(cluster.port)/absent", "does not exist"),
            ("postgres://pesanan:SECRET@no-such-host.invalid/postgres", "could not translate host name to address"),
        ] {
            let address = try #require(PostgresAddress(url))
            let failure = await #expect(throws: StorageFailure.self) { _ = try await PostgresStorage(address, connections: 1) }
            #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
            #expect(failure?.description.contains("SECRET") == false)
        }
        #expect(PostgresAddress("postgres://a:b@[c/") == nil)
    }

    @Test func `renews the addresses that an earlier version stored in another form`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        try await Cluster.shared().run("UPDATE pesanan.customer SET email = 'mia@müller.example'", in: database)
        let accounts: any AccountStorage = storage.accounts
        let mia = try #require(EmailAddress("mia@xn--mller-kva.example"))
        #expect(try await accounts.account(of: mia, in: Fixture.storeID).account == nil)
        #expect(try await accounts.renewAddresses(of: Fixture.storeID) == 1)
        #expect(try await accounts.account(of: mia, in: Fixture.storeID).account?.buyer == buyer)
        #expect(try await accounts.renewAddresses(of: Fixture.storeID) == 0)
    }

    /// The requirement of `docs/scaling.md`: everything can be distributed by store.
    @Test func `begins every key with the store, and refers to others by it`() async throws {
        let (_, database) = try await emptyStorage()
        let keys = try await Cluster.shared().run(
            """
            SELECT c.relname, (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0])
            FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
            WHERE c.relnamespace = 'pesanan'::regnamespace AND i.indisunique ORDER BY 1
            """, in: database)
        let perStore = keys.split(separator: "\n").filter { line in
            !["access_version|", "installation|", "schema_migration|", "signing_key|", "unfinished_copy|"].contains {
                line.hasPrefix($0)
            }
        }
        #expect(
            perStore == [
                "account|store_id", "allowed_origin|store_id", "audit_record|store_id", "customer|store_id",
                "customer_address|store_id", "customer_order|store_id", "event_position|store_id", "mail|store_id",
                "one_time_code|store_id",
                "order_document|store_id", "order_event|store_id", "order_key|store_id", "refresh_token|store_id",
                "revocation|store_id",
                "spent_limit|store_id", "store|id", "storefront_key|store_id", "token_family|store_id",
            ])
        let references = try await Cluster.shared().run(
            """
            SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'pesanan'::regnamespace AND contype = 'f' ORDER BY 1, 2
            """, in: database)
        // The columns by which both tables are distributed.
        let (toStore, toCustomer) = (
            "FOREIGN KEY (store_id) REFERENCES store(id) DEFERRABLE",
            "FOREIGN KEY (store_id, customer_id) REFERENCES customer(store_id, id) DEFERRABLE"
        )
        let expected = [
            ("account", toCustomer), ("allowed_origin", toStore), ("customer", toStore), ("customer_address", toCustomer),
            ("event_position", toStore), ("storefront_key", toStore),
        ]
        #expect(
            references.replacing("pesanan.", with: "").split(separator: "\n").map(String.init).sorted()
                == expected.map { "\($0)|\($1)" }.sorted())
    }

    @Test func `finds the ids of migrated orders that others import concurrently`() async throws {
        let (first, database) = try await emptyStorage()
        let second = try await PostgresStorage(first.address, connections: 1)
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let writing = try await first.beginImport(allOrNothing: false)
        _ = try await writing.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let reading = try await second.beginImport(allOrNothing: false)
        _ = try await writing.write([order(id, legacy: 77)], at: Timestamp(seconds: 1))
        #expect(try await reading.orderIDs(of: [LegacyOrderID(77)!], in: Fixture.storeID) == [LegacyOrderID(77)!: id])
        // The second storage does not know the partition.
        #expect(try await second.order(.legacy(LegacyOrderID(77)!), for: buyer) != nil)
        #expect(try await second.order(.id(id), for: buyer) != nil)
        try await Cluster.shared().run(
            "DROP TABLE pesanan.order_document_2025_06; UPDATE pesanan.store SET changed_at = changed_at + 1", in: database)
        #expect(try await second.order(.id(id), for: buyer) == nil)
        #expect(try await first.order(.id(id), for: buyer) == nil)
    }

    @Test func `answers many concurrent lookups, each with its own result`() async throws {
        let (storage, _) = try await emptyStorage()
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<300).map { OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + $0 * 100_000), using: &generator)! }
        try await storage.add(ids.enumerated().map { try order($1, notes: "\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for turn in 0..<1500 {
                group.addTask {
                    // One in between that does not exist.
                    let number = turn % (ids.count + 1)
                    let id = number < ids.count ? ids[number] : OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
                    let notes = try await storage.notes(id)
                    #expect(notes == (number < ids.count ? .string("\(number)") : nil))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `returns the latest immediately, whoever wrote it`() async throws {
        let (reader, _) = try await emptyStorage()
        let writer = try await PostgresStorage(reader.address, connections: 1)
        let session = try await writer.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        for turn in 1...100 {
            let write = try order(id, notes: "\(turn)", updated: Timestamp(seconds: Int64(turn)))
            // The writer's clock stands still.
            #expect(try await session.write([write], at: Timestamp(seconds: 1)) == [turn == 1 ? .created : .replaced])
            // Twice: once from the database, once from the cache.
            for _ in 1...2 {
                let read = try #require(try await reader.order(.id(id), for: buyer))
                #expect(read.document == write.document)
                #expect(try await reader.version(of: .id(id), for: buyer) == read.version)
            }
        }
        let store = try MerchantStore(Fixture.store(name: "Toko Baru"))
        #expect(try await session.write([store], at: Timestamp(seconds: 1)) == [.replaced])
        #expect(try await reader.order(.id(id), for: buyer)?.store == store.document)
        try await session.commit()
    }
}
