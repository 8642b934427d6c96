package import JSON

/// The view of an order that its secret link gives: the fields of the answer, in their order.
///
/// This is an allow-list of its own, after `surroundings.md`, section 2. Nobody knows who has the link, so the e-mail address and the phone number
/// are masked and the street is left out, except for somebody who has proven the address. The merchant's own (`business`, `handler_phone` and so
/// on) is always `null`, because `projection.md` has it as internal.
package enum PublicOrder {
    private static let masked = fields(isProven: false)
    private static let proven = fields(isProven: true)

    private static func fields(isProven: Bool) -> Fields {
        [
            Field("id", .orderID),
            Field("secret_slug", .requiredText),
            Field("public_order_url", .link(suffix: "")),
            Field("payment_url", .link(suffix: "/success")),
            Field("redirect_url", .link(suffix: "/success")),
            Field("post_payment_redirect_url", .afterPayment(.url)),
            Field("order_id", .requiredText),
            Field("status", .orderStatus),
            Field("payment_status", .paymentStatus),
            Field("payment_method", .requiredText),
            Field("sub_payment_method", .text),
            Field("pg_payment_info", PaymentInfo.rule),
            Field("payment_instructions", .asGiven(PaymentInstructions.schema)),
            Field("gross_revenue", .requiredMoney),
            Field("product_price", .requiredMoney),
            Field("shipping_cost", .requiredMoney),
            Field("product_discount", .money),
            Field("shipping_discount", .money),
            Field("other_income", .money),
            Field("other_income_name", .text),
            Field("unique_code_discount", .money),
            Field("discount_code_discount", .money),
            Field("discount_code_code", .text),
            Field("payment_link_income", .money),
            Field("business", .hidden),
            Field("store", .object(storeFields)),
            Field("store_custom_domain", .object(domainFields)),
            Field("page", .object(pageFields)),
            Field("customer_id", .hidden),
            Field("customer", .object(customerFields(isProven: isProven))),
            Field("destination_address", .object(addressFields(isProven: isProven))),
            Field("courier_service", .object(courierServiceFields)),
            Field("orderlines", .list(of: orderlineFields)),
            Field("shipment_receipt", .text),
            Field("shipment_status_history", .list(of: shipmentStatusFields)),
            Field("status_history", .list(of: statusFields)),
            Field("draft_time", .time),
            Field("paid_time", .time),
            Field("transfer_time", .time),
            Field("payment_expiration_at", .time),
            Field("payment_account_holder", .text),
            Field("payment_account_number", .text),
            Field("transferproof_url", .url),
            Field("is_probably_spam", .hidden),
            Field("handler_phone", .hidden),
            Field("chat_message", .hidden),
            Field("epayment_provider", .hidden),
        ]
    }

    private static let storeFields: Fields = [
        Field("name", .text),
        Field("payment_accounts", .list(of: accountFields)),
        Field("custom_domain", .object(domainFields)),
        Field("days_of_payment_processing", .integer),
        Field("is_auto_expire", .boolean),
        Field("auto_expire_days", .integer),
        Field("is_show_whatsapp", .boolean),
        Field("is_show_download_invoice", .boolean),
    ]

    private static let accountFields: Fields = [
        Field("id", .requiredInteger),
        Field("account_holder", .text),
        Field("account_number", .text),
        Field("method", .text),
        Field("financial_entity", .object([Field("id", .requiredInteger), Field("code", .text), Field("name", .text)])),
    ]

    private static let domainFields: Fields = [Field("full_url", .url)]
    private static let pageFields: Fields = [Field("slug", .text)]

    private static func customerFields(isProven: Bool) -> Fields {
        [Field("email", isProven ? .text : .masked(Masking.email))]
    }

    private static func addressFields(isProven: Bool) -> Fields {
        [
            Field("name", .text),
            Field("phone", isProven ? .text : .masked(Masking.phone)),
            Field("address", isProven ? .text : .hiddenText),
            Field("subdistrict", .text),
            Field("city", .text),
            Field("province", .text),
        ]
    }

    private static let courierServiceFields: Fields = [
        Field("name", .text), Field("courier", .object([Field("name", .text)])),
    ]

    private static let orderlineFields: Fields = [
        Field("quantity", .quantity),
        Field("product_name", .text),
        Field("item_type", .text),
        Field("variant_option1_value", .text),
        Field("variant_option2_value", .text),
        Field("variant_option3_value", .text),
        Field("variant_price", .money),
    ]

    private static let shipmentStatusFields: Fields = [
        Field("timestamp_source", .text), Field("status", .text), Field("description", .text),
    ]

    private static let statusFields: Fields = [
        Field("status", .orderStatus), Field("at", .requiredTime, from: "at", "time"),
    ]

    /// The JSON Schema (2020-12) of the answer, generated from the same table as the answer itself.
    package static let schema = masked.schema

    /// The order's public view, encoded.
    /// - Parameters:
    ///   - order: the merchant's order.
    ///   - store: the merchant's store as it is now.
    ///   - customer: the customer as they are now.
    ///   - isProven: whether the reader has proven to have the customer's e-mail address.
    ///   - time: of the reading: a payment may have expired by then.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package static func json(
        of order: JSON, id: OrderID, store: JSON, customer: JSON, isProven: Bool, publicURL: PublicURL?, at time: Timestamp
    ) throws(Refusal) -> [UInt8] {
        let instructions = PaymentInstructions(of: order, store: store, at: time)
        let source = order.replacing([
            ("store", store), ("customer", customer), ("payment_instructions", instructions.json),
            ("redirect_url", order.optionalText("redirect_url").map(JSON.string) ?? order["payment_url"] ?? .null),
        ])
        let text = try JSONText.read(source.encoded)
        var writer = JSONWriter(capacity: text.bytes.count / 2 + 1024)
        let fields = isProven ? proven : masked
        try text.withValue { value throws(Refusal) in try fields.write(value, orderID: id, to: &writer) }
        var json: [UInt8] = []
        // Only its mark: the store itself is in the view already.
        let mark = MerchantStore.showsSettledAsPaid(store) ? [BuyerStore.settledAsPaid] : []
        OrderDocument(template: writer.bytes).join(store: mark, customer: [], publicURL: publicURL, onto: &json)
        return json
    }
}

extension Rule {
    /// A value that was made here, unchanged.
    fileprivate static func asGiven(_ schema: JSON) -> Rule {
        Rule(schema: schema) { value, _, writer in
            if let value { writer.append(value) } else { writer.append(raw: "null") }
        }
    }

    /// A text that strangers don't get.
    fileprivate static let hiddenText = Rule(schema: text.schema, write: hidden.write)

    /// What a rule makes of an address with `https`, once the order is paid; `null` before.
    fileprivate static func afterPayment(_ rule: Rule) -> Rule {
        Rule(schema: rule.schema) { value, scope, writer throws(Refusal) in
            let isPaid = scope.parent["payment_status"]?.text.flatMap { PaymentStatus(rawValue: $0) }?.isPaid ?? false
            let isSecure = value?.text?.lowercased().hasPrefix("https:") ?? false
            try rule.write(isPaid && isSecure ? value : nil, scope, &writer)
        }
    }
}
