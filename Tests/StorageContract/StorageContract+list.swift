import JSON
import Orders
import SQLStorage
import TestFixtures
import Testing

extension StorageContract {
    static let list = [
        Clause("a merchant's list has the orders that meet every part of a filter, newest first, page by page both ways") {
            storage in
            try await storage.addSamples()
            var generator = SeededGenerator(seed: 7)
            for storeID in try await storage.storeIDs() {
                let orders = try await storage.sampleOrders(of: storeID)
                #expect(orders.count > 20)
                for _ in 0..<60 {
                    let filter = OrderFilter.random(among: orders.map(\.order), using: &generator)
                    let expected = orders.filter { filter.isMet(by: $0.order, $0.id) }.map(\.id)
                    try await storage.expect(expected, of: storeID, where: filter)
                    // As in a store with far more orders.
                    let limits = ListLimits(
                        fewFound: Int.random(in: 0..<4, using: &generator),
                        newestOrders: Int.random(in: 1...12, using: &generator),
                        fewInSpan: Int.random(in: 0..<8, using: &generator), manyFacets: Int.random(in: 0..<20, using: &generator)
                    )
                    try await storage.expect(expected, of: storeID, where: filter, limits: limits)
                }
            }
            let nobody = StoreID("store_nobody")!
            let page = try await storage.list(PageRequest(), of: nobody, where: OrderFilter())
            #expect(page == MerchantPage(ids: [], hasNext: false, hasPrevious: false))
        },
        Clause("a merchant's list follows each change of an order and of its customer") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1], customer: 8, name: "Ayu"))
            var filter = OrderFilter()
            filter.status = .pending
            try await storage.expect([ids[1], ids[0]], of: Fixture.storeID, where: filter)
            try await storage.add(write(ids[0], status: "shipped", updated: "2026-04-01T00:00:00Z"))
            try await storage.expect([ids[1]], of: Fixture.storeID, where: filter)
            filter.status = .shipped
            try await storage.expect([ids[0]], of: Fixture.storeID, where: filter)
            filter.status = .closed
            try await storage.expect([], of: Fixture.storeID, where: filter)
            var named = OrderFilter()
            named.search = (.customerName, "AY")
            try await storage.expect([ids[1]], of: Fixture.storeID, where: named)
            try await storage.add(
                write(ids[2], customer: 8, customerUpdated: "2026-05-01T00:00:00Z", name: "Budi", email: "b@example.com"))
            try await storage.expect([], of: Fixture.storeID, where: named)
            named.search = (.customerEmail, "B@exa")
            try await storage.expect([ids[2], ids[1]], of: Fixture.storeID, where: named)
        },
        Clause("a search that many orders meet has the same pages as one that few do") { storage in
            try await storage.addStores()
            var generator = SeededGenerator(seed: 11)
            let many = (0..<5020).map { OrderID(mintedAt: Timestamp(seconds: 1_770_000_000 + $0), using: &generator)! }
            let orders = try many.enumerated().map { number, id in
                try write(
                    id, customer: number.isMultiple(of: 40) ? 8 : 7, status: number.isMultiple(of: 240) ? "shipped" : "pending",
                    number: "A-\(number)")
            }
            let session = try await storage.beginImport(allOrNothing: false)
            _ = try await session.write(orders, at: Timestamp(seconds: 2))
            try await session.commit()
            for (field, text) in [
                (OrderFilter.Field.customerName, "sit"), (.number, "A-"), (.grossRevenue, "10000"),
            ] {
                var filter = OrderFilter()
                filter.search = (field, text)
                let newest = try await storage.list(PageRequest(), of: Fixture.storeID, where: filter)
                #expect(newest.ids == Array(many.reversed().prefix(25)) && newest.hasNext, "\(field)")
                filter.status = .shipped
                let shipped = many.enumerated().filter { $0.offset.isMultiple(of: 240) }.map(\.element)
                try await storage.expect(shipped.reversed(), of: Fixture.storeID, where: filter)
            }
        },
        Clause("a merchant's list is filtered by every time there is") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1]))
            let (early, late) = (Timestamp("1900-01-01T00:00:00Z")!, Timestamp("9999-12-31T23:59:59Z")!)
            for (span, found) in [
                (OrderFilter.Span(since: early, until: late), [ids[1], ids[0]]), (OrderFilter.Span(until: early), []),
                (OrderFilter.Span(since: late), []),
            ] {
                var filter = OrderFilter()
                filter.created = span
                try await storage.expect(found, of: Fixture.storeID, where: filter)
                filter = OrderFilter()
                filter.spans[.shipped] = span
                try await storage.expect([], of: Fixture.storeID, where: filter)
            }
        },
    ]
}

