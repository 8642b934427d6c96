/// Something that happened to an order: the outbox from which everything that follows a change is told.
package struct OrderEvent: Hashable, Sendable {
    /// What happened (`api.md`). The raw values are stored.
    package enum Kind: String, CaseIterable, Sendable {
        case created = "order.created"
        /// Something other than a status changed, or the whole order was replaced.
        case updated = "order.updated"
        case statusChanged = "order.status_changed"
        case paymentStatusChanged = "order.payment_status_changed"
    }

    /// What a status was and what it is. `nil` before there was an order, or where it has none.
    package struct Transition<Value: Hashable & Sendable>: Hashable, Sendable {
        package let from: Value?
        package let to: Value?

        package init(from: Value?, to: Value?) {
            self.from = from
            self.to = to
        }
    }

    package let storeID: StoreID
    /// The event's place among all events of its store. Who has seen a position has seen all before it, whoever writes at the same time.
    package let position: Int64
    package let orderID: OrderID
    /// Counted from 1 for each order.
    package let number: Int64
    package let kind: Kind
    /// The version of the order after the change.
    package let version: Int64
    /// What the order's status was and is, if that changed.
    package let status: Transition<OrderStatus>?
    /// What the order's payment status was and is, if that changed.
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
