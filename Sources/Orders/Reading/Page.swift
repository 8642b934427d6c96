/// A request for a page of a buyer's orders.
package struct PageRequest: Hashable, Sendable {
    package enum Position: Hashable, Sendable {
        case newest
        /// The newest of the orders older than this one.
        case olderThan(OrderID)
        /// The oldest of the orders newer than this one.
        case newerThan(OrderID)
    }

    package static let sizes = 1...25

    package let size: Int
    package let position: Position

    /// A page of at most `size` orders, which must be one of ``sizes``.
    package init(size: Int = sizes.upperBound, position: Position = .newest) {
        precondition(Self.sizes.contains(size))
        self.size = size
        self.position = position
    }
}

/// The orders on a page, newest first, and whether there are others on either side of it.
package struct PageOutline: Equatable, Sendable {
    package struct Entry: Equatable, Sendable {
        package let id: OrderID
        package let version: OrderVersion

        package init(id: OrderID, version: OrderVersion) {
            self.id = id
            self.version = version
        }
    }

    package let entries: [Entry]
    /// Whether there are older orders than those on the page, or than its position if the page is empty.
    package let hasNext: Bool
    /// Whether there are newer orders than those on the page, or than its position if the page is empty.
    package let hasPrevious: Bool
    /// Whether other customers of the store have the e-mail address that the buyer has proven.
    package let isShared: Bool

    package init(entries: [Entry], hasNext: Bool, hasPrevious: Bool, isShared: Bool = false) {
        self.entries = entries
        self.hasNext = hasNext
        self.hasPrevious = hasPrevious
        self.isShared = isShared
    }

    package static let empty = PageOutline(entries: [], hasNext: false, hasPrevious: false)
}

/// A page of a buyer's orders.
package struct StoredPage: Sendable {
    package let outline: PageOutline
    /// The orders, one for each entry of the outline.
    package let orders: [StoredOrder]

    package init(outline: PageOutline, orders: [StoredOrder]) {
        self.outline = outline
        self.orders = orders
    }
}
