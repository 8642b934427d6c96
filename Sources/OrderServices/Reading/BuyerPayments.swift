import JSON
package import Orders

/// How signed-in buyers pay their orders.
package struct BuyerPayments: Sendable {
    private let storage: any OrderStorage

    package init(storage: any OrderStorage) { self.storage = storage }

    /// - Throws: ``Failure/orderNotFound`` if the buyer has no such order; ``StorageFailure``.
    package func instructions(
        for reference: OrderReference, of buyer: Buyer, at time: Timestamp = .now
    ) async throws -> PaymentInstructions {
        let order = try await storage.currentOrder(reference, of: buyer)
        return PaymentInstructions(of: try order.json, store: try await storage.store(buyer.storeID), at: time)
    }
}
