package import JSON

/// A merchant's complete store.
package struct MerchantStore: Sendable {
    package let id: StoreID
    /// The part that buyers see, encoded, and a mark behind it if they see `settled` as `paid` (``BuyerStore/json(_:)``).
    package let document: [UInt8]
    /// The complete original store, as JSON without whitespace.
    package let merchantDocument: [UInt8]

    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package init(_ text: JSONText) throws(Refusal) {
        self = try text.withValue { store throws(Refusal) in try MerchantStore(store) }
    }

    /// A store after a change of its JSON.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid; what `change` throws.
    package init(changing document: [UInt8], _ change: (JSON) throws -> JSON) throws {
        let text = try JSONText.read(document)
        guard let json = try? JSON(parsing: document) else { throw Refusal("", "is not JSON") }
        let changed = try change(json)
        self = try MerchantStore(changed == json ? text : .read(changed.encoded))
    }

    private init(_ store: JSONView) throws(Refusal) {
        guard store.kind == .object else { throw Refusal("", "is not a JSON object") }
        guard let id = StoreID(try MerchantFields(store).text("unique_id")) else {
            throw Refusal("unique_id", "is not 1 to 64 letters, digits, _ and -")
        }
        self.id = id
        let isMarked = store["buyer_sees_settled_as_paid"]?.kind == .true
        document = try BuyerStore.document(of: store) + (isMarked ? [BuyerStore.settledAsPaid] : [])
        var writer = JSONWriter()
        writer.append(store)
        merchantDocument = writer.bytes
    }

    /// A merchant's store as its orders name it.
    package static func inOrder(_ store: JSON) -> JSON {
        ["id": store["id"] ?? .null, "unique_id": store["unique_id"] ?? .null, "name": store["name"] ?? .null]
    }

    /// Whether buyers of a merchant's store see the payment status `settled` as `paid` (`buyer_sees_settled_as_paid`).
    package static func showsSettledAsPaid(_ store: JSON) -> Bool { store["buyer_sees_settled_as_paid"] == true }

    /// Whether the merchant's store requires a one-time code in addition to the password (`is_customer_otp_required`).
    package static func requiresCode(_ document: [UInt8]) -> Bool {
        (try? JSON(parsing: document))?["is_customer_otp_required"] == true
    }
}
