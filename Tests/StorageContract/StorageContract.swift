import JSON
package import Orders
import TestFixtures
import Testing

/// What every storage must do, clause by clause; each storage's tests check every clause on a fresh storage.
package struct StorageContract: Sendable {
    package struct Clause: Sendable, CustomTestStringConvertible {
        package let testDescription: String
        package let check: @Sendable (any OrderStorage) async throws -> Void

        init(_ description: String, _ check: @escaping @Sendable (any OrderStorage) async throws -> Void) {
            testDescription = description
            self.check = check
        }
    }

    package static let clauses: [Clause] = absence + writing + changing + importing + events + paging + borders + list
}

/// Ids in chronological order, months apart.
let ids = [
    "01856aa0-c800-7a01-8b01-000000000001", "018d5b6c-9c00-7a02-8b02-000000000002", "0194b0f8-a7ff-7a03-8b03-000000000003",
    "0194b0f8-a800-7a04-8b04-000000000004", "019b7635-f000-7a05-8b05-000000000005",
].map { OrderID($0)! }

let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))

extension OrderStorage {
    /// Imports the fixture's two stores.
    func addStores() async throws {
        let session = try await beginImport(allOrNothing: false)
        for id in [Fixture.storeID, Fixture.otherStoreID] {
            _ = try await session.write([MerchantStore(Fixture.store(id))], at: Timestamp(seconds: 1))
        }
        try await session.commit()
    }

    /// Imports orders in one batch.
    @discardableResult
    func add(_ orders: OrderChange..., at seconds: Int64 = 2) async throws -> [WriteOutcome] {
        let session = try await beginImport(allOrNothing: false)
        let outcomes = try await session.write(orders, at: Timestamp(seconds: seconds))
        try await session.commit()
        return outcomes
    }

    /// The `notes` of a buyer's order, by which the tests distinguish its versions; `nil` if the buyer has no such order.
    func notes(_ reference: OrderReference, of buyer: Buyer = buyer) async throws -> JSON? {
        guard let order = try await order(reference, for: buyer) else { return nil }
        return try JSON(parsing: order.json(publicURL: nil))["notes"]
    }
}

/// A change that writes an order.
func write(
    _ id: OrderID, legacy: Int64? = nil, store: StoreID = Fixture.storeID, customer: Int = 7,
    before: OrderChange.Before = .older, status: JSON = "pending", payment: JSON = "unpaid", slug: String? = nil,
    method: JSON = "bank_transfer",
    notes: JSON = .null, updated: String? = "2026-03-01T00:00:00Z", customerUpdated: String? = "2026-01-01T00:00:00Z",
    name: String = "Siti", email: String? = nil, number: String = "A-1"
) throws -> OrderChange {
    let json = Fixture.order(
        id: legacy.map { .number(String($0)) } ?? .string(id.description), store: store, customer: customer, slug: slug,
        updated: updated,
        [
            "order_id": .string(number), "status": status, "payment_status": payment, "payment_method": method, "notes": notes,
            "customer": Fixture.customer(customer, name: name, email: email, updated: customerUpdated),
        ])
    return try OrderChange(json, id: id, before: before)
}
