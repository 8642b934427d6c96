/// The versions of the three parts of a response: each grows with every change of its part and is never used again.
package struct OrderVersion: Hashable, Sendable {
    package let order: Int64
    package let store: Int64
    package let customer: Int64

    package init(order: Int64, store: Int64, customer: Int64) {
        self.order = order
        self.store = store
        self.customer = customer
    }
}

/// A buyer's order as it is stored: three parts and their versions.
package struct StoredOrder: Sendable {
    package let version: OrderVersion
    package let document: OrderDocument
    /// The store as it is now, as JSON.
    package let store: [UInt8]
    /// The customer as it is now, as JSON.
    package let customer: [UInt8]

    package init(version: OrderVersion, document: OrderDocument, store: [UInt8], customer: [UInt8]) {
        self.version = version
        self.document = document
        self.store = store
        self.customer = customer
    }
}
