import Synchronization

/// The versions of the three parts of a response. Each increases with every change of its part and is never reused.
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

/// A buyer's order in its stored form: three parts and their versions.
package final class StoredOrder: Sendable {
    package let version: OrderVersion
    package let document: OrderDocument
    /// The current state of the store, as JSON.
    package let store: [UInt8]
    /// The current state of the customer, as JSON.
    package let customer: [UInt8]
    private let joined = Mutex<(publicURL: PublicURL?, json: [UInt8])?>(nil)

    package init(version: OrderVersion, document: OrderDocument, store: [UInt8], customer: [UInt8]) {
        self.version = version
        self.document = document
        self.store = store
        self.customer = customer
    }

    /// The complete order as JSON. It is assembled once and then kept with the order, because popular orders are requested again
    /// and again.
    /// - Parameter publicURL: as in ``OrderDocument/join(store:customer:publicURL:onto:)``.
    package func json(publicURL: PublicURL?) -> [UInt8] {
        joined.withLock { joined in
            if let joined, joined.publicURL == publicURL { return joined.json }
            var json: [UInt8] = []
            json.reserveCapacity(document.template.count + store.count + customer.count + 256)
            append(to: &json, publicURL: publicURL)
            joined = (publicURL, json)
            return json
        }
    }

    /// Appends ``json(publicURL:)`` without keeping it.
    package func append(to json: inout [UInt8], publicURL: PublicURL?) {
        document.join(store: store, customer: customer, publicURL: publicURL, onto: &json)
    }

    /// The approximate memory size in bytes, including the assembled JSON.
    package var size: Int { 2 * (document.template.count + store.count + customer.count + 256) }
}

extension OrderVersion {
    /// The version of one of the parts after a change of it: the moment of the change, or one more than the version before if the clock has
    /// not advanced. A version is never used again, not even after a backup is restored.
    package static func next(after version: Int64?, at time: Timestamp) -> Int64 {
        max(version.map { $0 + 1 } ?? 0, time.microseconds)
    }
}
