package import JSON
package import Orders

/// Where signed-in buyers' parcels are.
package struct BuyerParcels: Sendable {
    private let storage: any OrderStorage
    private let times: DeliveryTimes

    package init(storage: any OrderStorage) {
        self.storage = storage
        times = DeliveryTimes(storage: storage)
    }

    /// Where the parcel of an order is, in the form of ``Tracking/schema``.
    /// - Throws: ``Failure/orderNotFound`` if the buyer has no such order; ``StorageFailure``.
    package func tracking(
        of reference: OrderReference, for buyer: Buyer, at time: Timestamp = .now
    ) async throws -> JSON {
        let order = try await storage.currentOrder(reference, of: buyer).json
        let tracking = Tracking(of: order)
        return tracking.json(estimate: try await times.estimate(for: tracking, of: order, in: buyer.storeID, at: time))
    }
}
