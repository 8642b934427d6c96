/// What a storage is to write: the result of a ``ChangePlan``, or a part of it.
package struct PlannedChanges: Sendable {
    package struct Event: Sendable {
        package let order: OrderKey
        /// Counted from 1 for each order.
        package let number: Int64
        package let kind: OrderEvent.Kind
        package let status: OrderEvent.Transition<OrderStatus>?
        package let paymentStatus: OrderEvent.Transition<PaymentStatus>?
        /// The version of the order after the change.
        package let version: Int64
        package let actor: Actor
    }

    /// The customers to be written, each as it is at the end.
    package var customers: [CustomerKey: (customer: MerchantCustomer, version: Int64)] = [:]
    /// Those of them that are stored already.
    package var replacedCustomers: Set<CustomerKey> = []
    /// The orders to be written, each as it is at the end.
    package var orders: [OrderKey: (change: OrderChange, version: Int64)] = [:]
    /// For each order that takes the place of a stored one, the customer whom that belonged to.
    package var replaced: [OrderKey: CustomerID] = [:]
    package var removedKeys: Set<LookupKey> = []
    package var addedKeys: [LookupKey: OrderID] = [:]
    /// In the order in which they happened.
    package var events: [Event] = []

    package init() {}

    /// The stores in which something changes that was there before, so that a server may have it in memory.
    package var changedStores: Set<StoreID> { Set(replacedCustomers.map(\.storeID)).union(replaced.keys.map(\.storeID)) }

    /// The buyers of whose orders something changes that was there before.
    package var touchedBuyers: Set<Buyer> {
        var buyers = Set(replacedCustomers.map { Buyer(storeID: $0.storeID, customerID: $0.id) })
        for (key, customerID) in replaced { buyers.insert(Buyer(storeID: key.storeID, customerID: customerID)) }
        return buyers
    }

    /// The events with their positions in their stores, counting on from the last ones, which are raised.
    package func positionedEvents(after last: inout [StoreID: Int64]) -> [(event: Event, position: Int64)] {
        events.map { event in
            let position = last[event.order.storeID, default: 0] + 1
            last[event.order.storeID] = position
            return (event, position)
        }
    }
}
