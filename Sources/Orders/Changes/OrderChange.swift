/// A change of one order, ready to be written: the merchant's order before and after, and the buyer's order made from the latter.
///
/// A class, as an import hands thousands of them on: each hand-over counts one reference.
package final class OrderChange: Sendable {
    /// What the change starts from. If the storage holds something else by then, the change is refused.
    package enum Before: Sendable {
        /// Whatever is there, as long as it is older by its `last_updated_at`. An order without that time is the oldest of all.
        case older
        /// No order of this id.
        case nothing
        /// This order, in this very version.
        case order(CurrentOrder)
    }

    package let id: OrderID
    package let before: Before
    package let after: MerchantOrder
    /// The buyer's order, made from ``after``.
    package let document: OrderDocument
    package let actor: Actor

    package init(id: OrderID, before: Before, after: MerchantOrder, document: OrderDocument, by actor: Actor) {
        self.id = id
        self.before = before
        self.after = after
        self.document = document
        self.actor = actor
    }
}

/// The merchant's order as the storage holds it.
package struct CurrentOrder: Sendable {
    package let id: OrderID
    /// Grows with every change of the order, as in ``OrderVersion``.
    package let version: Int64
    /// The whole order as JSON, as its merchant gave it.
    package let document: [UInt8]

    package init(id: OrderID, version: Int64, document: [UInt8]) {
        self.id = id
        self.version = version
        self.document = document
    }
}

/// Who changes an order.
package enum Actor: String, Sendable {
    /// An operator, by `pesanan import`.
    case importer = "import"
}

/// What became of a store or an order that was to be written.
package enum WriteOutcome: Equatable, Sendable {
    case created, replaced
    /// It was there already, as new as this or newer.
    case unchanged
    case refused(Refusal)

    package var isRefused: Bool { if case .refused = self { true } else { false } }
}
