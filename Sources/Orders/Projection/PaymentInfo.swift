import JSON

/// The parts of the payment provider's answer that a buyer may see (`pg_payment_info` in `projection.md`).
enum PaymentInfo {
    /// An allowed part of the answer: a single value, or some members of an object or of each object in a list.
    private indirect enum Allowed: Sendable {
        case value
        case members([Member])
        case list([Member])
    }

    private typealias Member = (name: JSONName, part: Allowed)

    private static let allowed: [Member] =
        values(
            "qr_string", "invoice_url", "redirect_url", "payment_url", "expires_at", "expiry_date", "status", "amount", "currency"
        )
        + [
            (JSONName("actions"), .list(values("action", "url", "url_type", "method"))),
            (JSONName("payment_method"), .members(values("type", "status") + channels)),
        ]

    private static let channels: [Member] =
        ["virtual_account", "over_the_counter", "qr_code", "ewallet"].map { name in
            (
                JSONName(name),
                .members(values("channel_code") + [(JSONName("channel_properties"), .members(channelProperties))])
            )
        }

    private static let channelProperties = values(
        "virtual_account_number", "payment_code", "customer_name", "qr_string", "expires_at")

    private static func values(_ names: String...) -> [Member] { names.map { (JSONName($0), .value) } }

    /// Writes the allowed members that are present, with their original values; `{}` if there is no answer.
    static let rule = Rule(schema: ["type": "object"]) { value, _, writer throws(Refusal) in
        guard let value else { return writer.append(raw: "{}") }
        guard value.isObject else { throw Refusal("", "is not an object") }
        write(allowed, of: value, to: &writer)
    }

    private static func write(_ allowed: [Member], of object: JSONView, to writer: inout JSONWriter) {
        let passing = allowed.lazy.compactMap { member in
            object[member.name].flatMap { passes($0, as: member.part) ? (member: member, value: $0) : nil }
        }
        writer.append(list: passing, from: "{", to: "}") { writer, passing in
            writer.append(string: passing.member.name.text)
            writer.append(UInt8(ascii: ":"))
            switch passing.member.part {
            case .value: writer.append(passing.value)
            case .members(let members): write(members, of: passing.value, to: &writer)
            case .list(let members):
                writer.append(list: passing.value.elements.filter { $0.kind == .object }, from: "[", to: "]") {
                    write(members, of: $1, to: &$0)
                }
            }
        }
    }

    /// Whether a value has the allowed shape: nobody knows what a value of another shape contains.
    private static func passes(_ value: JSONView, as part: Allowed) -> Bool {
        switch part {
        case .value: value.kind != .array && value.kind != .object
        case .members: value.kind == .object
        case .list: value.kind == .array
        }
    }
}
