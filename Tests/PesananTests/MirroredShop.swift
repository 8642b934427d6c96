import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

/// A server that mirrors a store.
struct MirroredShop {
    let shop: MerchantShop
    let key: String

    func command(_ arguments: String...) async throws -> Pesanan.Outcome {
        try Pesanan.run(
            ["mirror"] + arguments + ["--store", shop.storeID.text, "--data", shop.server.server.folder.path("data")],
            environment: try await shop.server.environment)
    }

    func send(_ body: [UInt8], signedWith secret: String? = Self.secret, to storeID: StoreID? = nil) throws -> HTTPAnswer {
        let fields = secret.map { [(WebhookSignature.header, WebhookSignature.header(for: body, secret: $0))] } ?? []
        return try shop.server.server.send(
            "POST", "/v3/stores/\(storeID ?? shop.storeID)/webhooks/scalev", bytes: body, fields)
    }

    /// Sends an event about an order.
    func send(_ event: String, _ id: String, at time: String, number: String = "S-1", _ data: [(String, JSON)] = []) throws
        -> HTTPAnswer
    {
        let base: [(String, JSON)] = [("order_id", .string(number)), ("last_updated_at", .string(time))]
        return try send(
            ([
                "event": .string(event), "unique_id": .string(id), "timestamp": .string(time),
                "data": .object(JSONObject(data + base)),
            ] as JSON).encoded)
    }

    func order(_ name: String = "S-1") throws -> HTTPAnswer { try shop.server.server.ask("/v3/orders/\(name)", token: key) }

    static let secret = "signing-secret-of-a-test"

    /// What an event says of a whole order, except for its number and the time.
    static let created: [(String, JSON)] = [
        ("id", 4711), ("secret_slug", "mirrored-slug-of-a-test-order"), ("status", "pending"), ("payment_status", "unpaid"),
        ("payment_method", "bank_transfer"), ("product_price", 85000), ("gross_revenue", "97000.00"), ("shipping_cost", 12000),
        ("created_at", "2026-11-01T00:00:00Z"), ("pending_time", "2026-11-01T00:00:00Z"), ("customer_id", 77), ("business", [:]),
        ("store", ["name": "Toko"]), ("destination_address", ["name": "Wayan", "phone": "62811", "email": "wayan@example.com"]),
        ("orderlines", [["quantity": 1, "product_name": "Kopi", "variant_price": 85000, "product_price": 85000]]),
    ]

    init(_ kind: TestServer.Kind) async throws {
        shop = try await MerchantShop(kind)
        key = try await shop.newKey()
        let secretFile = shop.server.server.folder.path("secret")
        try Data((Self.secret + "\n").utf8).write(to: URL(filePath: secretFile))
        let enabled = try await command("enable", "--secret-file", secretFile)
        #expect(enabled.status == 0, "\(enabled.errors)")
    }
}
