import Accounts
import JSON
import Logging
import OrderServices
import Orders
import SQLStorage
import SQLiteStorage
import TestFixtures
import Testing

@Suite struct `Two mirrors of one store` {
    private static let secret = "signing-secret-of-a-test"
    private static let time = "2026-11-03T00:00:00Z"

    private func send(_ event: String, _ id: String, about number: Int, _ data: [(String, JSON)], to mirror: Mirror) async throws
    {
        let base: [(String, JSON)] = [
            ("id", .number(String(1000 + number))), ("order_id", .string("S-\(number)")), ("last_updated_at", .string(Self.time)),
        ]
        let body: JSON = [
            "event": .string(event), "unique_id": .string(id), "timestamp": .string(Self.time),
            "data": .object(JSONObject(base + data)),
        ]
        let bytes = body.encoded
        try await mirror.receive(
            bytes, signature: WebhookSignature.header(for: bytes, secret: Self.secret), for: Fixture.storeID)
    }

    /// As two servers of a database are, or a pull beside a server.
    @Test func `lose nothing of what each of them takes at the same time`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        try await session.commit()
        #expect(try await storage.accounts.setMirror(of: Fixture.storeID, secret: Self.secret, at: .now))
        let mirrors = (0..<2).map { _ in
            Mirror(orders: storage, storage: storage.accounts, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        let created: [(String, JSON)] = [
            ("status", "pending"), ("payment_status", "unpaid"), ("payment_method", "bank_transfer"), ("product_price", 85000),
            ("gross_revenue", "85000.00"), ("shipping_cost", 0), ("created_at", .string(Self.time)), ("customer_id", 77),
            ("destination_address", ["name": "Wayan", "email": "wayan@example.com"]), ("orderlines", []),
        ]
        // Three events of one second, of which each says something else.
        let parts: [(String, [(String, JSON)])] = [
            ("order.status_changed", [("status", "shipped"), ("shipped_time", .string(Self.time))]),
            ("order.payment_status_changed", [("payment_status", "paid"), ("paid_time", .string(Self.time))]),
            ("order.status_changed", [("notes", "Terima kasih")]),
        ]
        let count = 40
        for number in 0..<count {
            try await send("order.created", "event_\(number)", about: number, created, to: mirrors[0])
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<count {
                for (index, (event, data)) in parts.enumerated() {
                    let mirror = mirrors[(number + index) % 2]
                    group.addTask { try await self.send(event, "event_\(number)_\(index)", about: number, data, to: mirror) }
                }
            }
            try await group.waitForAll()
        }
        while try await mirrors[0].makePending(at: Timestamp.now.adding(seconds: 60)) {}
        for number in 0..<count {
            let current = try #require(try await storage.currentOrder(.number("S-\(number)"), in: Fixture.storeID))
            let order = try JSON(parsing: current.document)
            #expect(
                order["status"] == "shipped" && order["payment_status"] == "paid" && order["notes"] == "Terima kasih",
                "S-\(number): \(order)")
        }
    }
}