extension OrderStorage {
    /// The sample orders of a store with the ids they have got, newest first.
    fileprivate func sampleOrders(of storeID: StoreID) async throws -> [(id: OrderID, order: MerchantOrder)] {
        try await orders(of: storeID, after: nil, limit: 500).reversed().map { stored in
            (stored.id, try MerchantOrder(JSONText(try #require(stored.order).document)))
        }
    }

    /// Goes through a list by its pages, forth and back.
    fileprivate func expect(
        _ ids: [OrderID], of storeID: StoreID, where filter: OrderFilter, limits: ListLimits? = nil
    ) async throws {
        let orders = try #require(self as? any SQLOrders)
        let list = { (position: PageRequest.Position) in
            let page = PageRequest(size: 7, position: position)
            guard let limits else { return try await self.list(page, of: storeID, where: filter) }
            return try await orders.list(page, of: storeID, where: filter, limits: limits)
        }
        var found: [OrderID] = []
        var position = PageRequest.Position.newest
        while true {
            let page = try await list(position)
            #expect(page.hasPrevious == !found.isEmpty, "\(filter)")
            found += page.ids
            #expect(page.hasNext == (found.count < ids.count), "\(filter)")
            guard page.hasNext, let last = page.ids.last, found.count <= ids.count else { break }
            position = .olderThan(last)
        }
        #expect(found == ids, "\(filter)")
        var back: [OrderID] = []
        guard let last = ids.last else { return }
        position = .newerThan(last)
        while true {
            let page = try await list(position)
            back = page.ids + back
            guard page.hasPrevious, let first = page.ids.first, back.count <= ids.count else { break }
            position = .newerThan(first)
        }
        #expect(back == ids.dropLast(), "\(filter)")
    }
}

extension OrderFilter {
    /// A filter that some orders may meet.
    fileprivate static func random(among orders: [MerchantOrder], using generator: inout SeededGenerator) -> OrderFilter {
        func chance(_ part: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < part }
        let order = orders.randomElement(using: &generator)!
        let other = orders.randomElement(using: &generator)!
        var filter = OrderFilter()
        if chance(0.4) { filter.status = order.status }
        if chance(0.3) { filter.paymentStatus = order.paymentStatus }
        if chance(0.3) { filter.paymentMethod = order.entry.paymentMethod }
        for (kind, one, another) in [
            (Time.confirmed, order.entry.confirmedAt, other.entry.confirmedAt),
            (.shipped, order.entry.shippedAt, other.entry.shippedAt),
            (.completed, order.entry.completedAt, other.entry.completedAt),
        ] where chance(0.15) {
            let span = Span(since: chance(0.7) ? one : nil, until: chance(0.7) ? another : nil)
            if span.since != nil || span.until != nil { filter.spans[kind] = span }
        }
        if chance(0.3) { filter.customers = chance(0.9) ? [order.customer.id, other.customer.id] : [] }
        filter.countsSettledAsPaid = chance(0.5)
        if chance(0.1) { filter.created.until = order.createdAt }
        if chance(0.1) { filter.created.since = other.createdAt }
        if chance(0.1) { filter.number = order.number }
        if chance(0.1) { filter.externalID = order.entry.externalID }
        guard chance(0.4) else { return filter }
        let field = Field.allCases.randomElement(using: &generator)!
        guard let text = order.text(of: field) else { return filter }
        let isWhole = field == .grossRevenue || chance(0.4)
        filter.search = (field, isWhole ? text : String(text.prefix(max(2, text.count / 2))))
        return filter
    }

    /// The rule itself, without any index.
    fileprivate func isMet(by order: MerchantOrder, _ id: OrderID) -> Bool {
        func isIn(_ kind: Time, _ time: Timestamp?) -> Bool {
            guard let span = spans[kind] else { return true }
            guard let time else { return false }
            return span.since.map { $0 <= time } ?? true && span.until.map { time <= $0 } ?? true
        }
        let entry = order.entry
        let isPaid = countsSettledAsPaid && paymentStatus == .paid && order.paymentStatus == .settled
        guard status.map({ $0 == order.status }) ?? true, isPaid || paymentStatus.map({ $0 == order.paymentStatus }) ?? true,
            customers?.contains(order.customer.id) ?? true,
            paymentMethod.map({ $0 == entry.paymentMethod }) ?? true, number.map({ $0 == order.number }) ?? true,
            externalID.map({ $0 == entry.externalID }) ?? true, isIn(.confirmed, entry.confirmedAt),
            isIn(.shipped, entry.shippedAt),
            isIn(.completed, entry.completedAt), created.until.map({ id.milliseconds <= $0.milliseconds }) ?? true,
            created.since.map({ id.milliseconds >= $0.milliseconds }) ?? true
        else { return false }
        guard let (field, text) = search else { return true }
        guard let found = order.text(of: field) else { return false }
        switch field {
        case .grossRevenue: return found == text
        case .number: return found.hasPrefix(text)
        case .customerPhone: return found.hasPrefix(PhoneNumber.beginning(with: text) ?? "-")
        default: return found.hasPrefix(OrderEntry.searchable(text) ?? "-")
        }
    }
}

extension OrderID {
    fileprivate var milliseconds: Int64 { Int64(uuid.high >> 16) }
}

extension MerchantOrder {
    fileprivate func text(of field: OrderFilter.Field) -> String? {
        switch field {
        case .number: number
        case .shipmentReceipt: entry.shipmentReceipt
        case .externalID: entry.externalID
        case .paymentReference: entry.paymentReference
        case .grossRevenue: entry.grossRevenue?.description
        case .customerName: customer.name
        case .customerEmail: customer.email?.text
        case .customerPhone: customer.phone?.digits
        }
    }
}
