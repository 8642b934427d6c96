package import JSON
package import Orders

/// Customers, what they change of themselves, and their addresses.
package protocol CustomerStorage: Sendable {
    /// Who signs in with an address, and whether their store asks for a one-time code in addition to the password.
    ///
    /// If several customers have one address, it is whoever signed in with it first, and until then the one with the lowest id.
    func account(of email: EmailAddress, in storeID: StoreID) async throws -> (account: Account?, requiresCode: Bool)

    /// `nil` if there is no such customer.
    func profile(of buyer: Buyer, at time: Timestamp) async throws -> Profile?

    /// Gives the e-mail addresses of a store's customers the form in which they are compared now (``EmailAddress``), which an earlier version may
    /// have stored in another.
    /// - Returns: how many had another.
    func renewAddresses(of storeID: StoreID) async throws -> Int

    /// How many times all sessions of a customer were ended.
    func generation(of buyer: Buyer) async throws -> Int64

    /// Changes a customer as they see themselves, and what their orders show in all customers who have the address that they have proven. Their
    /// `last_updated_at` is the given time from then on.
    /// - Returns: false if there is no such customer.
    func change(_ change: ProfileChange, of buyer: Buyer, at time: Timestamp) async throws -> Bool

    /// Gives a customer, and all who have their address, the address that a code has proven, and uses up the code.
    func changeEmail(of buyer: Buyer, using code: TriedCode, at time: Timestamp, from client: String?) async throws -> EmailChange

    /// A store's customers in the order of their ids, each as orders show them.
    /// - Parameters:
    ///   - id: lists those with a higher id.
    ///   - search: what a field begins with, in the form in which it is stored.
    func customers(
        of storeID: StoreID, after id: CustomerID?, search: CustomerSearch?, limit: Int
    ) async throws -> [(id: CustomerID, document: [UInt8])]

    /// Adds a customer who has no order yet.
    /// - Returns: false if the store has a customer with the address, or with the id.
    func add(_ customer: MerchantCustomer, to storeID: StoreID, at time: Timestamp) async throws -> Bool

    /// Changes a customer as their merchant says it.
    /// - Parameter fields: fields of the `customer` of their orders.
    func changeByMerchant(
        _ fields: [(name: String, value: JSON)], of buyer: Buyer, at time: Timestamp
    ) async throws -> MerchantsChange

    /// All addresses of a customer, oldest first.
    func addresses(of buyer: Buyer) async throws -> [StoredAddress]

    /// Adds an address.
    /// - Parameter limit: the maximum number of addresses of a customer.
    /// - Returns: its id; `nil` if there are that many already.
    func addAddress(_ address: DeliveryAddress, of buyer: Buyer, limit: Int, at time: Timestamp) async throws -> Int64?

    /// Replaces an address.
    /// - Parameter change: makes the new address from the stored one. What it throws is thrown, and nothing changed.
    /// - Returns: the new address; `nil` if there is no such address.
    func replaceAddress(
        _ id: Int64, of buyer: Buyer, at time: Timestamp,
        _ change: @escaping @Sendable (DeliveryAddress) throws -> DeliveryAddress
    ) async throws -> DeliveryAddress?

    /// - Returns: false if there is no such address.
    func removeAddress(_ id: Int64, of buyer: Buyer) async throws -> Bool
}

/// What a customer is searched for by.
package struct CustomerSearch: Sendable {
    package enum Field: String, CaseIterable, Sendable {
        case name, email, phone
    }

    package let field: Field
    package let beginning: String

    package init(field: Field, beginning: String) {
        self.field = field
        self.beginning = beginning
    }
}

/// What became of a merchant's change of a customer.
package enum MerchantsChange: Equatable, Sendable {
    case changed
    case unknownCustomer
    /// Another customer of the store has the address.
    case taken
    /// The customer has proven their address, and only they change it.
    case proven
}

/// What became of a change of address.
package enum EmailChange: Equatable, Sendable {
    case changed
    /// Another customer of the store has this address.
    case taken
    /// The code was used up by someone else.
    case noCode
}
