import JSON
import Orders
import TestFixtures
import Testing

extension StorageContract {
    static let changing = [
        Clause("a change creates an order once, and it is found as its merchant sent it") { storage in
            try await storage.addStores()
            #expect(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID) == nil)
            let new = try write(ids[0], legacy: 55, before: .nothing, notes: "1")
            #expect(try await storage.write([new], allOrNothing: true, at: Timestamp(seconds: 2)) == [.created])
            #expect(try await storage.notes(.id(ids[0])) == "1")
            for reference in [OrderReference.id(ids[0]), .legacy(LegacyOrderID(55)!)] {
                let current = try #require(try await storage.currentOrder(reference, in: Fixture.storeID))
                #expect(current.id == ids[0])
                #expect(try JSON(parsing: current.document) == JSON(parsing: new.after.document))
                #expect(try await storage.currentOrder(reference, in: Fixture.otherStoreID) == nil)
            }
            #expect(
                try await storage.write([new], allOrNothing: true, at: Timestamp(seconds: 3)) == [
                    .refused(.changedConcurrently)
                ])
            #expect(try await storage.events(of: Fixture.storeID, after: 0, limit: 10).count == 1)
        },
        Clause("a store's orders are found page by page with what is stored of each, whoever's they are") { storage in
            try await storage.addStores()
            let changes = try [
                write(ids[3], legacy: 55), write(ids[0], customer: 8, notes: "1"), write(ids[2]),
                write(ids[1], store: Fixture.otherStoreID),
            ]
            _ = try await storage.write(changes, allOrNothing: true, at: Timestamp(seconds: 2))
            let first = try await storage.orders(of: Fixture.storeID, after: nil, limit: 2)
            #expect(first.map(\.id) == [ids[0], ids[2]])
            #expect(first[0].document == changes[1].document)
            let order = try #require(first[0].order)
            #expect(try JSON(parsing: order.document) == JSON(parsing: changes[1].after.document))
            #expect(order.version == (try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))?.version)
            #expect(try await storage.orders(of: Fixture.storeID, after: ids[2], limit: 2).map(\.id) == [ids[3]])
            #expect(try await storage.orders(of: Fixture.storeID, after: ids[3], limit: 2).isEmpty)
        },
        Clause("a change of an order that has changed since is refused and leaves no trace") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], notes: "1"))
            let current = try #require(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))
            // Unlike an import, a change does not have to be newer by last_updated_at.
            let second = try write(ids[0], before: .order(current), notes: "2", updated: nil)
            #expect(try await storage.write([second], allOrNothing: true, at: Timestamp(seconds: 3)) == [.replaced])
            let late = try write(ids[0], customer: 8, before: .order(current), slug: "late", notes: "3")
            #expect(
                try await storage.write([late], allOrNothing: true, at: Timestamp(seconds: 4)) == [
                    .refused(.changedConcurrently)
                ])
            #expect(try await storage.notes(.id(ids[0])) == "2")
            #expect(try await !storage.hasCustomer(Buyer(storeID: Fixture.storeID, customerID: CustomerID(8))))
            #expect(try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 10).count == 2)
            // The same goes for an order that does not exist.
            let absent = try write(ids[1], before: .order(current))
            #expect(
                try await storage.write([absent], allOrNothing: true, at: Timestamp(seconds: 5)) == [
                    .refused(.changedConcurrently)
                ])
        },
        Clause("of concurrent changes of the same version, one succeeds") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], notes: "0"))
            let current = try #require(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))
            let outcomes = try await withThrowingTaskGroup(of: [WriteOutcome].self) { group in
                for number in 1...16 {
                    group.addTask {
                        let change = try write(ids[0], before: .order(current), notes: .string("\(number)"))
                        return try await storage.write([change], allOrNothing: true, at: Timestamp(seconds: 3))
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(outcomes.filter { $0 == .replaced }.count == 1)
            #expect(outcomes.filter { $0 == .refused(.changedConcurrently) }.count == 15)
            #expect(try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 99).map(\.number) == [1, 2])
        },
        Clause("concurrent callers who read, change and retry lose no change") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], notes: "0"))
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        var added = 0
                        while added < 5 {
                            let current = try #require(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))
                            guard case .string(let text)? = try JSON(parsing: current.document)["notes"], let count = Int(text)
                            else { return }
                            let change = try write(ids[0], before: .order(current), notes: .string("\(count + 1)"))
                            let outcome = try await storage.write([change], allOrNothing: true, at: .now)
                            if outcome == [.replaced] { added += 1 }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await storage.notes(.id(ids[0])) == "40")
            #expect(try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 99).map(\.number) == Array(1...41))
        },
        Clause("all of several changes are written or, if requested and one is refused, none") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], slug: "taken"))
            let changes = [
                try write(ids[1], customer: 8, before: .nothing, slug: "b"),
                try write(ids[2], before: .nothing, slug: "taken"),
            ]
            let refused = WriteOutcome.refused(.slugTaken)
            #expect(try await storage.write(changes, allOrNothing: true, at: Timestamp(seconds: 3)) == [.created, refused])
            #expect(try await storage.currentOrder(.id(ids[1]), in: Fixture.storeID) == nil)
            #expect(try await !storage.hasCustomer(Buyer(storeID: Fixture.storeID, customerID: CustomerID(8))))
            #expect(try await storage.lastPosition(of: Fixture.storeID) == 1)
            #expect(try await storage.write(changes, allOrNothing: false, at: Timestamp(seconds: 3)) == [.created, refused])
            #expect(try await storage.currentOrder(.id(ids[1]), in: Fixture.storeID) != nil)
            #expect(try await storage.currentOrder(.id(ids[2]), in: Fixture.storeID) == nil)
            #expect(try await storage.lastPosition(of: Fixture.storeID) == 2)
            #expect(try await storage.write([], allOrNothing: true, at: Timestamp(seconds: 3)) == [])
        },
    ]
}
