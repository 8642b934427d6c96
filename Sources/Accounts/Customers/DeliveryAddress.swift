package import Orders

/// An address that a customer keeps for parcels.
package struct DeliveryAddress: Hashable, Sendable {
    /// Where the address is, in the words of whoever ships: a number or a text.
    package enum Location: Hashable, Sendable {
        case number(Int64)
        case text(String)
    }

    package var name: String?
    package var phone: String?
    package var email: EmailAddress?
    package var location: Location?
    package var subdistrict: String?
    package var city: String?
    package var province: String?
    /// Street and house, in one or more lines.
    package var address: String?
    package var postalCode: String?
    /// For whoever delivers, in one or more lines.
    package var notes: String?

    /// An address of which nothing is known.
    package init() {}

    /// Whether nothing is known of it.
    package var isEmpty: Bool { self == DeliveryAddress() }
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
