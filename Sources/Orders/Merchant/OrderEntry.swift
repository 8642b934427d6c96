import JSON

/// What a merchant's list of orders is filtered by and searched for, beside an order's statuses.
package struct OrderEntry: Hashable, Sendable {
    /// Empty if the order has none.
    package let paymentMethod: String
    package let confirmedAt: Timestamp?
    package let shippedAt: Timestamp?
    package let completedAt: Timestamp?
    /// Like the next two, in the form of ``searchable(_:)``.
    package let shipmentReceipt: String?
    package let externalID: String?
    package let paymentReference: String?
    package let grossRevenue: Money?

    private enum Names {
        static let paymentMethod = JSONName("payment_method")
        static let confirmed = JSONName("confirmed_time")
        static let shipped = JSONName("shipped_time")
        static let completed = JSONName("completed_time")
        static let receipt = JSONName("shipment_receipt")
        static let externalID = JSONName("external_id")
        static let paymentReference = JSONName("pg_reference_id")
        static let grossRevenue = JSONName("gross_revenue")
    }

    /// Reads an order. What can't be read can't be searched for, and is no reason to refuse the order.
    init(_ order: JSONView) {
        func text(_ name: JSONName) -> String? {
            guard let value = order[name] else { return nil }
            return (value.text ?? value.digits).flatMap { Self.searchable($0) }
        }
        func time(_ name: JSONName) -> Timestamp? { order[name].flatMap { Timestamp($0) } }
        paymentMethod = text(Names.paymentMethod) ?? ""
        confirmedAt = time(Names.confirmed)
        shippedAt = time(Names.shipped)
        completedAt = time(Names.completed)
        shipmentReceipt = text(Names.receipt)
        externalID = text(Names.externalID)
        paymentReference = text(Names.paymentReference)
        grossRevenue = order[Names.grossRevenue].flatMap { $0.text ?? $0.digits }.flatMap { Money($0) }
    }

    /// A text in the form in which it is searched for: without surrounding blanks, A to Z in lower case; `nil` if nothing is left, or if it is
    /// longer than 200 bytes or has a control character.
    package static func searchable(_ text: String) -> String? {
        let blank = UInt8(ascii: " ")
        var bytes = text.utf8.drop { $0 == blank }[...]
        while bytes.last == blank { bytes.removeLast() }
        guard (1...200).contains(bytes.count), bytes.allSatisfy({ $0 >= blank && $0 != 0x7F }) else { return nil }
        let letters = UInt8(ascii: "A")...UInt8(ascii: "Z")
        return String(decoding: bytes.map { letters.contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
    }
}
