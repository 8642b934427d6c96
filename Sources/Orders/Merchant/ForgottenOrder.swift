package import JSON

/// What is left of an order when its customer is forgotten: the accounting record.
///
/// An allow-list, never a deny-list: whatever is not named here may say something about a person.
package enum ForgottenOrder {
    private static let kept: Set = [
        "id", "order_id", "status", "payment_status", "payment_method", "sub_payment_method", "store", "product_price",
        "gross_revenue", "shipping_cost", "unique_code_discount", "discount_code_discount", "discount_code_code",
        "discount_code_applied_to", "product_discount", "other_income_name", "other_income", "discount_rate",
        "shipping_discount", "gross_revenue_for_dropshipper", "is_dropshipping", "total_quantity", "product_weight",
        "total_weight", "orderlines", "final_variants", "net_revenue", "net_payment_revenue", "scalev_fee", "payment_fee", "cogs",
        "financial_entity", "epayment_provider", "pg_reference_id", "external_id", "platform", "courier_service", "warehouse",
        "created_at", "last_updated_at", "transfer_time",
    ]
    private static let histories: Set = ["status_history", "payment_status_history"]

    /// The order without its customer, but for their id, and with another secret slug: links that were sent lead nowhere.
    package static func order(_ order: JSON, secretSlug: String) -> JSON {
        guard case .object(let object) = order else { return order }
        var members: [(String, JSON)] = []
        for (name, value) in object.members {
            if kept.contains(name) || name.hasSuffix("_time") { members.append((name, value)) }
            if histories.contains(name) { members.append((name, withoutPeople(value))) }
        }
        members.append(("secret_slug", .string(secretSlug)))
        members.append(("customer", ["id": order["customer"]?["id"] ?? .null]))
        return .object(JSONObject(members))
    }

    private static func withoutPeople(_ history: JSON) -> JSON {
        guard case .array(let entries) = history else { return .null }
        return .array(
            entries.map { entry in
                ["status": entry["status"] ?? .null, "time": entry["time"] ?? entry["at"] ?? .null, "by": .null]
            })
    }
}
