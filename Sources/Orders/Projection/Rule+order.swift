import JSON

/// The rules of `projection.md` that depend on more than one value.
extension Rule {
    /// A placeholder for the current state of the store, filled in when the order is read.
    static let store = Rule(schema: BuyerStore.fields.schema) { _, _, writer in writer.append(OrderDocument.storeMark) }

    /// A placeholder for the current state of the customer, filled in when the order is read.
    static let customer = Rule(schema: BuyerCustomer.fields.schema) { _, scope, writer in
        let isSettled = scope.parent[Names.paymentStatus]?.text == PaymentStatus.settled.rawValue
        writer.append(isSettled ? OrderDocument.customerOfSettledMark : OrderDocument.customerMark)
    }

    /// The canonical id of the order in this installation, whatever its earlier id.
    static let orderID = Rule(
        schema: [
            "type": "string", "format": "uuid",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        ]
    ) { _, scope, writer throws(Refusal) in
        guard let id = scope.orderID else { throw .required }
        writer.append(string: id.description)
    }

    /// A line's own UUID, or the UUID derived from its integer in this order.
    static let orderlineID = Rule(
        schema: [
            "type": "string", "format": "uuid",
            "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
        ]
    ) { value, scope, writer throws(Refusal) in
        guard let value, let orderID = scope.orderID else { throw .required }
        if value.kind == .string, let uuid = value.withUTF8({ UUIDBytes(canonical: $0) }), uuid.hasStandardVariant {
            writer.append(string: uuid.description)
        } else if let number = try? integer(value), let uuid = orderID.uuid(ofLine: number) {
            writer.append(string: uuid.description)
        } else {
            throw Refusal("", "is neither a UUID nor a whole number from 0 to 2^62 - 1")
        }
    }

    /// The order's own URL if it has one; otherwise a placeholder for `{public URL}/o/{secret_slug}` plus a suffix.
    static func link(suffix: StaticString) -> Rule {
        Rule(schema: Rule.url.schema) { value, scope, writer throws(Refusal) in
            if let value, value.isCanonicalWebURL || value.text.flatMap({ WebURL($0) }) != nil {
                writer.append(webURL: value)
            } else {
                guard let slug = scope.parent[Names.secretSlug]?.text else { throw .required }
                writer.append(OrderDocument.linkMark)
                writer.append(raw: "/o/")
                writer.append(pathSegment: slug)
                writer.append(raw: suffix)
                writer.append(OrderDocument.linkEndMark)
            }
        }
    }

    /// A map from product name to quantity: the given one, or else the sums over the lines, in order of first appearance.
    static let finalVariants = Rule(
        schema: ["type": "object", "additionalProperties": ["type": "integer"]]
    ) { value, scope, writer throws(Refusal) in
        guard value == nil || value?.isObject == true else { throw Refusal("", "is not an object") }
        var quantities: [(name: String, quantity: Int64)] = []
        if let value {
            // An empty list has no members either.
            for (name, value) in value.members {
                do throws(Refusal) { quantities.append((name.name, try integer(value))) } catch { throw error.within(name.name) }
            }
        } else {
            // Compared by bytes: in Swift, strings are equal if their characters look the same.
            var positions: [[UInt8]: Int] = [:]
            for line in lines(of: scope.parent) {
                guard let name = line[Names.productName]?.text, name != "" else { continue }
                let (bytes, quantity) = (Array(name.utf8), quantity(of: line))
                let position = positions[bytes, default: quantities.count]
                if position < quantities.count {
                    quantities[position].quantity = try sum(quantities[position].quantity, quantity)
                } else {
                    positions[bytes] = position
                    quantities.append((name, quantity))
                }
            }
        }
        writer.append(list: quantities, from: "{", to: "}") { writer, entry in
            writer.append(string: entry.name)
            writer.append(UInt8(ascii: ":"))
            writer.append(integer: entry.quantity)
        }
    }

    /// The number of items: the given one, or else the sum over the lines.
    static let totalQuantity = Rule(schema: Rule.integer.schema) { value, scope, writer throws(Refusal) in
        var total: Int64 = 0
        if let value {
            total = try integer(value)
        } else {
            for line in lines(of: scope.parent) { total = try sum(total, quantity(of: line)) }
        }
        writer.append(integer: total)
    }

    /// Whether a line includes a file, a course or a licence: the given value, or else whether the line has that item type.
    static func isEnabled(for itemType: String) -> Rule {
        Rule(schema: ["type": "boolean"]) { value, scope, writer throws(Refusal) in
            if value != nil { return try Rule.boolean.write(value, scope, &writer) }
            writer.append(raw: scope.parent[Names.itemType]?.text == itemType ? "true" : "false")
        }
    }

    /// The fields that rules read in addition to their own value.
    private enum Names {
        static let secretSlug = JSONName("secret_slug")
        static let paymentStatus = JSONName("payment_status")
        static let orderlines = JSONName("orderlines")
        static let productName = JSONName("product_name")
        static let quantity = JSONName("quantity")
        static let itemType = JSONName("item_type")
    }

    private static func lines(of order: JSONView) -> JSONView.Elements { (order[Names.orderlines] ?? order).elements }

    /// A line's quantity; 0 if it is not a number, which the rule of the line's own field refuses.
    private static func quantity(of line: JSONView) -> Int64 {
        line[Names.quantity].flatMap { try? integer($0) } ?? 0
    }

    private static func sum(_ left: Int64, _ right: Int64) throws(Refusal) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        guard !overflow else { throw Refusal("", "adds up to too much") }
        return sum
    }
}

extension OrderID {
    /// The UUID derived from a line's integer in this order, always the same for the same input; `nil` outside 0 to 2^62 - 1.
    ///
    /// It is a UUIDv8 (RFC 9562, section 5.8): the order's bits with the line's integer folded into the last 62, so that the
    /// lines of one order never share an id, and lines of two orders collide no more easily than the orders would.
    func uuid(ofLine number: Int64) -> UUIDBytes? {
        guard (0..<(1 << 62)).contains(number) else { return nil }
        return UUIDBytes(high: uuid.high & ~0xF000 | 0x8000, low: uuid.low ^ UInt64(number))
    }
}

extension JSONWriter {
    /// Appends a text with every byte percent-encoded that a path segment may not contain (RFC 3986, section 3.3).
    mutating func append(pathSegment text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "~"):
                append(byte)
            default:
                append(UInt8(ascii: "%"))
                if byte < 16 { append(UInt8(ascii: "0")) }
                for digit in String(byte, radix: 16, uppercase: true).utf8 { append(digit) }
            }
        }
    }
}
