package import Orders

/// A customer as they see themselves.
package struct Profile: Sendable {
    /// The `customer` of each of their orders, encoded as JSON: part of the read model.
    package let document: [UInt8]
    package let email: EmailAddress?
    /// An address that the customer asked for and has not proven yet.
    package let pendingEmail: EmailAddress?
    package let passwordHash: PasswordHash?
    /// What the customer says of themselves and no order shows.
    package let details: ProfileDetails

    package init(
        document: [UInt8], email: EmailAddress?, pendingEmail: EmailAddress?, passwordHash: PasswordHash?, details: ProfileDetails
    ) {
        self.details = details
        self.document = document
        self.email = email
        self.pendingEmail = pendingEmail
        self.passwordHash = passwordHash
    }
}

/// What customers say of themselves and no order shows.
package struct ProfileDetails: Equatable, Sendable {
    /// A date as `2001-12-31`.
    package var dateOfBirth: String?
    package var sex: String?
    /// Whether the customer wants no advertising.
    package var isUnsubscribed: Bool

    package init(dateOfBirth: String? = nil, sex: String? = nil, isUnsubscribed: Bool = false) {
        self.dateOfBirth = dateOfBirth
        self.sex = sex
        self.isUnsubscribed = isUnsubscribed
    }
}

/// What a customer changes of themselves; what is not in it stays as it is.
package struct ProfileChange: Sendable {
    /// Fields of the `customer` of their orders; `nil` clears a field.
    package var fields: [ProfileField: String?] = [:]
    /// `.some(nil)` clears it, as in the next one.
    package var dateOfBirth: String??
    package var sex: String??
    package var isUnsubscribed: Bool?

    package init(_ fields: [ProfileField: String?] = [:]) { self.fields = fields }

    package var isEmpty: Bool { fields.isEmpty && dateOfBirth == nil && sex == nil && isUnsubscribed == nil }
}

/// A field that customers change themselves. The raw values are those of the `customer` of an order.
package enum ProfileField: String, CaseIterable, Sendable {
    case name, phone
}
