import HTTPServing
import JSON
import Orders

/// A field of an order as a merchant's system gives it: how it is read, and how it is described.
struct OrderField: Sendable {
    enum Kind: Sendable {
        case text(maximum: Int, hasLines: Bool = false)
        case amount, integer, flag, url, phone, email, time
        /// An amount that is worked out, and compared if it is given.
        case sum
        case choice([String])
        /// Carried as it is.
        case object
        /// An integer or a text.
        case place
        /// A courier's service with its courier.
        case courierService
    }

    let name: String
    let kind: Kind
    /// Whether only a new order takes it.
    let isForNewOnly: Bool

    init(_ name: String, _ kind: Kind, isForNewOnly: Bool = false) {
        self.name = name
        self.kind = kind
        self.isForNewOnly = isForNewOnly
    }

    /// The field's value in a body, as an order has it; `nil` if the body does not have the field, or if it is invalid.
    func read(_ reader: inout BodyReader) -> JSON? {
        guard reader.isThere(name) else { return nil }
        switch kind {
        case .text(let maximum, let hasLines): return JSON(reader.optionalText(name, maximum: maximum, hasLines: hasLines))
        case .amount: return .string((reader.amount(name) ?? Money(minorUnits: 0)).description)
        case .sum: return reader.amount(name).map { .string($0.description) }
        case .phone: return JSON(reader.optionalPhone(name))
        case .url: return JSON(reader.optionalURL(name))
        case .time: return JSON(reader.optionalTime(name)?.description)
        case .choice(let words): return JSON(reader.choice(name, of: words))
        case .flag: return .bool(reader.flag(name) ?? false)
        case .email: return reader.isGiven(name) ? JSON(reader.email(name)?.text) : .null
        case .integer:
            if reader.isGiven(name), !reader.isNumber(name) { reader.refuse(name, "is not a whole number") }
            return reader.integer(name).map { .number(String($0)) } ?? .null
        case .place:
            if reader.isNumber(name) { return reader.integer(name).map { .number(String($0)) } ?? .null }
            return JSON(reader.optionalText(name, maximum: 100))
        case .object:
            if case .object? = reader[name] { return reader[name] }
            if reader.isGiven(name) { reader.refuse(name, "is not an object") }
            return .null
        case .courierService: return courierService(&reader)
        }
    }

    private func courierService(_ reader: inout BodyReader) -> JSON {
        guard reader.isGiven(name) else { return .null }
        func object(_ json: JSON, _ path: String, _ inner: (inout BodyReader) -> [(String, JSON)] = { _ in [] }) -> JSON? {
            guard case .object = json else {
                reader.refuse(path, "is not an object")
                return nil
            }
            var fields = BodyReader(json)
            let members = [
                OrderField("id", .integer), OrderField("name", .text(maximum: 100)), OrderField("code", .text(maximum: 100)),
            ]
            .map { ($0.name, $0.read(&fields) ?? .null) }
            let all = members + inner(&fields)
            fields.refuseOthers(than: all.map(\.0))
            reader.add(fields, in: path)
            return .object(JSONObject(all))
        }
        let courier = reader[name]?["courier"].flatMap { $0 == .null ? nil : object($0, "\(name).courier") }
        return object(reader[name] ?? .null, name) { _ in [("courier", courier ?? .null)] } ?? .null
    }

    var schema: JSON {
        switch kind {
        case .text(let maximum, _): ["type": ["string", "null"], "maxLength": .number(String(maximum))]
        case .amount, .sum: ["description": "At most two decimals.", "type": ["number", "string", "null"], "minimum": 0]
        case .integer: ["type": ["integer", "null"]]
        case .flag: ["type": ["boolean", "null"]]
        case .url: ["type": ["string", "null"], "format": "uri", "maxLength": 2000]
        case .phone: ["type": ["string", "integer", "null"]]
        case .time: ["type": ["string", "null"], "format": "date-time"]
        case .email: ["type": ["string", "null"], "format": "email"]
        case .choice(let words): ["enum": .array(words.map { .string($0) } + [.null])]
        case .object: ["type": ["object", "null"]]
        case .place: ["type": ["integer", "string", "null"]]
        case .courierService:
            [
                "type": ["object", "null"],
                "properties": [
                    "id": ["type": ["integer", "null"]], "name": .optionalText, "code": .optionalText,
                    "courier": [
                        "type": ["object", "null"],
                        "properties": ["id": ["type": ["integer", "null"]], "name": .optionalText, "code": .optionalText],
                    ],
                ],
            ]
        }
    }
}

