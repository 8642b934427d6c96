import Accounts
import Orders
import SQLStorage
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

@Suite(.serialized) struct `The schema in PostgreSQL` {
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

    @Test func `is filled with what merchants find orders by, as new orders fill it`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.addSamples()
        let cluster = try await Cluster.shared()
        let seconds = { (name: String) in "\(name)_time / 1000000" }
        let found = [
            """
            SELECT store_id, id, status, payment_status, payment_method, \(seconds("confirmed")), \(seconds("shipped")),
                \(seconds("completed")), shipment_receipt, external_id, pg_reference_id, gross_revenue, customer_id, number
            FROM pesanan.order_entry ORDER BY 1, 2
            """, "SELECT * FROM pesanan.order_facet ORDER BY 1, 2, 3, 4",
            "SELECT * FROM pesanan.order_key WHERE kind = 'order_id' ORDER BY 1, 3",
            "SELECT store_id, id, name, phone FROM pesanan.customer ORDER BY 1, 2",
            "SELECT * FROM pesanan.deleted_order ORDER BY 1, 2, 3",
        ]
        try await cluster.run(
            """
            SET search_path = pesanan;
            INSERT INTO deleted_order SELECT store_id, customer_id, id FROM order_document LIMIT 11;
            DELETE FROM order_document WHERE id IN (SELECT id FROM deleted_order)
            """, in: database)
        var before: [String] = []
        for query in found { before.append(try await cluster.run(query, in: database)) }
        #expect(before.allSatisfy { $0.split(separator: "\n").count > 10 })
        try await cluster.run(
            """
            SET search_path = pesanan;
            DROP TABLE webhook_endpoint, webhook_delivery, order_link, order_look, deleted_order, order_entry, order_facet, remembered_answer, mirror, mirror_event, mirror_order, mirror_failure, mirror_pull, transfer_proof;
            DELETE FROM order_key WHERE kind = 'order_id';
            ALTER TABLE customer DROP name, DROP phone;
            DELETE FROM schema_migration
            WHERE version >= (SELECT version FROM schema_migration WHERE name = 'the merchant''s side')
            """, in: database)
        _ = try await PostgresStorage(storage.address, connections: 1)
        for (query, rows) in zip(found, before) { #expect(try await cluster.run(query, in: database) == rows) }
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
                "account|store_id", "allowed_origin|store_id", "audit_record|store_id", "business_key|store_id",
                "customer|store_id",
                "customer_address|store_id", "customer_order|store_id", "deleted_order|store_id", "event_position|store_id",
                "mail|store_id",
                "mirror|store_id",
                "mirror_event|store_id", "mirror_failure|store_id", "mirror_order|store_id", "mirror_pull|store_id",
                "one_time_code|store_id", "order_document|store_id", "order_entry|store_id", "order_event|store_id",
                "order_facet|store_id", "order_key|store_id", "order_link|store_id", "order_look|store_id",
                "refresh_token|store_id", "remembered_answer|store_id",
                "revocation|store_id",
                "spent_limit|store_id", "store|id", "storefront_key|store_id", "token_family|store_id",
                "transfer_proof|store_id",
                "webhook_delivery|store_id", "webhook_endpoint|store_id",
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
            ("business_key", toStore), ("event_position", toStore), ("mirror", toStore), ("mirror_event", toStore),
            ("mirror_failure", toStore), ("mirror_order", toStore), ("mirror_pull", toStore),
            ("order_link", toStore), ("order_look", toStore), ("remembered_answer", toStore), ("storefront_key", toStore),
            ("webhook_endpoint", toStore), ("webhook_delivery", toStore),
            ("transfer_proof", toStore),
        ]
        #expect(
            references.replacing("pesanan.", with: "").split(separator: "\n").map(String.init).sorted()
                == expected.map { "\($0)|\($1)" }.sorted())
    }
}
