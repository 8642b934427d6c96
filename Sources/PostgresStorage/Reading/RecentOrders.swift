import Orders
import Synchronization

/// A cache of recently read orders, each valid until something of its store is written: buyers who wait for a payment request the
/// same order again and again.
///
/// The database is asked each time whether something has been written (`store.changed_at`), once for all concurrent callers. So a
/// cached order is always the latest, and costs the database next to nothing.
final class RecentOrders: Sendable {
    struct Entry {
        let order: StoredOrder
        /// The store's `changed_at` when the order was read.
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

    /// The maximum size of the cached orders, in bytes.
    private static let limit = 8 << 20

    private let contents = Mutex(Contents())

    /// The buyer's order, if it is cached.
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
