import Orders

extension StoredPage {
    /// The page of several customers' orders, made from the pages that each of them has at the same position.
    /// - Parameter pages: with their orders, or all without.
    init(_ request: PageRequest, merging pages: [StoredPage]) {
        var found: [(entry: PageOutline.Entry, order: StoredOrder?)] = []
        // An order that changed hands between the pages may be on two of them, or on none until the next request.
        var ids: Set<OrderID> = []
        for page in pages {
            for (position, entry) in page.outline.entries.enumerated() where ids.insert(entry.id).inserted {
                found.append((entry, page.orders.isEmpty ? nil : page.orders[position]))
            }
        }
        found.sort { $0.entry.id > $1.entry.id }
        var (hasNext, hasPrevious) = (pages.contains { $0.outline.hasNext }, pages.contains { $0.outline.hasPrevious })
        let surplus = max(0, found.count - request.size)
        if surplus > 0 {
            if case .newerThan = request.position {
                found.removeFirst(surplus)
                hasPrevious = true
            } else {
                found.removeLast(surplus)
                hasNext = true
            }
        }
        self.init(
            outline: PageOutline(entries: found.map(\.entry), hasNext: hasNext, hasPrevious: hasPrevious, isShared: true),
            orders: found.compactMap(\.order))
    }
}

extension PageOutline {
    /// An empty page at the same position: its orders are beyond those of the others.
    func withoutEntries(of request: PageRequest) -> PageOutline {
        let isNewer = if case .newerThan = request.position { true } else { false }
        return PageOutline(
            entries: [], hasNext: hasNext || !isNewer && !entries.isEmpty,
            hasPrevious: hasPrevious || isNewer && !entries.isEmpty,
            isShared: isShared)
    }
}
