package import JSON

/// A merchant's complete order: what is stored in addition to the buyer's order, and what that is made from.
package struct MerchantOrder: Sendable {
    /// The UUIDv7, or the integer of a migrated order that still needs an id.
    package let reference: OrderReference
    package let storeID: StoreID
    package let customer: MerchantCustomer
    package let secretSlug: String
    /// The order's number as its merchant and its buyer say it, which can't always be relied on to be the only one.
    package let number: String?
    package let status: OrderStatus
    package let paymentStatus: PaymentStatus?
    package let createdAt: Timestamp?
    package let lastUpdatedAt: Timestamp?
    package let entry: OrderEntry
    /// The complete original order, as JSON.
    package let document: [UInt8]
    /// What is there and can't be used, so that the order is accepted and its merchant is told.
    package let unusable: [Refusal]

    /// The key of its number.
    package var numberKey: LookupKey? { number.map { LookupKey(.orderID, $0, in: storeID) } }

    /// The keys by which the order can be found.
    package var keys: [LookupKey] {
        var keys = [LookupKey(.secretSlug, secretSlug, in: storeID)]
        if case .legacy(let legacyID) = reference { keys.append(LookupKey(.legacyID, String(legacyID.number), in: storeID)) }
        if let numberKey { keys.append(numberKey) }
        return keys
    }

    /// The customer, as the reader of the order.
    package var buyer: Buyer { Buyer(storeID: storeID, customerID: customer.id) }

    /// Reads the fields that the service itself needs; the others are checked when the buyer's order is made.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package init(_ text: JSONText) throws(Refusal) {
        self = try text.withValue { value throws(Refusal) in try MerchantOrder(value, text.bytes) }
    }

    private init(_ order: JSONView, _ document: [UInt8]) throws(Refusal) {
        guard order.kind == .object else { throw Refusal("", "is not a JSON object") }
        let fields = MerchantFields(order)
        self.document = document
        reference = try Self.reference(fields["id"])
        guard let storeID = StoreID(try fields.text("unique_id", in: "store")) else {
            throw Refusal("store.unique_id", "is not a store's unique_id")
        }
        self.storeID = storeID
        do throws(Refusal) { customer = try MerchantCustomer(fields["customer"]) } catch { throw error.within("customer") }
        secretSlug = try fields.text("secret_slug")
        guard secretSlug.utf8.count <= 255, secretSlug.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else {
            throw Refusal("secret_slug", "is longer than 255 bytes or holds a blank or control character")
        }
        status = try fields.word("status")
        paymentStatus = fields["payment_status"] == nil ? nil : try fields.word("payment_status")
        createdAt = try fields.time("created_at")
        lastUpdatedAt = try fields.time("last_updated_at")
        number = fields["order_id"].flatMap { $0.text ?? $0.digits }.flatMap { OrderName.isNumber($0) ? $0 : nil }
        entry = OrderEntry(order)
        unusable = Self.unusable(fields)
        if case .legacy = reference, createdAt == nil {
            throw Refusal("created_at", "is required for an order with an integer id, whose new id is made from it")
        }
    }

    private static func unusable(_ fields: MerchantFields) -> [Refusal] {
        var unusable: [Refusal] = []
        if let email = fields["customer"]?["email"], !email.isAbsent, email.text.flatMap({ EmailAddress($0) }) == nil {
            unusable.append(Refusal("customer.email", "is no address that takes mails: the customer can't sign in with it"))
        }
        for name in ["transferproof_url", "public_order_url", "payment_url"] {
            guard let url = fields[name], !url.isCanonicalWebURL, url.text.flatMap({ WebURL($0) }) == nil else { continue }
            unusable.append(Refusal(name, "is no http(s):// URL: buyers don't see it"))
        }
        return unusable
    }

    private static func reference(_ id: JSONView?) throws(Refusal) -> OrderReference {
        guard let id else { throw Refusal("id", "is required") }
        if let reference = id.text.flatMap({ OrderReference($0) }) { return reference }
        if let legacy = id.digits.flatMap({ LegacyOrderID($0) }) { return .legacy(legacy) }
        throw Refusal("id", "is neither a UUIDv7 nor a positive integer")
    }
}
