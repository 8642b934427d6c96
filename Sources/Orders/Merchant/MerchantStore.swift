package import JSON

/// A store as its merchant holds it.
package struct MerchantStore: Sendable {
    package let id: StoreID
    /// The buyer's side of it, encoded.
    package let document: [UInt8]
    /// The whole store as it came, as JSON without blanks.
    package let merchantDocument: [UInt8]

    /// - Throws: the ``Refusal`` of the first field that is missing or not of its form.
    package init(_ text: JSONText) throws(Refusal) {
        self = try text.withValue { store throws(Refusal) in try MerchantStore(store) }
    }

    private init(_ store: JSONView) throws(Refusal) {
        guard store.kind == .object else { throw Refusal("", "is not a JSON object") }
        guard let id = StoreID(try MerchantFields(store).text("unique_id")) else {
            throw Refusal("unique_id", "is not 1 to 64 letters, digits, _ and -")
        }
        self.id = id
        document = try BuyerStore.document(of: store)
        var writer = JSONWriter()
        writer.append(store)
        merchantDocument = writer.bytes
    }

    /// Whether buyers need a one-time code beside their password (`is_customer_otp_required`), by the store as its merchant holds it.
    package static func requiresCode(_ document: [UInt8]) -> Bool {
        (try? JSON(parsing: document))?["is_customer_otp_required"] == true
    }
}
