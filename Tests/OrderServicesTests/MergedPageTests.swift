import Orders
import TestFixtures
import Testing

@testable import OrderServices

@Suite struct `A page of several customers` {
    @Test(arguments: 0..<200)
    func `has the orders that one customer with all of them would have on it`(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let all = (0..<Int.random(in: 0...40, using: &generator)).map { number in
            OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + Int64(number)), using: &generator)!
        }
        let owners = Int.random(in: 1...4, using: &generator)
        var shares: [[OrderID]] = Array(repeating: [], count: owners)
        for id in all { shares[Int.random(in: 0..<owners, using: &generator)].append(id) }
        let positions: [PageRequest.Position] = [.newest] + all.flatMap { [.olderThan($0), .newerThan($0)] }
        for position in positions {
            let request = PageRequest(size: Int.random(in: 1...25, using: &generator), position: position)
            let merged = StoredPage(request, merging: shares.map { StoredPage(outline: outline(of: $0, request), orders: []) })
            let expected = outline(of: all, request)
            #expect(merged.outline.entries == expected.entries)
            #expect(merged.outline.hasNext == expected.hasNext)
            #expect(merged.outline.hasPrevious == expected.hasPrevious)
            // The same without the orders of those who have none on the page.
            let ids = Set(expected.entries.map(\.id))
            let parts = shares.map { share in
                let outline = outline(of: share, request)
                return outline.entries.contains { ids.contains($0.id) } ? outline : outline.withoutEntries(of: request)
            }
            let again = StoredPage(request, merging: parts.map { StoredPage(outline: $0, orders: []) }).outline
            #expect(again == merged.outline)
        }
    }

    /// What a storage answers for a customer with these orders, oldest first.
    private func outline(of orders: [OrderID], _ request: PageRequest) -> PageOutline {
        let page: [OrderID]
        switch request.position {
        case .newest: page = orders.suffix(request.size)
        case .olderThan(let id): page = orders.filter { $0 < id }.suffix(request.size)
        case .newerThan(let id): page = Array(orders.filter { $0 > id }.prefix(request.size))
        }
        let (older, newer): (Bool, Bool)
        switch request.position {
        case .newest: (older, newer) = (orders.count > page.count, false)
        case .olderThan(let id): (older, newer) = (orders.filter { $0 < id }.count > page.count, orders.contains { $0 >= id })
        case .newerThan(let id): (older, newer) = (orders.contains { $0 <= id }, orders.filter { $0 > id }.count > page.count)
        }
        let version = OrderVersion(order: 1, store: 1, customer: 1)
        return PageOutline(
            entries: page.reversed().map { PageOutline.Entry(id: $0, version: version) }, hasNext: older, hasPrevious: newer)
    }
}