extension OrderField {
    /// The fields of an order (`surroundings.md`, section 5), and those that a catalogue would have told.
    static let all: [OrderField] = [
        OrderField("customer_name", .text(maximum: 200)), OrderField("customer_phone", .phone),
        OrderField("customer_email", .email), OrderField("payment_method", .text(maximum: 50)),
        OrderField("sub_payment_method", .text(maximum: 50)), OrderField("address", .text(maximum: 1000, hasLines: true)),
        OrderField("location_id", .place), OrderField("subdistrict", .text(maximum: 200)),
        OrderField("city", .text(maximum: 200)),
        OrderField("province", .text(maximum: 200)), OrderField("postal_code", .text(maximum: 20)),
        OrderField("warehouse_unique_id", .text(maximum: 100)), OrderField("courier_service_id", .integer),
        OrderField("courier_service", .courierService), OrderField("shipping_cost", .amount),
        OrderField("shipment_provider_code", .choice(["mengantar", "lincah", "ninja"])), OrderField("shipping_discount", .amount),
        OrderField("product_discount", .amount), OrderField("unique_code_discount", .amount),
        OrderField("discount_code_discount", .amount), OrderField("discount_code_code", .text(maximum: 100)),
        OrderField("other_income", .amount), OrderField("other_income_name", .text(maximum: 100)),
        OrderField("product_price", .sum), OrderField("gross_revenue", .sum),
        OrderField("payment_account_unique_id", .text(maximum: 100)), OrderField("financial_entity_id", .integer),
        OrderField("payment_account_holder", .text(maximum: 200)), OrderField("payment_account_number", .text(maximum: 100)),
        OrderField("transferproof_url", .url), OrderField("page_unique_id", .text(maximum: 100)),
        OrderField("channel_unique_id", .text(maximum: 100)), OrderField("is_dropshipping", .flag),
        OrderField("dropshipper_name", .text(maximum: 200)), OrderField("dropshipper_phone", .phone),
        OrderField("notes", .text(maximum: 5000, hasLines: true)), OrderField("external_id", .text(maximum: 200)),
        OrderField("metadata", .object, isForNewOnly: true), OrderField("agent_context", .object, isForNewOnly: true),
        OrderField("is_probably_spam", .flag, isForNewOnly: true),
    ]

    /// The fields of a line.
    static let ofLine: [OrderField] = [
        OrderField("product_name", .text(maximum: 500)), OrderField("variant_price", .amount), OrderField("quantity", .integer),
        OrderField("discount", .amount), OrderField("product_price", .sum),
        OrderField("item_type", .choice(["physical", "digital", "course", "license", "subscription"])),
        OrderField("currency", .choice(["IDR"])), OrderField("pricing_type", .choice(["one_time", "recurring"])),
        OrderField("interval", .choice(["day", "week", "month", "year"])), OrderField("interval_count", .integer),
        OrderField("variant", .integer), OrderField("variant_unique_id", .text(maximum: 100)),
        OrderField("variant_sku", .text(maximum: 100)), OrderField("variant_option1_value", .text(maximum: 200)),
        OrderField("variant_option2_value", .text(maximum: 200)), OrderField("variant_option3_value", .text(maximum: 200)),
        OrderField("weight", .amount), OrderField("variant_cogs", .amount),
    ]

    static let maximumLines = 1000
}

extension BodyReader {
    /// The values of those fields that are there.
    mutating func fields(_ fields: [OrderField]) -> [(name: String, value: JSON)] {
        var values: [(name: String, value: JSON)] = []
        for field in fields { if let value = field.read(&self) { values.append((field.name, value)) } }
        return values
    }

    /// What a body says of an order.
    mutating func orderEdit(isNew: Bool) -> OrderEdit {
        let fields = fields(OrderField.all.filter { isNew || !$0.isForNewOnly })
        if isThere("payment_method"), isEmpty("payment_method") { refuse("payment_method", "is required") }
        for name in ["ordervariants", "orderbundles"] where isThere(name) {
            refuse(name, "needs a catalogue, which is not here: send orderlines with product_name, variant_price and quantity")
        }
        return OrderEdit(fields: fields, lines: isThere("orderlines") ? orderlines() : nil)
    }

    private mutating func orderlines() -> [JSON] {
        guard let elements = list("orderlines") else { return [] }
        guard elements.count <= OrderField.maximumLines else {
            refuse("orderlines", "has more than \(OrderField.maximumLines) elements")
            return []
        }
        return elements.enumerated().map { position, element in
            let path = "orderlines[\(position)]"
            guard case .object = element else {
                refuse(path, "is not an object")
                return .null
            }
            var line = BodyReader(element)
            let members = line.fields(OrderField.ofLine).map { ($0.name, $0.value) }
            for name in ["product_name", "variant_price", "quantity"] where line.isEmpty(name) {
                line.refuse(name, "is required")
            }
            if let quantity = line.wholeNumber("quantity"), !(1...1_000_000).contains(quantity) {
                line.refuse("quantity", "is not from 1 to 1000000")
            }
            line.refuseOthers(than: OrderField.ofLine.map(\.name))
            add(line, in: path)
            return .object(JSONObject(members))
        }
    }

    /// A whole number, without an error if it is none.
    private func wholeNumber(_ field: String) -> Int64? {
        if case .number(let digits)? = self[field] { Int64(digits) } else { nil }
    }
}
