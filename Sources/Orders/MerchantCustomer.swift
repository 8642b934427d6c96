/// A customer as a merchant's order has it.
package struct MerchantCustomer: Sendable {
    package let id: CustomerID
    /// `nil` where there is none or where it is no address: such a customer is found by id only.
    package let email: EmailAddress?
    package let lastUpdatedAt: Timestamp?
    /// The buyer's side of it, encoded.
    package let document: [UInt8]

    /// - Throws: the ``Refusal`` of the first field that is missing or not of its form.
    package init(_ json: JSON) throws(Refusal) {
        guard case .object = json else { throw json == .null ? .required : Refusal("", "is not an object") }
        document = try BuyerCustomer.document(of: json)
        id = CustomerID(try Rule.integer(json["id"] ?? .null))
        email = if case .string(let text) = json["email"] { EmailAddress(text) } else { nil }
        lastUpdatedAt = try MerchantFields(json).time("last_updated_at")
    }
}
