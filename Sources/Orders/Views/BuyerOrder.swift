package import JSON

/// The buyer's view of an order: the fields of the response, in their order.
///
/// This is the allow-list of `projection.md`: fields not listed here never reach a buyer, and those listed are always present.
package enum BuyerOrder {
    static let fields: Fields = [
        Field("id", .orderID),
        Field("secret_slug", .requiredText),
        Field("public_order_url", .link(suffix: "")),
        Field("payment_url", .link(suffix: "/success")),
        Field("order_id", .requiredText),
        Field("store", .store),
        Field("customer", .customer),
        Field("status", .orderStatus),
        Field("payment_status", .paymentStatus),
        Field("payment_method", .requiredText),
        Field("pg_payment_info", PaymentInfo.rule),
        Field("product_price", .requiredMoney),
        Field("gross_revenue", .requiredMoney),
        Field("shipping_cost", .requiredMoney),
        Field("final_variants", .finalVariants),
        Field("orderlines", .list(of: orderlineFields)),
        Field("draft_time", .time),
        Field("pending_time", .time),
        Field("confirmed_time", .time),
        Field("in_process_time", .time),
        Field("ready_time", .time),
        Field("shipped_time", .time),
        Field("completed_time", .time),
        Field("rts_time", .time),
        Field("canceled_time", .time),
        Field("closed_time", .time),
        Field("unpaid_time", .time),
        Field("paid_time", .time),
        Field("transfer_time", .time),
        Field("created_at", .time),
        Field("last_updated_at", .time),
        Field("status_history", .list(of: statusHistoryFields)),
        Field("sub_payment_method", .text),
        Field("payment_account_holder", .text),
        Field("payment_account_number", .text),
        Field("transferproof_url", .url),
        Field("total_quantity", .totalQuantity),
        Field("unique_code_discount", .money),
        Field("discount_code_discount", .money),
        Field("discount_code_code", .text),
        Field("discount_code_applied_to", .text),
        Field("product_discount", .money),
        Field("other_income_name", .text),
        Field("other_income", .money),
        Field("gross_revenue_for_dropshipper", .money),
        Field("discount_rate", .rate),
        Field("shipping_discount", .money),
        Field("destination_address", .object(addressFields)),
        Field("product_weight", .grams),
        Field("total_weight", .grams),
        Field("is_dropshipping", .boolean),
        Field("courier_service", .object(courierServiceFields)),
        Field("shipment_receipt", .text),
        Field("shipment_status", .text),
        Field("awb_status", .text),
        Field("shipment_status_history", .list(of: shipmentStatusHistoryFields)),
        Field("notes", .text),
    ]

    private static let orderlineFields: Fields = [
        Field("id", .orderlineID),
        Field("quantity", .quantity),
        Field("variant", .integer),
        Field("product_name", .text),
        Field("item_type", .text),
        Field("is_file_enabled", .isEnabled(for: "digital")),
        Field("is_lms_enabled", .isEnabled(for: "course")),
        Field("is_license_enabled", .isEnabled(for: "license")),
        Field("currency", .text),
        Field("pricing_type", .text),
        Field("interval", .text),
        Field("interval_count", .integer),
        Field("variant_sku", .text),
        Field("variant_option1_value", .text),
        Field("variant_option2_value", .text),
        Field("variant_option3_value", .text),
        Field("variant_price", .money),
        Field("product_price", .money),
        Field("discount", .money),
        Field("discount_code_discount", .money),
        Field("weight", .grams),
    ]

    private static let statusHistoryFields: Fields = [
        Field("status", .orderStatus),
        Field("at", .requiredTime, from: "at", "time"),
    ]

    private static let addressFields: Fields = [
        Field("id", .integer),
        Field("name", .text),
        Field("phone", .text),
        Field("location", .integerOrText),
        Field("address", .text),
        Field("subdistrict", .text),
        Field("city", .text),
        Field("province", .text),
        Field("postal_code", .text),
    ]

    private static let courierServiceFields: Fields = [
        Field("id", .integer),
        Field("name", .text),
        Field("code", .text),
        Field("courier", .object(courierFields)),
    ]

    private static let courierFields: Fields = [
        Field("id", .integer),
        Field("name", .text),
        Field("code", .text),
    ]

    private static let shipmentStatusHistoryFields: Fields = [
        Field("status", .text),
        Field("description", .text),
        Field("at", .time, from: "at", "timestamp"),
        Field("timestamp_source", .text),
    ]

    /// The JSON Schema (2020-12) of the response, generated from the same table as the response itself.
    package static let schema = fields.schema

    /// The buyer's order, encoded, with placeholders for the parts that change independently.
    /// - Parameters:
    ///   - order: the merchant's order.
    ///   - id: the order's id in this installation.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package static func document(of order: JSONText, id: OrderID) throws(Refusal) -> OrderDocument {
        // Most are about half as long as the merchant's order.
        var writer = JSONWriter(capacity: order.bytes.count / 2 + 1024)
        try order.withValue { order throws(Refusal) in try fields.write(order, orderID: id, to: &writer) }
        return OrderDocument(template: writer.bytes)
    }
}
