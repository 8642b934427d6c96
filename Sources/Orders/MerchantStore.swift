/// A store as its merchant holds it.
package struct MerchantStore: Sendable {
    package let id: StoreID
    /// The buyer's side of it, encoded.
    package let document: [UInt8]
    /// The whole store as it came.
    package let json: JSON

    /// - Throws: the ``Refusal`` of the first field that is missing or not of its form.
    package init(_ json: JSON) throws(Refusal) {
        guard case .object = json else { throw Refusal("", "is not a JSON object") }
        guard let id = StoreID(try MerchantFields(json).text("unique_id")) else {
            throw Refusal("unique_id", "is not 1 to 64 letters, digits, _ and -")
        }
        self.id = id
        self.json = json
        document = try BuyerStore.document(of: json)
    }

    /// Whether buyers need a one-time code beside their password (`is_customer_otp_required`), by the store as its merchant holds it.
    package static func requiresCode(_ document: [UInt8]) -> Bool {
        (try? JSON(parsing: document))?["is_customer_otp_required"] == true
    }
}
