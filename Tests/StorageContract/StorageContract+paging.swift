import Orders
import TestFixtures
import Testing

extension StorageContract {
    static let paging = [
        Clause("a page has the newest orders first, and states whether there are others on either side") { storage in
            try await storage.addStores()
            for id in [ids[2], ids[0], ids[4], ids[1], ids[3]] { try await storage.add(write(id)) }
            let pages: [(PageRequest, [OrderID], next: Bool, previous: Bool)] = [
                (PageRequest(size: 25), ids.reversed(), false, false),
                (PageRequest(size: 5), ids.reversed(), false, false),
                (PageRequest(size: 2), [ids[4], ids[3]], true, false),
                (PageRequest(size: 2, position: .olderThan(ids[3])), [ids[2], ids[1]], true, true),
                (PageRequest(size: 2, position: .olderThan(ids[1])), [ids[0]], false, true),
                (PageRequest(size: 2, position: .olderThan(ids[0])), [], false, true),
                (PageRequest(size: 2, position: .newerThan(ids[0])), [ids[2], ids[1]], true, true),
                (PageRequest(size: 2, position: .newerThan(ids[2])), [ids[4], ids[3]], true, false),
                (PageRequest(size: 3, position: .newerThan(ids[2])), [ids[4], ids[3]], true, false),
                (PageRequest(size: 2, position: .newerThan(ids[4])), [], true, false),
            ]
            for (request, expected, next, previous) in pages {
                let outline = try await storage.outline(of: request, for: buyer)
                #expect(outline.entries.map(\.id) == expected, "\(request)")
                #expect((outline.hasNext, outline.hasPrevious) == (next, previous), "\(request)")
                let page = try await storage.page(request, for: buyer)
                #expect(page.outline == outline)
                #expect(page.orders.map(\.version) == outline.entries.map(\.version))
            }
        },
        Clause("paging in either direction misses and repeats nothing while orders arrive") { storage in
            try await storage.addStores()
            var generator = SystemRandomNumberGenerator()
            let all = (0..<60).map { OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + $0 * 3600), using: &generator)! }
            for (number, id) in all.prefix(40).enumerated() { try await storage.add(write(id, slug: "s\(number)")) }
            var seen: [OrderID] = []
            var written = 40
            var position = PageRequest.Position.newest
            while true {
                let outline = try await storage.outline(of: PageRequest(size: 7, position: position), for: buyer)
                seen += outline.entries.map(\.id)
                try await storage.add(write(all[written], slug: "s\(written)"))
                written += 1
                guard outline.hasNext, let last = outline.entries.last else { break }
                position = .olderThan(last.id)
            }
            #expect(seen == all.prefix(40).reversed())
            seen = [all[0]]
            while true {
                let outline = try await storage.outline(of: PageRequest(size: 7, position: .newerThan(seen[0])), for: buyer)
                seen = outline.entries.map(\.id) + seen
                if !outline.hasPrevious { break }
            }
            #expect(seen == all.prefix(written).reversed())
        },
    ]
}
