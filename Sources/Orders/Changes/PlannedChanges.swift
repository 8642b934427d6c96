/// The changes that a storage has to write: the result of a ``ChangePlan``, or a part of it.
package struct PlannedChanges: Sendable {
    package struct Event: Sendable {
        package let order: OrderKey
        /// The number of the event, counted from 1 for each order.
        package let number: Int64
        package let kind: OrderEvent.Kind
        package let status: OrderEvent.Transition<OrderStatus>?
        package let paymentStatus: OrderEvent.Transition<PaymentStatus>?
        /// The version of the order after the change.
        package let version: Int64
        package let actor: Actor
        package let at: Timestamp
    }

    /// The customers to write, each in its final state.
    package var customers: [Buyer: (customer: MerchantCustomer, version: Int64)] = [:]
    /// The customers among them that are already stored.
    package var replacedCustomers: Set<Buyer> = []
    /// The orders to write, each in its final state.
    package var orders: [OrderKey: (change: OrderChange, version: Int64)] = [:]
    /// For each order that replaces a stored one, the customer to whom the stored one belongs.
    package var replaced: [OrderKey: CustomerID] = [:]
    /// The orders that are deleted, among those to write.
    package var deleted: Set<OrderKey> { Set(orders.lazy.filter { $0.value.change.document == nil }.map(\.key)) }
    /// The combinations by which the merchant's list is filtered that the written orders have.
    package var facets: Set<OrderFacet> = []
    package var removedKeys: Set<LookupKey> = []
    package var addedKeys: [LookupKey: OrderID] = [:]
    /// The events, in the order in which they happened.
    package var events: [Event] = []

    package init() {}

    /// The stores in which existing data changes, so that a server may have it in memory.
    package var changedStores: Set<StoreID> { Set(touchedBuyers.map(\.storeID)) }

    /// The buyers whose existing orders change.
    package var touchedBuyers: Set<Buyer> {
        replacedCustomers.union(replaced.map { Buyer(storeID: $0.key.storeID, customerID: $0.value) })
    }

    /// The mirrored orders that are made, each with its store, in an order that is the same for all writers.
    package var madeOrders: [(storeID: StoreID, order: MadeOrder)] {
        orders.compactMap { key, written in
            written.change.mirrored.map { (key.storeID, MadeOrder($0, (key.id, written.version))) }
        }.sorted { ($0.storeID.text, $0.order.source.number) < ($1.storeID.text, $1.order.source.number) }
    }

    /// The events with their positions in their stores.
    /// - Parameter last: the last position of each store, which this raises.
    package func positionedEvents(after last: inout [StoreID: Int64]) -> [(event: Event, position: Int64)] {
        events.map { event in
            let position = last[event.order.storeID, default: 0] + 1
            last[event.order.storeID] = position
            return (event, position)
        }
    }
}
