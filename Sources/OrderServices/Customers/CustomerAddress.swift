import JSON
import Orders

/// An address for parcels, with the fields that the `destination_address` of an order has.
enum CustomerAddress {
    /// The texts of an address and how many characters each may have.
    private static let texts = [
        ("name", 200), ("phone", 50), ("address", 1000), ("subdistrict", 200), ("city", 200), ("province", 200),
        ("postal_code", 20),
    ]
    private static let required: Set<String> = ["name", "address"]
    /// The order in which the fields are answered.
    private static let order = ["name", "phone", "location", "address", "subdistrict", "city", "province", "postal_code"]

    /// The document of an address, without its id.
    /// - Parameter before: the address that is changed; a new one where `nil`.
    /// - Throws: ``Failure/invalidContent(errors:)``.
    static func document(_ body: JSON, changing before: JSON?) throws(Failure) -> [UInt8] {
        var reader = BodyReader(body)
        var values: [String: JSON] = [:]
        for (name, length) in texts {
            if body[name] == nil, let before {
                values[name] = before[name]
            } else if required.contains(name) {
                values[name] = .string(reader.text(name, maximum: length, hasLines: name == "address"))
            } else {
                values[name] = reader.optionalText(name, maximum: length).map { .string($0) }
            }
        }
        values["location"] =
            body["location"] == nil && before != nil ? before?["location"] : reader.integerOrText("location", maximum: 100)
        try reader.finish()
        return JSON.object(JSONObject(order.map { ($0, values[$0] ?? .null) })).encoded
    }

    /// The address as it is answered.
    /// - Throws: ``StorageFailure/damaged``.
    static func json(_ document: [UInt8], id: Int64) throws(StorageFailure) -> JSON {
        guard case .object(let object)? = try? JSON(parsing: document) else { throw .damaged }
        return .object(JSONObject([("id", .number(String(id)))] + object.members.map { ($0.name, $0.value) }))
    }
}
