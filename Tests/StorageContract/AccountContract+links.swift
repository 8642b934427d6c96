import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let links = [
        Clause("an order is found by the secret of its link, and not by one that it had before") { storage, _ in
            try await storage.addStores()
            try await storage.add(write(ids[0], slug: "first"), write(ids[1], store: Fixture.otherStoreID, slug: "first"))
            #expect(try await storage.currentOrder(.slug("first"), in: Fixture.storeID)?.id == ids[0])
            #expect(try await storage.currentOrder(.slug("first"), in: Fixture.otherStoreID)?.id == ids[1])
            try await storage.add(write(ids[0], slug: "second", updated: "2026-04-01T00:00:00Z"))
            #expect(try await storage.currentOrder(.slug("second"), in: Fixture.storeID)?.id == ids[0])
            for other in ["first", "SECOND", "second ", "A-1", ids[0].description] {
                #expect(try await storage.currentOrder(.slug(other), in: Fixture.storeID) == nil, "\(other)")
            }
        },
        Clause("a link has an end, another one, or none, and what is refused sets none") { storage, accounts in
            try await storage.addStores()
            try await storage.add(write(ids[0], slug: "first"))
            func end(_ slug: String, at time: Timestamp?, with changes: [OrderChange] = []) async throws -> OrderWriteResult {
                let ends = [OrderLinkEnd(of: slug, in: Fixture.storeID, at: time)]
                return try await storage.write(OrderWrite(changes, allOrNothing: true, linkEnds: ends, at: now))
            }
            #expect(try await accounts.linkEnd(of: "first", in: Fixture.storeID) == nil)
            for time in [now, now.adding(seconds: -9), nil, now] {
                #expect(try await end("first", at: time) == .written([]))
                #expect(try await accounts.linkEnd(of: "first", in: Fixture.storeID) == time)
            }
            #expect(try await accounts.linkEnd(of: "FIRST", in: Fixture.storeID) == nil)
            #expect(try await accounts.linkEnd(of: "first", in: Fixture.otherStoreID) == nil)
            let refused = try await end("first", at: nil, with: [write(ids[0], before: .nothing)])
            #expect(refused == .written([.refused(.changedConcurrently)]))
            #expect(try await accounts.linkEnd(of: "first", in: Fixture.storeID) == now)
            let moved = try await end("second", at: now, with: [write(ids[0], slug: "second", updated: "2026-04-01T00:00:00Z")])
            #expect(moved == .written([.replaced]))
            #expect(try await accounts.linkEnd(of: "second", in: Fixture.storeID) == now)
        },
        Clause("looks at an order add up, hour by hour, also if several servers count them") { storage, accounts in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1]))
            let keys = ids[0...1].map { OrderKey(storeID: Fixture.storeID, id: $0) }
            let hours = [now, now.adding(seconds: 3600)]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for server in 0..<6 {
                    group.addTask {
                        for _ in 0..<5 {
                            let looks = keys.flatMap { key in hours.map { (key, OrderLooks(hour: $0, count: 2)) } }
                            try await accounts.count(server.isMultiple(of: 2) ? looks : looks.reversed())
                        }
                    }
                }
                try await group.waitForAll()
            }
            try await accounts.count([(keys[0], OrderLooks(hour: hours[1], count: 1))])
            let looks = try await accounts.looks(at: ids[0], in: Fixture.storeID, limit: 9)
            #expect(looks == [OrderLooks(hour: hours[1], count: 61), OrderLooks(hour: hours[0], count: 60)])
            #expect(
                try await accounts.looks(at: ids[1], in: Fixture.storeID, limit: 1) == [OrderLooks(hour: hours[1], count: 60)])
            #expect(try await accounts.looks(at: ids[0], in: Fixture.otherStoreID, limit: 9) == [])
        },
    ]
}
