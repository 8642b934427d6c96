import JSON
import Orders
import TestFixtures
import Testing

extension StorageContract {
    static let importing = [
        Clause("nothing of an all-or-nothing import is visible before it is committed") { storage in
            try await storage.addStores()
            let session = try await storage.beginImport(allOrNothing: true)
            #expect(try await session.write([write(ids[0], legacy: 55)], at: Timestamp(seconds: 2)) == [.created])
            #expect(try await storage.order(.id(ids[0]), for: buyer) == nil)
            #expect(try await session.orderIDs(of: [LegacyOrderID(55)!], in: Fixture.storeID) == [LegacyOrderID(55)!: ids[0]])
            try await session.commit()
            #expect(try await storage.order(.id(ids[0]), for: buyer) != nil)
        },
        Clause("nothing of an all-or-nothing import is kept if it is rolled back") { storage in
            try await storage.addStores()
            let session = try await storage.beginImport(allOrNothing: true)
            _ = try await session.write([write(ids[0])], at: Timestamp(seconds: 2))
            _ = try await session.write([MerchantStore(Fixture.store(StoreID("store_C")!))], at: Timestamp(seconds: 2))
            try await session.rollback()
            #expect(try await storage.order(.id(ids[0]), for: buyer) == nil)
            #expect(try await !storage.hasCustomer(buyer))
            #expect(try await !storage.hasStore(StoreID("store_C")!))
            #expect(try await storage.add(write(ids[0])) == [.created])
        },
        Clause("the written batches of an interrupted import are kept") { storage in
            try await storage.addStores()
            let session = try await storage.beginImport(allOrNothing: false)
            _ = try await session.write([write(ids[0])], at: Timestamp(seconds: 2))
            #expect(try await storage.order(.id(ids[0]), for: buyer) != nil)
            try await session.rollback()
            #expect(try await storage.order(.id(ids[0]), for: buyer) != nil)
        },
        Clause("an order of the same time and other content is kept, and replaced if that is asked for") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], notes: "1"), write(ids[1], updated: nil))
            let again = try [write(ids[0], notes: "1"), write(ids[0], notes: "2"), write(ids[1], notes: "2", updated: nil)]
            for change in again.dropFirst() { #expect(try await storage.add(change) == [.kept]) }
            #expect(try await storage.add(again[0]) == [.unchanged])
            #expect(try await storage.add(write(ids[0], notes: "0", updated: "2026-02-01T00:00:00Z")) == [.unchanged])
            #expect(try await storage.notes(.id(ids[0])) == "1")
            #expect(try await storage.lastPosition(of: Fixture.storeID) == 2)
            for (notes, updated) in [("2", "2026-03-01T00:00:00Z"), ("3", "2026-02-01T00:00:00Z")] {
                let replacing = try write(ids[0], before: .any, notes: .string(notes), updated: updated)
                #expect(try await storage.add(replacing) == [.replaced])
                #expect(try await storage.notes(.id(ids[0])) == .string(notes))
            }
            #expect(try await storage.add(write(ids[2], before: .any)) == [.created])
        },
        Clause("a legacy id identifies one order, whoever imports it first") { storage in
            try await storage.addStores()
            let legacyID = LegacyOrderID(55)!
            let session = try await storage.beginImport(allOrNothing: false)
            #expect(try await session.orderIDs(of: [legacyID], in: Fixture.storeID) == [:])
            try await storage.add(write(ids[0], legacy: 55))
            #expect(try await session.orderIDs(of: [legacyID], in: Fixture.storeID) == [legacyID: ids[0]])
            #expect(try await session.orderIDs(of: [legacyID], in: Fixture.otherStoreID) == [:])
            let late = try await session.write([write(ids[1], legacy: 55, slug: "slug-55")], at: Timestamp(seconds: 3))
            #expect(late == [.refused(.importedConcurrently)])
            try await session.commit()
        },
        Clause("with concurrent writers, the newest order wins and each write gets an outcome") { storage in
            try await storage.addStores()
            let outcomes = try await withThrowingTaskGroup(of: [WriteOutcome].self) { group in
                for day in 10..<30 {
                    group.addTask {
                        try await storage.add(write(ids[0], notes: .string("\(day)"), updated: "2026-03-\(day)T00:00:00Z"))
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(outcomes.count == 20)
            #expect(outcomes.filter { $0 == .created }.count == 1)
            #expect(try await storage.notes(.id(ids[0])) == "29")
        },
        Clause("an order that is read during a write is consistent, either old or new") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], notes: "0", updated: "2026-03-01T00:00:00Z", name: "0"))
            try await withThrowingTaskGroup { group in
                group.addTask {
                    for turn in 1...50 {
                        let time = Timestamp(seconds: 1_780_000_000 + Int64(turn)).description
                        try await storage.add(
                            write(ids[0], notes: .string("\(turn)"), updated: time, customerUpdated: time, name: "\(turn)"))
                    }
                }
                group.addTask {
                    for _ in 0..<500 {
                        let order = try #require(try await storage.order(.id(ids[0]), for: buyer))
                        let json = try JSON(parsing: order.json(publicURL: nil))
                        #expect(json["notes"] == json["customer"]?["name"])
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.notes(.id(ids[0])) == "50")
        },
    ]
}
