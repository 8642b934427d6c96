/// What is stored of the orders that are about to change, and of everything that belongs to them.
package struct KnownOrders: Sendable {
    package struct Order: Sendable {
        package var customerID: CustomerID
        package var status: OrderStatus
        package var paymentStatus: PaymentStatus?
        /// Microseconds since 1970.
        package var lastUpdatedAt: Int64?
        package var secretSlug: String
        package var version: Int64
        /// Whether the order was deleted: nobody sees it, and its row and its keys are kept so that nothing takes its place.
        package var isDeleted: Bool
        /// The number of the order's last event.
        package var lastEvent: Int64
        /// What the storage knows the merchant's order by, if a change is exactly as new: compared by what ``KnownOrders`` was made with.
        package var content: [UInt8]?

        package init(
            customerID: CustomerID, status: OrderStatus, paymentStatus: PaymentStatus?, lastUpdatedAt: Int64?, secretSlug: String,
            version: Int64, isDeleted: Bool, lastEvent: Int64, content: [UInt8]?
        ) {
            self.content = content
            self.customerID = customerID
            self.status = status
            self.paymentStatus = paymentStatus
            self.lastUpdatedAt = lastUpdatedAt
            self.secretSlug = secretSlug
            self.version = version
            self.isDeleted = isDeleted
            self.lastEvent = lastEvent
        }
    }

    package struct Customer: Sendable {
        package var version: Int64
        /// Microseconds since 1970.
        package var lastUpdatedAt: Int64?
        /// What the customer has proven by signing in; `nil` if nothing.
        package var proven: ProvenCustomer?

        package init(version: Int64, lastUpdatedAt: Int64?, proven: ProvenCustomer?) {
            self.version = version
            self.lastUpdatedAt = lastUpdatedAt
            self.proven = proven
        }
    }

    /// The stores that exist, each with the position of its last event.
    package var stores: [StoreID: Int64] = [:]
    package var customers: [Buyer: Customer] = [:]
    package var orders: [OrderKey: Order] = [:]
    package var keys: [LookupKey: OrderID] = [:]
    /// The addresses among those of customers who are made that somebody has.
    package var addresses: Set<CustomerAddress> = []
    /// Whether a stored order's content is that of a change.
    private let isContent: @Sendable (_ content: [UInt8], _ change: OrderChange) -> Bool

    package init(isContent: @escaping @Sendable (_ content: [UInt8], _ change: OrderChange) -> Bool) {
        self.isContent = isContent
    }

    func isContent(_ content: [UInt8], of change: OrderChange) -> Bool { isContent(content, change) }
}

/// An address of a customer in a store.
package struct CustomerAddress: Hashable, Sendable {
    package let storeID: StoreID
    package let email: EmailAddress

    package init(storeID: StoreID, email: EmailAddress) {
        self.storeID = storeID
        self.email = email
    }
}

package struct OrderKey: Hashable, Sendable {
    package let storeID: StoreID
    package let id: OrderID

    package init(storeID: StoreID, id: OrderID) {
        self.storeID = storeID
        self.id = id
    }

    // Most orders of a batch belong to the same store.
    package func hash(into hasher: inout Hasher) { hasher.combine(id) }
}

/// A key by which an order can be found, other than its id.
package struct LookupKey: Hashable, Sendable {
    /// The databases store the raw values.
    package enum Kind: String, Sendable {
        case secretSlug = "secret_slug"
        case legacyID = "legacy_id"
        /// The merchant's number of the order (`order_id`). The first order that has it keeps it.
        case orderID = "order_id"
    }

    package let storeID: StoreID
    package let kind: Kind
    /// In UTF-8: the databases compare keys by their bytes, whereas Swift treats several forms of a letter as equal.
    package let bytes: [UInt8]

    package init(_ kind: Kind, _ text: String, in storeID: StoreID) {
        self.kind = kind
        self.storeID = storeID
        bytes = Array(text.utf8)
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    package func hash(into hasher: inout Hasher) { bytes.withUnsafeBytes { hasher.combine(bytes: $0) } }
}
