package import Accounts
package import JSON
package import Orders

extension DeliveryAddress {
    /// Parses an address from a request's body.
    /// - Parameter before: the address to change, which provides the missing fields.
    /// - Throws: ``Failure/invalidContent(_:)``.
    package init(_ body: JSON, changing before: DeliveryAddress) throws(Failure) {
        self = before
        var reader = BodyReader(body)
        func read(_ field: WritableKeyPath<DeliveryAddress, String?>, _ name: String, _ length: Int, hasLines: Bool = false) {
            guard reader.isThere(name) else { return }
            self[keyPath: field] = reader.optionalText(name, maximum: length, hasLines: hasLines)
        }
        read(\.name, "name", 200)
        read(\.address, "address", 1000, hasLines: true)
        read(\.postalCode, "postal_code", 20)
        read(\.notes, "notes", 1000, hasLines: true)
        if reader.isThere("phone") { phone = reader.optionalPhone("phone") }
        if reader.isThere("email") { email = reader.isGiven("email") ? reader.email("email") : nil }
        // A place by its id, by its names, or as answers have it.
        if let place = body["location"], case .object = place {
            var names = BodyReader(place)
            location = names.isGiven("id") ? names.location("id") : nil
            subdistrict = names.optionalText("subdistrict_name", maximum: 200)
            city = names.optionalText("city_name", maximum: 200)
            province = names.optionalText("province_name", maximum: 200)
            reader.add(names, in: "location")
        } else if reader.isThere("location") {
            location = reader.location("location")
        }
        if reader.isThere("location_id") { location = reader.location("location_id") }
        read(\.subdistrict, "subdistrict", 200)
        read(\.city, "city", 200)
        read(\.province, "province", 200)
        try reader.finish()
        if isEmpty { throw Failure.invalidContent([FieldError("address", "is required")]) }
    }
}

extension BodyReader {
    /// A place: a number, also in a text, or another text.
    fileprivate mutating func location(_ field: String) -> DeliveryAddress.Location? {
        if isNumber(field) { return integer(field).map { .number($0) } }
        return optionalText(field, maximum: 100).map { text in Int64(text).map { .number($0) } ?? .text(text) }
    }
}

extension StoredAddress {
    /// The address in an answer.
    package var json: JSON {
        let id: JSON = if case .number(let number)? = address.location { .number(String(number)) } else { .null }
        return [
            "id": .number(String(self.id)), "name": JSON(address.name), "phone": JSON(address.phone),
            "email": JSON(address.email?.text),
            "location": [
                "id": id, "subdistrict_name": JSON(address.subdistrict), "city_name": JSON(address.city),
                "province_name": JSON(address.province),
            ],
            "address": JSON(address.address), "postal_code": JSON(address.postalCode), "notes": JSON(address.notes),
        ]
    }
}

extension DeliveryAddress {
    /// The schemas of addresses in requests and answers.
    package static var schemas: [(name: String, schema: JSON)] {
        let place: JSON = ["type": ["integer", "string", "null"]]
        let names = ["subdistrict_name", "city_name", "province_name"]
        let texts = ["name", "phone", "address", "postal_code", "notes"].map { ($0, JSON.optionalText) }
        let email: [(String, JSON)] = [("email", ["type": ["string", "null"], "format": "email"])]
        let given: [(String, JSON)] =
            texts + email + [("location_id", place)] + ["subdistrict", "city", "province"].map { ($0, JSON.optionalText) }
        return [
            ("NewAddress", .openObject("An address for parcels. At least one field is required.", given, required: [])),
            ("AddressChange", .openObject("What is to be changed.", given, required: [])),
            (
                "Address",
                .closedObject(
                    "An address for parcels.",
                    [("id", ["type": "integer"])] + texts + email + [
                        (
                            "location",
                            .closedObject(
                                "The place.",
                                [("id", ["type": ["integer", "null"]])] + names.map { ($0, JSON.optionalText) })
                        )
                    ])
            ),
        ]
    }
}
