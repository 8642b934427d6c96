import JSON
import OrderServices
import Orders
import SQLiteStorage
import TestFixtures
import Testing

@Suite struct `A parcel` {
    private static let time = Timestamp("2026-03-01T00:00:00Z")!
    private let folder: TemporaryFolder
    private let storage: SQLiteStorage

    /// Nine parcels to Jawa Barat that took one to nine days, and four to Bali.
    init() async throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        var generator = SeededGenerator(seed: 5)
        var changes: [OrderChange] = []
        for days in 1...13 {
            let delivered = Timestamp("2026-01-01T00:00:00Z")!.adding(seconds: Int64(days) * 86_400)
            let arrival: JSON = ["status": "delivered", "description": "Diterima", "at": .string(delivered.description)]
            let id = OrderID(mintedAt: Timestamp(seconds: 1_767_000_000 + Int64(days)), using: &generator)!
            let order = Self.order(
                id, days > 9 ? "Bali" : "jawa barat", ["status": "completed", "shipment_status_history": [arrival]])
            changes.append(try OrderChange(order.replacing([("shipped_time", "2026-01-01T00:00:00Z")]), id: id))
        }
        _ = try await session.write(changes, at: .now)
        try await session.commit()
    }

    private static func order(_ id: OrderID, _ province: JSON, _ more: [String: JSON]) -> JSON {
        let base: [String: JSON] = [
            "order_id": .string("P-\(id)"), "courier_service": ["name": "REG", "courier": ["code": "jne", "name": "JNE"]],
            "destination_address": ["province": province, "city": "Kota"], "shipped_time": "2026-02-28T00:00:00Z",
        ]
        return Fixture.order(id: .string(id.description), base.merging(more) { $1 })
    }

    private func estimate(_ province: JSON, _ more: [String: JSON] = ["status": "shipped"]) async throws -> JSON? {
        var generator = SystemRandomNumberGenerator()
        let id = OrderID(mintedAt: Self.time, using: &generator)!
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([OrderChange(Self.order(id, province, more), id: id)], at: .now)
        try await session.commit()
        let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))
        return try await BuyerParcels(storage: storage).tracking(of: .id(id), for: buyer, at: Self.time)["estimated_delivery"]
    }

    @Test func `may arrive when most of those that went the same way did`() async throws {
        #expect(try await estimate("Jawa Barat") == ["from": "2026-03-01T00:00:00Z", "until": "2026-03-08T00:00:00Z"])
        // Too few have gone there, or this way.
        #expect(try await estimate("Bali") == .null)
        #expect(
            try await estimate(
                "Jawa Barat", ["status": "shipped", "courier_service": ["name": "YES", "courier": ["code": "jne"]]]) == .null)
        // It is not on its way, any more or yet.
        for status in ["completed", "rts", "shipped_rts", "ready"] as [JSON] {
            #expect(try await estimate("Jawa Barat", ["status": status]) == .null, "\(status)")
        }
        #expect(try await estimate("Jawa Barat", ["status": "shipped", "shipped_time": .null]) == .null)
    }
}
