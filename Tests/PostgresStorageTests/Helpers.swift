import Foundation
import Orders
import TestFixtures

@testable import PostgresStorage

let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))

/// An order of the buyer's, ready to be written.
func order(_ id: OrderID, legacy: Int64? = nil, notes: String = "", updated: Timestamp? = Timestamp(seconds: 1_780_000_000))
    throws -> OrderWrite
{
    let json = Fixture.order(
        id: legacy.map { .number(String($0)) } ?? .string(id.description), updated: updated?.description,
        ["notes": notes.isEmpty ? .null : .string(notes)])
    return try OrderWrite(json, id: id)
}

extension OrderStorage {
    /// Takes in the store and orders.
    func add(_ orders: [OrderWrite]) async throws {
        let session = try await beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        _ = try await session.write(orders, at: .now)
        try await session.commit()
    }

    /// The `notes` of the buyer's order; `nil` where there is none.
    func notes(_ id: OrderID) async throws -> JSON? {
        guard let order = try await order(.id(id), for: buyer) else { return nil }
        var bytes: [UInt8] = []
        order.document.join(store: order.store, customer: order.customer, publicURL: nil, onto: &bytes)
        return try JSON(parsing: bytes)["notes"]
    }
}
