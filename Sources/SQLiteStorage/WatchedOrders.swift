import Orders
import SQLStorage

/// Recently read orders, each kept until it may have been changed.
///
/// Measured on two cores: reading an order takes two process-wide locks and as many calls, at which threads wait for each other;
/// finding it here takes neither. The header of the WAL index tells whether anything has been committed since (``CommitWatch``).
/// Commits of this server name the orders they touch; commits of other processes drop everything.
final class WatchedOrders: Sendable {
    private let watch: CommitWatch
    private let recent = RecentOrders<Whole, CommitWatch.State>()

    /// The only shelf: the header covers the whole file.
    private struct Whole: Hashable {}

    init(_ watch: CommitWatch) { self.watch = watch }

    /// The version of the buyer's order, if it is here.
    func version(of reference: OrderReference, for buyer: Buyer) -> OrderVersion? {
        guard let state = watch.state, let found = recent.order(reference, of: buyer, on: Whole()) else { return nil }
        return found.stamp == state ? found.order.version : nil
    }

    /// The buyer's order, from here or from `read`.
    func order(
        _ reference: OrderReference, for buyer: Buyer, read: () throws -> StoredOrder?
    ) rethrows -> StoredOrder? {
        guard let state = watch.state else { return try read() }
        if let found = recent.order(reference, of: buyer, on: Whole()), found.stamp == state { return found.order }
        guard let order = try read() else { return nil }
        // The order was read at this state only if the state has not changed.
        if watch.state == state { recent.keep(order, at: state, reference, of: buyer, on: Whole()) }
        return order
    }

    /// Call this once a transaction of this server has the exclusive right to write, and ``end(_:touched:)`` after it.
    /// - Returns: the state before the transaction.
    func begin() -> CommitWatch.State? {
        recent.begin(Whole())
        return watch.state
    }

    /// Call this after the transaction.
    /// - Parameter before: what ``begin()`` returned; `nil` if nothing was committed.
    func end(_ before: CommitWatch.State?, touched: TouchedOrders) {
        guard let before, let after = watch.state, after.isNext(after: before) else { return recent.cancel(Whole()) }
        recent.end(Whole(), .init(from: before, to: after, touched: touched))
    }
}
