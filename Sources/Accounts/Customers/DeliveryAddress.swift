/// An address that a customer keeps for parcels.
package struct DeliveryAddress: Hashable, Sendable {
    /// Where the address is, in the words of whoever ships: a number or a text.
    package enum Location: Hashable, Sendable {
        case number(Int64)
        case text(String)
    }

    package var name: String
    package var phone: String?
    package var location: Location?
    /// Street and house, in one or more lines.
    package var address: String
    package var subdistrict: String?
    package var city: String?
    package var province: String?
    package var postalCode: String?

    package init(
        name: String, phone: String? = nil, location: Location? = nil, address: String, subdistrict: String? = nil,
        city: String? = nil, province: String? = nil, postalCode: String? = nil
    ) {
        self.name = name
        self.phone = phone
        self.location = location
        self.address = address
        self.subdistrict = subdistrict
        self.city = city
        self.province = province
        self.postalCode = postalCode
    }
}

/// One of a customer's addresses.
package struct StoredAddress: Hashable, Sendable {
    /// Unique among the customer's addresses, and never used again.
    package let id: Int64
    package let address: DeliveryAddress

    package init(id: Int64, address: DeliveryAddress) {
        self.id = id
        self.address = address
    }
}
