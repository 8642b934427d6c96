package import Orders

/// What signs a customer in.
package struct Account: Sendable {
    package let buyer: Buyer
    package let email: EmailAddress
    /// `nil` until a password is set.
    package let passwordHash: PasswordHash?
    /// How many times all sessions of the customer were ended.
    package let generation: Int64

    package init(buyer: Buyer, email: EmailAddress, passwordHash: PasswordHash?, generation: Int64) {
        self.buyer = buyer
        self.email = email
        self.passwordHash = passwordHash
        self.generation = generation
    }
}
