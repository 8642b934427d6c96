package import JSON

/// A customer as contained in a merchant's order.
package struct MerchantCustomer: Sendable {
    package let id: CustomerID
    /// `nil` if there is none or it is not a valid address: such a customer can be found by id only.
    package let email: EmailAddress?
    package let lastUpdatedAt: Timestamp?
    /// In the form of ``OrderEntry/searchable(_:)``.
    package let name: String?
    package let phone: PhoneNumber?
    /// The part that the buyer sees, encoded.
    package let document: [UInt8]

    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    init(_ customer: JSONView?) throws(Refusal) {
        guard let customer else { throw .required }
        guard customer.kind == .object else { throw Refusal("", "is not an object") }
        document = try BuyerCustomer.document(of: customer)
        let fields = MerchantFields(customer)
        guard let id = fields["id"] else { throw .required.within("id") }
        self.id = CustomerID(try Rule.integer(id))
        email = fields["email"]?.text.flatMap { EmailAddress($0) }
        lastUpdatedAt = try fields.time("last_updated_at")
        name = fields["name"]?.text.flatMap { OrderEntry.searchable($0) }
        phone = fields["phone"].flatMap { $0.text ?? $0.digits }.flatMap { PhoneNumber($0) }
    }

    /// The customer in a JSON value.
    /// - Throws: the ``Refusal`` of the first field that is missing or invalid.
    package init(_ json: JSON) throws(Refusal) {
        self = try JSONText.read(json.encoded).withValue { value throws(Refusal) in try MerchantCustomer(value) }
    }

    private init(_ customer: MerchantCustomer, email: EmailAddress?, document: [UInt8]) {
        id = customer.id
        self.email = email
        lastUpdatedAt = customer.lastUpdatedAt
        name = customer.name
        phone = customer.phone
        self.document = document
    }

    /// This customer with what they have proven here, which no merchant's order overrides.
    package func keeping(_ proven: ProvenCustomer) -> MerchantCustomer {
        guard let json = try? JSON(parsing: document) else { return self }
        var fields: [(name: String, value: JSON)] = []
        let kept = proven.email(insteadOf: email)
        if let email = kept { fields.append(("email", .string(email.text))) }
        if let time = proven.confirmedAt, json["confirmed_at"] == .null { fields += Self.confirmation(at: time) }
        return MerchantCustomer(self, email: kept ?? email, document: json.replacing(fields).encoded)
    }

    /// The fields of a customer who has proven their e-mail address.
    package static func confirmation(at time: Timestamp) -> [(name: String, value: JSON)] {
        [("confirmed_at", .string(time.description)), ("status", "confirmed")]
    }
}

/// What a customer has proven by signing in.
package struct ProvenCustomer: Sendable {
    /// The e-mail address with which the customer has signed in, or to which it was changed.
    package let email: EmailAddress?
    /// The address that another customer, who had it too, has changed to ``email``: this one has proven nothing, and any other address in an order is
    /// right. `nil` for a customer's own proof.
    package let replaced: EmailAddress?
    /// When the customer first proved ownership of an address.
    package let confirmedAt: Timestamp?

    /// - Parameters:
    ///   - email: the stored address.
    ///   - replaced: the stored address that it stands for.
    ///   - confirmedAt: microseconds since 1970.
    package init(email: String?, replaced: String?, confirmedAt: Int64?) {
        self.email = email.flatMap { EmailAddress($0) }
        self.replaced = replaced.flatMap { EmailAddress($0) }
        self.confirmedAt = confirmedAt.map { Timestamp(microseconds: $0) }
    }

    /// The address to keep if a merchant's order has another; `nil` if the order's is right.
    fileprivate func email(insteadOf given: EmailAddress?) -> EmailAddress? {
        replaced == nil || given == replaced ? email : nil
    }
}
