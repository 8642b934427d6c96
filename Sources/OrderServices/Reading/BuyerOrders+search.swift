import JSON
package import Orders

/// Which of their orders a buyer asks for. An order has to meet everything that is given.
package struct BuyerOrderFilter: Hashable, Sendable {
    package var status: OrderStatus?
    /// As the buyer sees it: some stores show `settled` as `paid`.
    package var paymentStatus: PaymentStatus?
    package var created = OrderFilter.Span()
    /// What the order's number or the name of one of its products contains, in small or capital letters.
    package var search: String?

    package init() {}

    package var isEmpty: Bool { self == BuyerOrderFilter() }
}

extension BuyerOrders {
    /// So many orders are read for a page at most. Where no more of them meet a search, the page ends, and its cursor goes on behind them.
    private static let mostSearched = 1000

    /// A page of those orders that meet a filter, as JSON in the format of every list.
    /// - Parameter isKnown: whether the client already has the bytes for a tag.
    /// - Throws: ``StorageFailure``.
    package func page(
        _ request: PageRequest, of buyer: Buyer, where filter: BuyerOrderFilter, isKnown: ((EntityTag) -> Bool)? = nil
    ) async throws -> Answer {
        var orders = OrderFilter()
        let owners = try await storage.owners(with: buyer)
        orders.customers = owners
        orders.status = filter.status
        orders.created = filter.created
        orders.paymentStatus = filter.paymentStatus
        if filter.paymentStatus == .paid || filter.paymentStatus == .settled {
            let showsPaid = MerchantStore.showsSettledAsPaid(try await storage.store(buyer.storeID))
            if showsPaid, filter.paymentStatus == .settled { return answer(request, .empty, isKnown) }
            orders.countsSettledAsPaid = showsPaid
        }
        guard let search = filter.search?.lowercased() else {
            let page = try await storage.list(request, of: buyer.storeID, where: orders)
            let found = try await read(page.ids, of: owners, in: buyer.storeID)
            return answer(request, Found(orders: found, hasNext: page.hasNext, hasPrevious: page.hasPrevious), isKnown)
        }
        return answer(request, try await found(search, request, orders, of: owners, in: buyer.storeID), isKnown)
    }

    private typealias Order = (id: OrderID, order: StoredOrder)

    /// The orders of a page.
    private struct Found {
        var orders: [Order]
        var hasNext: Bool
        var hasPrevious: Bool
        /// Where a page goes on that has ended before it was full; `nil` behind its last order.
        var end: OrderID?

        static let empty = Found(orders: [], hasNext: false, hasPrevious: false)
    }

    /// Goes through the orders that meet the rest of the filter, in the page's direction, until the page is full.
    private func found(
        _ search: String, _ request: PageRequest, _ filter: OrderFilter, of owners: Set<CustomerID>, in storeID: StoreID
    ) async throws -> Found {
        var (matching, position, searched): ([Order], PageRequest.Position, Int) = ([], request.position, 0)
        let isForward = if case .newerThan = request.position { false } else { true }
        var isMore = true
        while isMore, matching.count <= request.size, searched < Self.mostSearched {
            let page = try await storage.list(PageRequest(position: position), of: storeID, where: filter)
            let orders = try await read(isForward ? page.ids : page.ids.reversed(), of: owners, in: storeID)
            matching += orders.filter { $0.order.contains(search) }
            searched += page.ids.count
            isMore = isForward ? page.hasNext : page.hasPrevious
            guard let last = isForward ? page.ids.last : page.ids.first else { break }
            position = isForward ? .olderThan(last) : .newerThan(last)
        }
        let isFull = matching.count > request.size
        let end: OrderID? =
            switch position {
            case .olderThan(let id), .newerThan(let id): isFull || !isMore ? nil : id
            case .newest: nil
            }
        let orders = Array(matching.prefix(request.size))
        // Where it came from there is what it came with.
        let isFirst = request.position == .newest
        return isForward
            ? Found(orders: orders, hasNext: isFull || isMore, hasPrevious: !isFirst, end: end)
            : Found(orders: orders.reversed(), hasNext: true, hasPrevious: isFull || isMore, end: end)
    }

    /// The orders, without those that are gone, or somebody else's, by now.
    private func read(_ ids: [OrderID], of owners: Set<CustomerID>, in storeID: StoreID) async throws -> [Order] {
        let found = try await storage.customers(of: Set(ids), in: storeID)
        var orders: [Order] = []
        for id in ids {
            guard let owner = found[id], owners.contains(owner) else { continue }
            let order = try await storage.storedOrder(id, for: Buyer(storeID: storeID, customerID: owner))
            if let order { orders.append((id, order)) }
        }
        return orders
    }

    private func answer(_ request: PageRequest, _ found: Found, _ isKnown: ((EntityTag) -> Bool)?) -> Answer {
        let outline = PageOutline(
            entries: found.orders.map { .init(id: $0.id, version: $0.order.version) }, hasNext: found.hasNext,
            hasPrevious: found.hasPrevious)
        let tag = EntityTag(outline, size: request.size, publicURL: publicURL)
        if isKnown?(tag) ?? false { return Answer(tag: tag, body: nil) }
        let page = StoredPage(outline: outline, orders: found.orders.map(\.order))
        let isBackward = if case .newerThan = request.position { true } else { false }
        return Answer(
            tag: tag,
            body: body(
                of: page, size: request.size, next: isBackward ? nil : found.end, previous: isBackward ? found.end : nil))
    }
}

extension StoredOrder {
    /// Whether the order's number or the name of a product contains a text, which is in small letters.
    fileprivate func contains(_ text: String) -> Bool {
        guard let json = try? JSON(parsing: json(publicURL: nil)) else { return false }
        var names = [json.optionalText("order_id")]
        if case .array(let lines)? = json["orderlines"] { names += lines.map { $0.optionalText("product_name") } }
        return names.contains { $0?.lowercased().contains(text) ?? false }
    }
}
