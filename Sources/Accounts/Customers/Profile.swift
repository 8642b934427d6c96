package import Orders

/// A customer as they see themselves.
package struct Profile: Sendable {
    /// The `customer` of each of their orders, encoded as JSON: part of the read model.
    package let document: [UInt8]
    package let email: EmailAddress?
    /// An address that the customer asked for and has not proven yet.
    package let pendingEmail: EmailAddress?
    package let passwordHash: PasswordHash?

    package init(document: [UInt8], email: EmailAddress?, pendingEmail: EmailAddress?, passwordHash: PasswordHash?) {
        self.document = document
        self.email = email
        self.pendingEmail = pendingEmail
        self.passwordHash = passwordHash
    }
}

/// What a customer changes of themselves, field by field; `nil` clears a field.
package typealias ProfileChange = [ProfileField: String?]

/// A field that customers change themselves. The raw values are those of the `customer` of an order.
package enum ProfileField: String, CaseIterable, Sendable {
    case name, phone
}
