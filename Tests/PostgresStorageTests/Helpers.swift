import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres

@testable import PostgresStorage

let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))

/// One of the buyer's orders, ready to be written.
func order(_ id: OrderID, legacy: Int64? = nil, notes: String = "", updated: Timestamp? = Timestamp(seconds: 1_780_000_000))
    throws -> OrderChange
{
    let json = Fixture.order(
        id: legacy.map { .number(String($0)) } ?? .string(id.description), updated: updated?.description,
        ["notes": notes.isEmpty ? .null : .string(notes)])
    return try OrderChange(json, id: id)
}

extension OrderStorage {
    /// Imports the store and orders.
    func add(_ orders: [OrderChange]) async throws {
        let session = try await beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        _ = try await session.write(orders, at: .now)
        try await session.commit()
    }

    /// The `notes` of the buyer's order; `nil` if there is no such order.
    func notes(_ id: OrderID) async throws -> JSON? {
        guard let order = try await order(.id(id), for: buyer) else { return nil }
        return try JSON(parsing: order.json(publicURL: nil))["notes"]
    }
}

/// Waits until a connection waits for a lock, and runs an action on it in the database.
func whenOneWaits(_ action: String = "pid", in database: String) async throws {
    _ = try await Cluster.shared().run(
        """
        DO $$ BEGIN
            FOR turn IN 1..3000 LOOP
                PERFORM pg_stat_clear_snapshot();
                PERFORM \(action) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database();
                IF FOUND THEN RETURN; END IF;
                PERFORM pg_sleep(0.01);
            END LOOP;
            RAISE 'nobody waits';
        END $$
        """, in: database)
}
