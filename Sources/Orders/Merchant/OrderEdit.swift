package import JSON

/// What a merchant's system says of an order, to create or to change it, in the names of the business API (`surroundings.md`, section 5).
///
/// It is a pure function from one merchant's order to the next.
package struct OrderEdit: Sendable {
    /// The given fields, each valid for itself; amounts are decimal strings.
    package let fields: [(name: String, value: JSON)]
    /// `nil` keeps the lines.
    package let lines: [JSON]?

    package init(fields: [(name: String, value: JSON)], lines: [JSON]?) {
        self.fields = fields
        self.lines = lines
    }

    /// Fields of the destination, by their names in the business API.
    private static let destination = [
        "customer_name": "name", "customer_phone": "phone", "customer_email": "email", "address": "address",
        "location_id": "location", "postal_code": "postal_code", "subdistrict": "subdistrict", "city": "city",
        "province": "province",
    ]
    /// Those of them without which an order has no destination.
    private static let places = ["address", "location_id", "postal_code", "subdistrict", "city", "province"]
    /// Fields whose change makes the totals be worked out again.
    private static let amounts = Set(OrderTotals.parts + ["product_discount", "product_price", "gross_revenue"])

    private func given(_ name: String) -> JSON? { fields.first { $0.name == name }?.value }

    /// The order with what is given.
    /// - Parameters:
    ///   - order: the order before; a new one has no lines and no amounts yet.
    ///   - store: the merchant's store, for its payment accounts.
    /// - Throws: ``Failure/invalidContent(_:)`` with everything that is wrong.
    package func applied(to order: JSON, of store: JSON) throws(Failure) -> JSON {
        var errors: [FieldError] = []
        var changed: [(name: String, value: JSON)] = fields.filter {
            Self.destination[$0.name] == nil && !["payment_account_unique_id", "courier_service_id"].contains($0.name)
        }
        if let id = given("courier_service_id"), id != .null, given("courier_service") == nil {
            changed.append(("courier_service", ["id": id, "name": .null, "code": .null, "courier": .null]))
        }
        changed += destination(of: order)
        changed += paymentAccount(in: store, &errors)
        if let lines { changed.append(("orderlines", .array(numbered(lines)))) }
        var edited = order.replacing(changed)
        let isMoney = lines != nil || fields.contains { Self.amounts.contains($0.name) }
        if isMoney, lines == nil, !Self.addsUp(order) {
            edited = edited.replacing(grossRevenue(of: order, &errors))
        } else if isMoney {
            // A stored total is no claim that has to hold: only what is given is compared.
            let claims = ["product_price", "gross_revenue"].map { (name: $0, value: given($0) ?? .null) }
            let discount = given("product_discount") ?? (lines == nil ? order["product_discount"] : nil) ?? .null
            let totals = OrderTotals(of: edited.replacing(claims + [("product_discount", discount)]), errors: &errors)
            if let totals { edited = edited.replacing(totals.fields(hasLines: lines != nil)) }
        }
        guard errors.isEmpty else { throw .invalidContent(errors) }
        return edited
    }

    /// Whether the stored totals of an order are those of its lines: not if it came without lines, or with amounts of another system's.
    private static func addsUp(_ order: JSON) -> Bool {
        var errors: [FieldError] = []
        return OrderTotals(of: order, errors: &errors) != nil
    }

    /// The total of an order whose stored totals don't add up: changed by as much as its parts are.
    private func grossRevenue(of order: JSON, _ errors: inout [FieldError]) -> [(name: String, value: JSON)] {
        let parts = fields.filter { (OrderTotals.parts + ["product_discount"]).contains($0.name) }
        let amounts = parts.compactMap { part in
            if case .string(let text) = part.value { Money(text).map { (name: part.name, value: $0) } } else { nil }
        }
        guard let total = OrderTotals.grossRevenue(of: order, changedTo: amounts) else {
            errors.append(FieldError("gross_revenue", "is less than nothing, or adds up to too much"))
            return []
        }
        let kept = [("product_price", order.amount("product_price")), ("gross_revenue", total)]
        for (name, amount) in kept {
            guard case .string(let text)? = given(name), let claim = Money(text), claim != amount else { continue }
            errors.append(
                FieldError(name, "is not what it adds up to: the order's totals are not those of its lines, so send the lines"))
        }
        return [("product_price", order["product_price"] ?? .null), ("gross_revenue", .string(total.description))]
    }

    private func destination(of order: JSON) -> [(name: String, value: JSON)] {
        let given = fields.compactMap { field in Self.destination[field.name].map { (name: $0, value: field.value) } }
        let before = order["destination_address"] ?? .null
        let hasPlace = fields.contains { Self.places.contains($0.name) && $0.value != .null }
        guard !given.isEmpty, before != .null || hasPlace else { return [] }
        let empty = ["id", "name", "phone", "email", "location", "address", "subdistrict", "city", "province", "postal_code"]
        let base = before == .null ? JSON.object(JSONObject(empty.map { ($0, .null) })) : before
        return [("destination_address", base.replacing(given))]
    }

    /// The account of the store that the buyer is to pay to.
    private func paymentAccount(in store: JSON, _ errors: inout [FieldError]) -> [(name: String, value: JSON)] {
        let name = "payment_account_unique_id"
        guard case .string(let id)? = given(name) else { return [] }
        guard case .array(let accounts)? = store["payment_accounts"],
            let account = accounts.first(where: { $0.optionalText("unique_id") == id })
        else {
            errors.append(FieldError(name, "is no payment account of the store"))
            return []
        }
        return [
            (name, .string(id)), ("payment_account_holder", account["account_holder"] ?? .null),
            ("payment_account_number", account["account_number"] ?? .null),
            ("financial_entity", account["financial_entity"] ?? .null),
        ]
    }

    /// Lines with everything that a buyer's order needs of them. One without an id gets the number of its place, which the buyer's order makes a UUID of.
    private func numbered(_ lines: [JSON]) -> [JSON] {
        lines.enumerated().map { position, line in
            let defaults: [(String, JSON)] = [
                ("id", .number(String(position + 1))), ("variant", .null), ("item_type", "physical"), ("currency", "IDR"),
                ("pricing_type", "one_time"), ("interval", .null), ("interval_count", .null), ("variant_sku", .null),
                ("variant_option1_value", .null), ("variant_option2_value", .null), ("variant_option3_value", .null),
                ("discount", "0.00"), ("discount_code_discount", "0.00"), ("weight", "0.00"),
            ]
            var members: [(String, JSON)] = []
            if case .object(let object) = line { members = object.members.map { ($0.name, $0.value) } }
            let price = OrderTotals.price(of: line).map { JSON.string($0.description) } ?? .null
            return .object(JSONObject(members + [("product_price", price)] + defaults))
        }
    }
}

extension OrderTotals {
    /// The fields of an order that are worked out.
    fileprivate func fields(hasLines: Bool) -> [(name: String, value: JSON)] {
        let amounts: [(name: String, value: JSON)] = [
            ("product_price", .string(productPrice.description)), ("product_discount", .string(productDiscount.description)),
            ("gross_revenue", .string(grossRevenue.description)),
        ]
        guard hasLines else { return amounts }
        // The buyer's order works it out of the lines.
        return amounts + [("total_quantity", .number(String(totalQuantity))), ("final_variants", .null)]
    }
}
