import Orders
import Synchronization

/// The orders that were read last, each good for as long as nothing of its store is written: buyers who wait for a payment ask for the same
/// order again and again.
///
/// Whether something was written is asked of the database each time (`store.changed_at`), once for all who ask at the same time: what is found
/// here is the latest all the same, and costs the database next to nothing.
final class RecentOrders: Sendable {
    struct Entry {
        let order: StoredOrder
        /// The store's `changed_at` at the moment of which the order is.
        let changedAt: Int64
    }

    private struct Key: Hashable {
        let reference: OrderReference
        let buyer: Buyer
    }

    private struct Contents {
        var entries: [Key: Entry] = [:]
        var bytes = 0
    }

    /// As many bytes of orders are kept at the most.
    private static let limit = 8 << 20

    private let contents = Mutex(Contents())

    /// The buyer's order, where it is here.
    subscript(reference: OrderReference, buyer: Buyer) -> Entry? {
        contents.withLock { $0.entries[Key(reference: reference, buyer: buyer)] }
    }

    func keep(_ entry: Entry, _ reference: OrderReference, of buyer: Buyer) {
        contents.withLock { contents in
            if contents.bytes > Self.limit { contents = Contents() }
            let before = contents.entries.updateValue(entry, forKey: Key(reference: reference, buyer: buyer))
            contents.bytes += entry.order.size - (before?.order.size ?? 0)
        }
    }
}
