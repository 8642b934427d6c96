/// What an order is called: by its merchant, its id, its number (`order_id`), or the integer id it had before it was migrated; by a page, the
/// secret of its link.
package enum OrderName: Hashable, Sendable {
    case id(OrderID)
    /// A number or an earlier integer id. The latter counts first, because it belongs to one order for certain.
    case number(String)
    /// Only an earlier integer id.
    case legacy(LegacyOrderID)
    /// The secret of its link (`secret_slug`).
    case slug(String)

    /// `nil` if no order is called so.
    package init?(_ text: String) {
        if let id = OrderID(text) {
            self = .id(id)
        } else if Self.isNumber(text) {
            self = .number(text)
        } else {
            return nil
        }
    }

    package init(_ reference: OrderReference) {
        self =
            switch reference {
            case .id(let id): .id(id)
            case .legacy(let legacyID): .legacy(legacyID)
            }
    }

    /// As it is written.
    package var text: String {
        switch self {
        case .id(let id): id.description
        case .number(let text): text
        case .legacy(let legacyID): String(legacyID.number)
        case .slug(let slug): slug
        }
    }

    /// Whether a text can be an order's number: 1 to 100 bytes without blanks and control characters.
    static func isNumber(_ text: String) -> Bool {
        (1...100).contains(text.utf8.count) && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// The keys by which the order is found, the one that counts first at the beginning; empty for an id.
    package func keys(in storeID: StoreID) -> [LookupKey] {
        let kinds: [LookupKey.Kind] =
            switch self {
            case .id: []
            case .legacy: [.legacyID]
            case .slug: [.secretSlug]
            case .number(let text): LegacyOrderID(text) == nil ? [.orderID] : [.legacyID, .orderID]
            }
        return kinds.map { LookupKey($0, text, in: storeID) }
    }
}
