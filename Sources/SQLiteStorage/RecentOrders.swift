import Orders
import Synchronization

/// The orders that were read last, for as long as nothing at all is written: buyers who wait for a payment ask for the same order
/// again and again.
///
/// Measured on two cores: reading an order takes two locks of the whole process and as many calls, at which threads wait for each other;
/// finding it here takes none of that. Every commit, of any process, empties this; what is found is always the latest.
final class RecentOrders: Sendable {
    fileprivate struct Key: Hashable {
        let reference: OrderReference
        let buyer: Buyer
    }

    fileprivate struct Contents {
        var state: CommitWatch.State?
        var orders: [Key: StoredOrder] = [:]
        var bytes = 0
    }

    /// As many bytes of orders are kept at the most.
    private static let limit = 8 << 20

    private let watch: CommitWatch
    private let contents = Mutex(Contents())

    init(_ watch: CommitWatch) { self.watch = watch }

    /// The version of the buyer's order where it is here.
    func version(of reference: OrderReference, for buyer: Buyer) -> OrderVersion? {
        guard let state = watch.state else { return nil }
        return contents.withLock { $0.state == state ? $0.orders[Key(reference: reference, buyer: buyer)]?.version : nil }
    }

    /// The buyer's order, from here or else from `read`.
    func order(
        _ reference: OrderReference, for buyer: Buyer, read: () throws -> StoredOrder?
    ) rethrows -> StoredOrder? {
        let key = Key(reference: reference, buyer: buyer)
        guard let state = watch.state else { return try read() }
        if let order = contents.withLock({ $0.state == state ? $0.orders[key] : nil }) { return order }
        guard let order = try read() else { return nil }
        // Read under this state only where it is the state still.
        if watch.state == state { contents.withLock { $0.keep(order, key, state, limit: Self.limit) } }
        return order
    }
}

extension RecentOrders.Contents {
    fileprivate mutating func keep(_ order: StoredOrder, _ key: RecentOrders.Key, _ state: CommitWatch.State, limit: Int) {
        if self.state != state || bytes > limit { self = RecentOrders.Contents(state: state) }
        if orders.updateValue(order, forKey: key) == nil {
            bytes += order.size
        }
    }
}
