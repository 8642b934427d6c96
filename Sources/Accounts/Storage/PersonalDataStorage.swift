package import JSON
package import Orders

/// What is held about a person, beside their orders.
package protocol PersonalDataStorage: Sendable {
    /// The ids of a customer's orders, also of those that were deleted.
    func orderIDs(of buyer: Buyer) async throws -> [(id: OrderID, isDeleted: Bool)]

    /// Everything about a customer that is not in an order, as JSON: the customer, their account, addresses, sessions and the history of their
    /// access. `nil` if there is no such customer.
    func personalData(of buyer: Buyer) async throws -> JSON?

    /// The merchant's order that a customer's deleted order was; `nil` if it has come back.
    func deletedOrder(_ id: OrderID, of buyer: Buyer) async throws -> [UInt8]?

    /// Replaces the merchant's order that a customer's deleted order was, unless it has come back.
    func replaceDeletedOrder(_ id: OrderID, of buyer: Buyer, with document: [UInt8]) async throws

    /// Removes everything about a customer that is not in an order, and ends their sessions. Their id stays, because orders have it.
    func forget(_ buyer: Buyer, at time: Timestamp) async throws

    /// Removes what may have a person's data for a while: remembered answers of the store, the pictures that were sent for their orders, and what a mirror knows of these. A mirror takes
    /// nothing more of these orders. Their names are `nil` if the other side can't name them.
    func forgetPassing(
        _ orders: [(id: OrderID, name: MirroredOrderName?)], email: EmailAddress, in storeID: StoreID, at time: Timestamp)
        async throws
}
