package import Orders

extension Failure {
    /// The customer has no such address.
    package static let addressNotFound = Failure(.notFound, "address_not_found", "Address not found")

    static func tooManyAddresses(limit: Int) -> Failure {
        Failure(.conflict, "too_many_addresses", "You can keep up to \(limit) addresses: remove one first")
    }

    /// Another customer of the store has this e-mail address.
    static let emailTaken = Failure(.conflict, "email_taken", "Another customer of this store has this e-mail address")
}
