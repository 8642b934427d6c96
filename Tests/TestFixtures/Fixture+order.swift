package import JSON
package import Orders

extension Fixture {
    package static let storeID = StoreID("store_A")!
    package static let otherStoreID = StoreID("store_B")!

    /// A merchant's store with only its name.
    package static func store(_ id: StoreID = storeID, name: String = "Toko") -> JSON {
        ["unique_id": .string(id.text), "name": .string(name)]
    }

    /// A merchant's order with only the required fields.
    /// - Parameters:
    ///   - id: a UUIDv7 or an integer.
    ///   - changes: members to add or to replace.
    package static func order(
        id: JSON, store: StoreID = storeID, customer: Int = 7, slug: String? = nil, updated: String? = "2026-03-01T00:00:00Z",
        _ changes: [String: JSON] = [:]
    ) -> JSON {
        var members: [(String, JSON)] = [
            ("id", id), ("order_id", "A-1"),
            ("secret_slug", .string(slug ?? "slug-\(String(decoding: id.encoded.filter { $0 != 0x22 }, as: UTF8.self))")),
            ("store", ["unique_id": .string(store.text)]),
            ("customer", self.customer(customer)), ("status", "pending"), ("payment_status", "unpaid"),
            ("payment_method", "bank_transfer"), ("product_price", "10000.00"), ("gross_revenue", "10000.00"),
            ("shipping_cost", "0.00"), ("created_at", "2026-02-01T08:00:00Z"),
            ("last_updated_at", updated.map(JSON.string) ?? .null),
        ]
        for (name, value) in changes {
            if let position = members.firstIndex(where: { $0.0 == name }) {
                members[position].1 = value
            } else {
                members.append((name, value))
            }
        }
        return .object(JSONObject(members))
    }

    /// A merchant's customer.
    package static func customer(
        _ id: Int, name: String = "Siti", email: String? = nil, updated: String? = "2026-01-01T00:00:00Z"
    ) -> JSON {
        [
            "id": .number(String(id)), "name": .string(name), "email": .string(email ?? "customer.\(id)@example.com"),
            "last_updated_at": updated.map(JSON.string) ?? .null,
        ]
    }
}
