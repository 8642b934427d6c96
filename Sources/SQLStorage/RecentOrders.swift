package import Orders
import Synchronization

/// Recently read orders: buyers who wait for a payment ask for the same order again and again.
///
/// Orders are kept on shelves. Everything on a shelf is valid at one point in time, its stamp, and callers must check that the
/// stamp is still the latest: every commit that concerns the shelf changes it, whoever made the commit. Commits of this server
/// name the orders they touch: only those are dropped, and the others get the new stamp. Any other commit empties the shelf.
package final class RecentOrders<Shelf: Hashable & Sendable, Stamp: Equatable & Sendable>: Sendable {
    private struct Contents {
        var shelves: [Shelf: (stamp: Stamp, orders: [Buyer: [OrderReference: StoredOrder]])] = [:]
        var bytes = 0
        /// The number of commits of this server in progress for a shelf.
        var commits: [Shelf: Int] = [:]
        /// What these commits change, as far as it is known before they end: each starts from the stamp to which the one before it leads.
        var pending: [Shelf: [Change]] = [:]

        mutating func empty(_ shelf: Shelf, at stamp: Stamp) {
            for orders in shelves[shelf]?.orders.values.map(\.values) ?? [] { bytes -= orders.reduce(0) { $0 + $1.size } }
            shelves[shelf] = (stamp, [:])
        }

        mutating func drop(_ touched: TouchedOrders, from shelf: Shelf) {
            var buyers = touched.buyers
            if !touched.stores.isEmpty {
                buyers.formUnion(shelves[shelf]?.orders.keys.filter { touched.stores.contains($0.storeID) } ?? [])
            }
            for buyer in buyers {
                guard let orders = shelves[shelf]?.orders.removeValue(forKey: buyer) else { continue }
                bytes -= orders.values.reduce(0) { $0 + $1.size }
            }
        }

        mutating func begin(_ shelf: Shelf, _ change: Change?) {
            commits[shelf, default: 0] += 1
            guard let change else { return }
            // Whatever does not lead to where this one starts was never committed.
            var start = change.from
            var chain: [Change] = []
            for earlier in (pending[shelf] ?? []).reversed() where earlier.to == start {
                chain.append(earlier)
                start = earlier.from
            }
            pending[shelf] = chain.reversed() + [change]
        }

        /// Gives the orders on a shelf the stamp that was seen, if only commits of this server lead to it.
        mutating func advance(_ shelf: Shelf, to seen: Stamp) {
            guard let changes = pending[shelf], let last = changes.lastIndex(where: { $0.to == seen }),
                let first = changes[...last].firstIndex(where: { $0.from == shelves[shelf]?.stamp })
            else { return }
            for change in changes[first...last] { apply(change, to: shelf) }
        }

        mutating func apply(_ change: Change, to shelf: Shelf) {
            guard shelves[shelf]?.stamp == change.from else { return }
            drop(change.touched, from: shelf)
            shelves[shelf]?.stamp = change.to
        }

        mutating func endCommit(_ shelf: Shelf, _ change: Change?) {
            commits[shelf] = commits[shelf].flatMap { $0 > 1 ? $0 - 1 : nil }
            guard let change else { return }
            pending[shelf]?.removeAll { $0.from == change.from && $0.to == change.to }
            if pending[shelf]?.isEmpty ?? false { pending[shelf] = nil }
        }
    }

    /// The changes made by a commit of this server.
    package struct Change: Sendable {
        /// The stamps before and after the commit, with no other commit in between.
        let from: Stamp
        let to: Stamp
        let touched: TouchedOrders

        package init(from: Stamp, to: Stamp, touched: TouchedOrders) {
            self.from = from
            self.to = to
            self.touched = touched
        }
    }

    /// The maximum total size of the orders, in bytes.
    private let limit: Int
    private let isNewer: @Sendable (Stamp, Stamp) -> Bool
    private let contents = Mutex(Contents())

    /// - Parameter isNewer: whether the first of two different stamps may be the newer one.
    package init(limit: Int = 8 << 20, isNewer: @escaping @Sendable (Stamp, Stamp) -> Bool = { _, _ in true }) {
        self.limit = limit
        self.isNewer = isNewer
    }

    /// A buyer's order and the stamp at which it is valid; `nil` if it is not here.
    package func order(
        _ reference: OrderReference, of buyer: Buyer, on shelf: Shelf
    ) -> (order: StoredOrder, stamp: Stamp)? {
        contents.withLock { contents in
            guard let found = contents.shelves[shelf], let order = found.orders[buyer]?[reference] else { return nil }
            return (order, found.stamp)
        }
    }

    /// The same at a stamp that was seen: also if the commits of this server that led to it have not ended yet, and so nobody else knows.
    package func order(
        _ reference: OrderReference, of buyer: Buyer, on shelf: Shelf, at seen: Stamp
    ) -> StoredOrder? {
        contents.withLock { contents in
            contents.advance(shelf, to: seen)
            guard let found = contents.shelves[shelf], found.stamp == seen else { return nil }
            return found.orders[buyer]?[reference]
        }
    }

    /// Keeps an order that was read at a stamp.
    package func keep(
        _ order: StoredOrder, at stamp: Stamp, _ reference: OrderReference, of buyer: Buyer, on shelf: Shelf
    ) {
        contents.withLock { contents in
            if contents.bytes > limit { (contents.shelves, contents.bytes) = ([:], 0) }
            contents.advance(shelf, to: stamp)
            if let current = contents.shelves[shelf]?.stamp {
                if current != stamp {
                    // A commit in progress will soon give this stamp to the orders on the shelf; if not, the next order that is
                    // kept removes them.
                    guard contents.commits[shelf, default: 0] == 0, isNewer(stamp, current) else { return }
                    contents.empty(shelf, at: stamp)
                }
            } else {
                contents.shelves[shelf] = (stamp, [:])
            }
            let before = contents.shelves[shelf]?.orders[buyer, default: [:]].updateValue(order, forKey: reference)
            contents.bytes += order.size - (before?.size ?? 0)
        }
    }

    /// Call this before this server commits something that concerns a shelf, and ``end(_:_:)`` or ``cancel(_:_:)`` after it.
    /// - Parameter change: the changes, if the stamp after the commit is known. Nobody else may commit before this one ends, or is given up.
    package func begin(_ shelf: Shelf, _ change: Change? = nil) {
        contents.withLock { $0.begin(shelf, change) }
    }

    /// Call this after the commit.
    package func end(_ shelf: Shelf, _ change: Change) {
        contents.withLock { contents in
            contents.advance(shelf, to: change.to)
            contents.apply(change, to: shelf)
            contents.endCommit(shelf, change)
        }
    }

    /// Call this if nothing was committed, or if another commit may have come in between.
    /// - Parameter change: the one that ``begin(_:_:)`` was given.
    package func cancel(_ shelf: Shelf, _ change: Change? = nil) { contents.withLock { $0.endCommit(shelf, change) } }
}

/// The stores and buyers whose orders have changed.
package struct TouchedOrders: Sendable {
    /// All orders of these stores.
    package var stores: Set<StoreID> = []
    /// All orders of these buyers.
    package var buyers: Set<Buyer> = []

    package init(stores: Set<StoreID> = [], buyers: Set<Buyer> = []) {
        self.stores = stores
        self.buyers = buyers
    }

    package mutating func formUnion(_ other: TouchedOrders) {
        stores.formUnion(other.stores)
        buyers.formUnion(other.buyers)
    }
}
