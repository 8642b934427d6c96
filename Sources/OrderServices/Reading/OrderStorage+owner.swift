import Orders

extension OrderStorage {
    /// The customers whose orders a buyer may read: themselves, and those who have the address that they have proven.
    func owners(with buyer: Buyer) async throws -> Set<CustomerID> {
        Set(try await others(sharingAddressWith: buyer).map(\.customerID) + [buyer.customerID])
    }

    /// The merchant's order behind a buyer's.
    /// - Throws: ``Failure/orderNotFound`` if the buyer has no such order; ``StorageFailure``.
    func currentOrder(_ reference: OrderReference, of buyer: Buyer) async throws -> CurrentOrder {
        guard let order = try await currentOrder(OrderName(reference), in: buyer.storeID) else { throw Failure.orderNotFound }
        let customerID = try order.customerID
        if customerID == buyer.customerID { return order }
        guard try await owners(with: buyer).contains(customerID) else { throw Failure.orderNotFound }
        return order
    }
}
