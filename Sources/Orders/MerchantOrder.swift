/// An order as its merchant holds it, with everything: what is stored beside the buyer's order, and what that is made from.
package struct MerchantOrder: Sendable {
    /// The UUIDv7, or the integer of a migrated order that has to be given one.
    package let reference: OrderReference
    package let storeID: StoreID
    package let customer: MerchantCustomer
    package let secretSlug: String
    package let status: OrderStatus
    package let paymentStatus: PaymentStatus?
    package let createdAt: Timestamp?
    package let lastUpdatedAt: Timestamp?
    /// The whole order as it came.
    package let json: JSON

    /// Reads what the service itself goes by; the rest is looked at when the buyer's order is made.
    /// - Throws: the ``Refusal`` of the first field that is missing or not of its form.
    package init(_ json: JSON) throws(Refusal) {
        guard case .object = json else { throw Refusal("", "is not a JSON object") }
        let fields = MerchantFields(json)
        self.json = json
        reference = try Self.reference(json["id"] ?? .null)
        guard let storeID = StoreID(try fields.text("unique_id", in: "store")) else {
            throw Refusal("store.unique_id", "is not a store's unique_id")
        }
        self.storeID = storeID
        do throws(Refusal) { customer = try MerchantCustomer(json["customer"] ?? .null) } catch { throw error.within("customer") }
        secretSlug = try fields.text("secret_slug")
        guard secretSlug.utf8.count <= 255, secretSlug.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }) else {
            throw Refusal("secret_slug", "is longer than 255 bytes or holds a blank or control character")
        }
        status = try fields.word("status")
        paymentStatus = json["payment_status"] == .null || json["payment_status"] == "" ? nil : try fields.word("payment_status")
        createdAt = try fields.time("created_at")
        lastUpdatedAt = try fields.time("last_updated_at")
        if case .legacy = reference, createdAt == nil {
            throw Refusal("created_at", "is required for an order with an integer id, whose new id is made from it")
        }
    }

    private static func reference(_ id: JSON) throws(Refusal) -> OrderReference {
        switch id {
        case .null, "": throw Refusal("id", "is required")
        case .string(let text):
            if let reference = OrderReference(text) { return reference }
        case .number(let digits):
            if let legacy = LegacyOrderID(digits) { return .legacy(legacy) }
        default: break
        }
        throw Refusal("id", "is neither a UUIDv7 nor a positive integer")
    }
}
