/// What a buyer may see of the payment provider's answer (`pg_payment_info` in `projection.md`).
enum PaymentInfo {
    /// Which part of the answer may pass: a single value as given, or some members of an object or of each object in a list.
    private indirect enum Allowed: Sendable {
        case value
        case members([(name: String, Allowed)])
        case list([(name: String, Allowed)])
    }

    private static let allowed: [(name: String, Allowed)] =
        values(
            "qr_string", "invoice_url", "redirect_url", "payment_url", "expires_at", "expiry_date", "status", "amount", "currency"
        )
        + [
            ("actions", .list(values("action", "url", "url_type", "method"))),
            ("payment_method", .members(values("type", "status") + channels)),
        ]

    private static let channels: [(name: String, Allowed)] =
        ["virtual_account", "over_the_counter", "qr_code", "ewallet"].map { name in
            (name, .members([("channel_code", .value), ("channel_properties", .members(channelProperties))]))
        }

    private static let channelProperties = values(
        "virtual_account_number", "payment_code", "customer_name", "qr_string", "expires_at")

    private static func values(_ names: String...) -> [(name: String, Allowed)] { names.map { ($0, .value) } }

    /// `{}` where there is none; else the allowed members that are there, with their values as given.
    static let rule = Rule(schema: ["type": "object"]) { value, _, writer throws(Refusal) in
        switch value {
        case .null, []: writer.append(raw: "{}")
        case .object: writer.append(members(allowed, of: value))
        default: throw Refusal("", "is not an object")
        }
    }

    private static func members(_ allowed: [(name: String, Allowed)], of value: JSON) -> JSON {
        .object(
            JSONObject(
                allowed.compactMap { name, part in
                    value[name].flatMap { passed($0, as: part) }.map { (name, $0) }
                }))
    }

    /// What passes of a value; `nil` where it is not of the allowed shape, as nobody knows then what it holds.
    private static func passed(_ value: JSON, as part: Allowed) -> JSON? {
        switch (part, value) {
        case (.value, .null), (.value, .bool), (.value, .number), (.value, .string): value
        case (.members(let names), .object): members(names, of: value)
        case (.list(let names), .array(let elements)):
            .array(elements.compactMap { if case .object = $0 { members(names, of: $0) } else { nil } })
        default: nil
        }
    }
}
