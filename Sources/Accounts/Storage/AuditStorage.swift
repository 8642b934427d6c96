package import Orders

/// The records of what happened to customers' access.
package protocol AuditStorage: Sendable {
    func record(_ record: AuditRecord) async throws

    /// The customers of all stores with an address. For operators, as it searches all stores.
    func customers(with email: EmailAddress) async throws -> [Buyer]

    /// Whether a customer with this address has signed in, as far as records are kept.
    /// - Parameter client: from this IP address; `nil` for any.
    func hasSignedIn(with email: EmailAddress, from client: String?, in storeID: StoreID) async throws -> Bool

    /// What was recorded of customers of a store, newest first.
    func auditRecords(of customers: [CustomerID], in storeID: StoreID, limit: Int) async throws -> [AuditRecord]
}
