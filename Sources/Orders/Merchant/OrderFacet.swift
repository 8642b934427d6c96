/// A combination of what merchants filter their orders by most. A store's orders have a few dozen of them, so that the newest orders of any filter
/// are found by looking up the newest of each combination.
package struct OrderFacet: Hashable, Sendable {
    package let storeID: StoreID
    /// As stored; an order without a payment status has an empty one.
    package let status: String
    package let paymentStatus: String
    package let paymentMethod: String

    package init(of order: MerchantOrder) {
        storeID = order.storeID
        status = order.status.rawValue
        paymentStatus = order.paymentStatus?.rawValue ?? ""
        paymentMethod = order.entry.paymentMethod
    }
}
