import Foundation
import GRDB
import Orders
import SQLStorage
import TestFixtures
import Testing

@testable import SQLiteStorage

@Suite struct `An older file of the embedded storage` {
    @Test func `migrates the events of a database that has no positions yet`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("orders.sqlite")
        let writer = try DatabaseQueue(path: path)
        try SQLiteSchema.migrator.migrate(writer, upTo: "2 accounts")
        let ids = ["0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c"].map { OrderID($0)! }
        try await writer.write { db in
            try db.execute(sql: "PRAGMA application_id = \(SQLiteSchema.applicationID)")
            try db.execute(sql: "INSERT INTO store VALUES ('store_A', 1, x'7B7D', x'7B7D')")
            for id in ids {
                try db.execute(
                    sql: "INSERT INTO customer_order VALUES ('store_A', ?, 7, 'pending', NULL, 1, 1, ?, x'7B7D')",
                    arguments: [Data(id.uuid.bytes), id.description])
            }
            let events: [(OrderID, Int, String, Int)] = [
                (ids[0], 1, "order.created", 10), (ids[0], 2, "order.updated", 30), (ids[1], 1, "order.created", 20),
            ]
            for (id, number, kind, at) in events {
                try db.execute(
                    sql: "INSERT INTO order_event VALUES ('store_A', ?, ?, ?, ?)",
                    arguments: [Data(id.uuid.bytes), number, kind, at])
            }
        }
        try writer.close()
        let events = try await SQLiteStorage(path: path).events(of: Fixture.storeID, after: 0, limit: 10)
        #expect(events.map(\.position) == [1, 2, 3])
        #expect(events.map(\.orderID) == [ids[0], ids[1], ids[0]])
        #expect(events.map(\.kind) == [.created, .created, .updated])
        #expect(events.map(\.version) == [10, 20, 30])
        #expect(events.map(\.status) == [nil, nil, nil])
    }

    @Test func `migrates a database that has nothing yet by which merchants find orders`() async throws {
        let folder = try TemporaryFolder()
        let path = folder.path("orders.sqlite")
        try await SQLiteStorage(path: path).addSamples()
        let seconds = { (name: String) in "\(name)_time / 1000000" }
        let found = [
            """
            SELECT store_id, hex(id), status, payment_status, payment_method, \(seconds("confirmed")), \(seconds("shipped")),
                \(seconds("completed")), shipment_receipt, external_id, pg_reference_id, gross_revenue, customer_id, number
            FROM order_entry ORDER BY 1, 2
            """, "SELECT * FROM order_facet ORDER BY 1, 2, 3, 4",
            "SELECT store_id, key, hex(order_id) FROM order_key WHERE kind = 'order_id' ORDER BY 1, 2",
            "SELECT store_id, id, name, phone FROM customer ORDER BY 1, 2",
            "SELECT store_id, customer_id, hex(id) FROM deleted_order ORDER BY 1, 2, 3",
        ]
        let database = try DatabaseQueue(path: path)
        try await database.write { db in
            try db.execute(
                sql: """
                    INSERT INTO deleted_order SELECT store_id, customer_id, id FROM order_document LIMIT 11;
                    DELETE FROM order_document WHERE id IN (SELECT id FROM deleted_order);
                    """)
        }
        let before = try database.read { db in try found.map { sql in try Row.fetchAll(db, sql: sql) } }
        #expect(before.allSatisfy { $0.count > 10 })
        try await database.write { db in
            try db.execute(
                sql: """
                    DROP TABLE order_entry; DROP TABLE order_facet; DROP TABLE remembered_answer;
                    DROP TABLE webhook_endpoint; DROP TABLE webhook_delivery; DROP TABLE order_link; DROP TABLE order_look; DROP TABLE deleted_order; DROP TABLE mirror; DROP TABLE mirror_event; DROP TABLE mirror_order; DROP TABLE mirror_failure; DROP TABLE mirror_pull; DROP TABLE transfer_proof;
                    DELETE FROM order_key WHERE kind = 'order_id';
                    DROP INDEX customer_name; DROP INDEX customer_phone;
                    ALTER TABLE customer DROP COLUMN name; ALTER TABLE customer DROP COLUMN phone;
                    DELETE FROM grdb_migrations WHERE CAST(identifier AS INTEGER) >= 7
                    """)
        }
        try database.close()
        _ = try SQLiteStorage(path: path)
        let after = try DatabaseQueue(path: path).read { db in try found.map { sql in try Row.fetchAll(db, sql: sql) } }
        #expect(after == before)
    }
}
