/// A change of one order, ready to be written: the merchant's order before and after, and the buyer's order made from the latter.
///
/// It is a class because an import hands over thousands of changes: each hand-over only counts a reference.
package final class OrderChange: Sendable {
    /// What the change is based on. If the storage holds something else when it is written, the change is refused.
    package enum Before: Sendable {
        /// Any stored order that is older by its `last_updated_at`, or none. An order without that time counts as the oldest.
        case older
        /// Any stored order, or none.
        case any
        /// No order with this id.
        case nothing
        /// This order, in exactly this version.
        case order(CurrentOrder)
    }

    package let id: OrderID
    package let before: Before
    package let after: MerchantOrder
    /// The buyer's order, made from ``after``; `nil` if the order is deleted.
    package let document: OrderDocument?
    package let actor: Actor
    /// Whether the customer is made for this order. If another customer of the store has their address by then, the change is refused.
    package let makesCustomer: Bool
    /// Whether the order's number must be nobody else's, not even a deleted order's. If it is, the change is refused.
    package let claimsNumber: Bool
    /// What is known of a mirrored order that this makes of it, which is noted with the change; `nil` for all other changes.
    package let mirrored: MirroredRevision?

    package init(
        id: OrderID, before: Before, after: MerchantOrder, document: OrderDocument?, makesCustomer: Bool = false,
        claimsNumber: Bool = false, mirrored: MirroredRevision? = nil, by actor: Actor
    ) {
        self.makesCustomer = makesCustomer
        self.claimsNumber = claimsNumber
        self.id = id
        self.before = before
        self.after = after
        self.document = document
        self.actor = actor
        self.mirrored = mirrored
    }
}

extension OrderChange {
    package var key: OrderKey { OrderKey(storeID: after.storeID, id: id) }

    /// The address of the customer who is made for the order; `nil` if there is none.
    package var newAddress: CustomerAddress? {
        guard makesCustomer, let email = after.customer.email else { return nil }
        return CustomerAddress(storeID: after.storeID, email: email)
    }
}

/// The merchant's order, as stored.
package struct CurrentOrder: Sendable {
    package let id: OrderID
    /// Increases with every change of the order, as in ``OrderVersion``.
    package let version: Int64
    /// The whole order as JSON, as the merchant sent it.
    package let document: [UInt8]

    package init(id: OrderID, version: Int64, document: [UInt8]) {
        self.id = id
        self.version = version
        self.document = document
    }
}

/// The merchant's order and the buyer's order made from it, as stored.
package struct StoredMerchantOrder: Sendable {
    package let id: OrderID
    /// `nil` if it is damaged.
    package let order: CurrentOrder?
    /// `nil` if it is damaged, or was stored by a version that wrote no checksums.
    package let document: OrderDocument?

    package init(id: OrderID, order: CurrentOrder?, document: OrderDocument?) {
        self.id = id
        self.order = order
        self.document = document
    }
}

/// The source of an order's change.
package enum Actor: Hashable, Sendable, RawRepresentable {
    /// An operator, with `pesanan import`.
    case importer
    /// An operator, with `pesanan repair`.
    case repair
    /// The other side of a mirrored store.
    case mirror
    /// An operator, with `pesanan customer forget`.
    case privacy
    /// The passing of time.
    case clock
    /// The signed-in buyer.
    case buyer
    /// Whoever has the order's secret link.
    case visitor
    /// A merchant's own system, with the business key of this id.
    case key(UUIDBytes)

    private static let keyPrefix = "key:"

    package init?(rawValue: String) {
        switch rawValue {
        case "import": self = .importer
        case "repair": self = .repair
        case "mirror": self = .mirror
        case "clock": self = .clock
        case "buyer": self = .buyer
        case "visitor": self = .visitor
        case "privacy": self = .privacy
        default:
            guard rawValue.hasPrefix(Self.keyPrefix), let id = UUIDBytes(String(rawValue.dropFirst(Self.keyPrefix.count))) else {
                return nil
            }
            self = .key(id)
        }
    }

    /// What is stored and shown.
    package var rawValue: String {
        switch self {
        case .importer: "import"
        case .repair: "repair"
        case .mirror: "mirror"
        case .clock: "clock"
        case .buyer: "buyer"
        case .visitor: "visitor"
        case .privacy: "privacy"
        case .key(let id): "\(Self.keyPrefix)\(id)"
        }
    }
}

/// The outcome of writing a store or an order.
package enum WriteOutcome: Equatable, Sendable {
    case created, replaced
    /// The stored one is as new or newer.
    case unchanged
    /// The stored one is exactly as new, and its content is other: it was kept.
    case kept
    case refused(Refusal)

    package var isRefused: Bool { if case .refused = self { true } else { false } }
}
