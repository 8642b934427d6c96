/// An event of an order. The events are an outbox: everything that follows a change is derived from them.
package struct OrderEvent: Hashable, Sendable {
    /// The kinds of events (`api.md`). The raw values are stored.
    package enum Kind: String, CaseIterable, Sendable {
        case created = "order.created"
        /// Something other than a status changed, or the whole order was replaced.
        case updated = "order.updated"
        case deleted = "order.deleted"
        case statusChanged = "order.status_changed"
        case paymentStatusChanged = "order.payment_status_changed"
    }

    /// A status before and after. `nil` before the order existed, or if the order has no such status.
    package struct Transition<Value: Hashable & Sendable>: Hashable, Sendable {
        package let from: Value?
        package let to: Value?

        package init(from: Value?, to: Value?) {
            self.from = from
            self.to = to
        }
    }

    package let storeID: StoreID
    /// The event's position among all events of its store. Anyone who has seen a position has seen all before it, even with
    /// concurrent writers.
    package let position: Int64
    package let orderID: OrderID
    /// The number of the event, counted from 1 for each order.
    package let number: Int64
    package let kind: Kind
    /// The version of the order after the change.
    package let version: Int64
    /// The order's status before and after, if it changed.
    package let status: Transition<OrderStatus>?
    /// The order's payment status before and after, if it changed.
    package let paymentStatus: Transition<PaymentStatus>?
    package let actor: Actor
    package let at: Timestamp

    package init(
        storeID: StoreID, position: Int64, orderID: OrderID, number: Int64, kind: Kind, version: Int64,
        status: Transition<OrderStatus>?, paymentStatus: Transition<PaymentStatus>?, by actor: Actor, at: Timestamp
    ) {
        self.storeID = storeID
        self.position = position
        self.orderID = orderID
        self.number = number
        self.kind = kind
        self.version = version
        self.status = status
        self.paymentStatus = paymentStatus
        self.actor = actor
        self.at = at
    }
}
