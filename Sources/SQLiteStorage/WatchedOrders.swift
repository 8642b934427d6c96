import Orders
import SQLStorage

/// The orders that were read last, each until something of it is written.
///
/// Measured on two cores: reading an order takes two locks of the whole process and as many calls, at which threads wait for each other;
/// finding it here takes none of that. The header of the WAL index says whether anything was committed since (``CommitWatch``); commits of
/// this server name what they touched, those of other processes drop everything.
final class WatchedOrders: Sendable {
    private let watch: CommitWatch
    private let recent = RecentOrders<Whole, CommitWatch.State>()

    /// The one shelf: the header is that of the whole file.
    private struct Whole: Hashable {}

    init(_ watch: CommitWatch) { self.watch = watch }

    /// The version of the buyer's order, if it is here.
    func version(of reference: OrderReference, for buyer: Buyer) -> OrderVersion? {
        guard let state = watch.state, let found = recent.order(reference, of: buyer, on: Whole()) else { return nil }
        return found.stamp == state ? found.order.version : nil
    }

    /// The buyer's order, from here or else from `read`.
    func order(
        _ reference: OrderReference, for buyer: Buyer, read: () throws -> StoredOrder?
    ) rethrows -> StoredOrder? {
        guard let state = watch.state else { return try read() }
        if let found = recent.order(reference, of: buyer, on: Whole()), found.stamp == state { return found.order }
        guard let order = try read() else { return nil }
        // Read at this state only if it is the state still.
        if watch.state == state { recent.keep(order, at: state, reference, of: buyer, on: Whole()) }
        return order
    }

    /// To be called once a transaction of this server has the only right to write, and followed by ``end(_:touched:)``.
    /// - Returns: the state before it.
    func begin() -> CommitWatch.State? {
        recent.begin(Whole())
        return watch.state
    }

    /// To be called after the transaction.
    /// - Parameter before: what ``begin()`` returned; `nil` if nothing was committed.
    func end(_ before: CommitWatch.State?, touched: TouchedOrders) {
        guard let before, let after = watch.state, after.isNext(after: before) else { return recent.end(Whole(), nil) }
        recent.end(Whole(), .init(from: before, to: after, touched: touched))
    }
}
