package import JSON

/// The buyer's view of the customer: the `customer` of every order.
package enum BuyerCustomer {
    static let fields: Fields = [
        Field("id", .requiredInteger),
        Field("email", .text),
        Field("phone", .text),
        Field("name", .text),
        Field("confirmed_at", .time),
        Field("created_at", .time),
        Field("last_updated_at", .time),
        Field("status", .text),
    ]

    /// The customer's part of the response, as JSON.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package static func document(of customer: JSONView) throws(Refusal) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        try fields.write(customer, orderID: nil, to: &writer)
        return writer.bytes
    }
}
