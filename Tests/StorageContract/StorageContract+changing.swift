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
                let current = try #require(try await storage.currentOrder(OrderName(reference), in: Fixture.storeID))
                #expect(current.id == ids[0])
                #expect(try JSON(parsing: current.document) == JSON(parsing: new.after.document))
                #expect(try await storage.currentOrder(OrderName(reference), in: Fixture.otherStoreID) == nil)
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
        Clause("orders are found by the numbers that merchants and other systems give them, each by its first") { storage in
            try await storage.addStores()
            // All of them have the number A-1.
            try await storage.add(write(ids[0], legacy: 55), write(ids[1]), write(ids[2], store: Fixture.otherStoreID))
            let names = [OrderName.number("A-1"), .number("55"), .id(ids[1]), .number("a-1"), .number("56"), .id(ids[3])]
            let orders = try await storage.currentOrders(names, in: Fixture.storeID)
            #expect(orders.map { $0?.id } == [ids[0], ids[0], ids[1], nil, nil, nil])
            #expect(try await storage.currentOrder(.number("A-1"), in: Fixture.otherStoreID)?.id == ids[2])
            #expect(try await storage.currentOrders([], in: Fixture.storeID).isEmpty)
        },
        Clause("a deleted order is gone for its buyer and its merchant, keeps its keys, and comes back only if it is newer") {
            storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], legacy: 55, slug: "s"), write(ids[1]))
            let current = try #require(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))
            let order = try write(ids[0], legacy: 55, before: .order(current), slug: "s", updated: "2026-03-02T00:00:00Z").after
            let deletion = OrderChange(id: ids[0], before: .order(current), after: order, document: nil, by: .importer)
            #expect(try await storage.write([deletion], allOrNothing: true, at: Timestamp(seconds: 3)) == [.replaced])
            #expect(try await storage.notes(.id(ids[0])) == nil)
            #expect(try await storage.notes(.legacy(LegacyOrderID(55)!)) == nil)
            #expect(try await storage.outline(of: PageRequest(), for: buyer).entries.map(\.id) == [ids[1]])
            #expect(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID) == nil)
            #expect(try await storage.orders(of: Fixture.storeID, after: nil, limit: 9).map(\.id) == [ids[1]])
            #expect(
                try await storage.write([deletion], allOrNothing: true, at: Timestamp(seconds: 4))
                    == [.refused(.changedConcurrently)])
            #expect(try await storage.add(write(ids[2], slug: "s")) == [.refused(.slugTaken)])
            #expect(try await storage.add(write(ids[0], legacy: 55, slug: "s")) == [.unchanged])
            #expect(
                try await storage.add(write(ids[0], legacy: 55, slug: "s", notes: "2", updated: "2026-03-03T00:00:00Z"), at: 5)
                    == [.replaced])
            #expect(try await storage.notes(.legacy(LegacyOrderID(55)!)) == "2")
            let events = try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 9)
            #expect(events.map(\.kind) == [.created, .deleted, .created])
            #expect(events.map(\.version) == events.map(\.version).sorted() && Set(events.map(\.version)).count == 3)
        },
        Clause("an answer is remembered with what its request wrote, until it expires, and its request writes once") { storage in
            try await storage.addStores()
            let key = RequestKey(storeID: Fixture.storeID, text: "k")
            let answer = { (body: String, seconds: Int64) in
                RememberedAnswer(
                    key: key, digest: [1, 2], status: 200, headers: [.init(name: "ETag", value: "\"a\"")], body: Array(body.utf8),
                    expiresAt: Timestamp(seconds: seconds))
            }
            let start = Timestamp(seconds: 3)
            let refused = OrderWrite(
                [try write(ids[0], before: .nothing, slug: "s"), try write(ids[0], before: .nothing)],
                allOrNothing: true, answer: answer("no", 10), at: start)
            #expect(try await storage.write(refused) == .written([.created, .refused(.changedConcurrently)]))
            #expect(try await storage.answer(to: key, at: start) == nil)
            let first = OrderWrite([try write(ids[0], before: .nothing)], allOrNothing: true, answer: answer("1", 10), at: start)
            #expect(try await storage.write(first) == .written([.created]))
            #expect(try await storage.answer(to: key, at: start) == answer("1", 10))
            #expect(try await storage.answer(to: RequestKey(storeID: Fixture.otherStoreID, text: "k"), at: start) == nil)
            let again = OrderWrite([try write(ids[1], before: .nothing)], allOrNothing: true, answer: answer("2", 10), at: start)
            #expect(try await storage.write(again) == .answeredBefore)
            #expect(try await storage.currentOrder(.id(ids[1]), in: Fixture.storeID) == nil)
            let late = Timestamp(seconds: 10)
            #expect(try await storage.answer(to: key, at: late) == nil)
            let anew = OrderWrite([try write(ids[1], before: .nothing)], allOrNothing: true, answer: answer("3", 20), at: late)
            #expect(try await storage.write(anew) == .written([.created]))
            #expect(try await storage.answer(to: key, at: late) == answer("3", 20))
            // Even one that changes nothing.
            let empty = RememberedAnswer(
                key: RequestKey(storeID: Fixture.storeID, text: "e"), digest: [], status: 204, headers: [], body: [],
                expiresAt: Timestamp(seconds: 30))
            #expect(try await storage.write(OrderWrite([], allOrNothing: true, answer: empty, at: late)) == .written([]))
            #expect(try await storage.write(OrderWrite([], allOrNothing: true, answer: empty, at: late)) == .answeredBefore)
        },
        Clause("writes at the same time are all written, each refused or not for itself") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], slug: "taken"))
            let results = try await withThrowingTaskGroup(of: (Int, [WriteOutcome]).self) { group in
                for number in 0..<60 {
                    group.addTask {
                        var generator = SystemRandomNumberGenerator()
                        let id = OrderID(mintedAt: Timestamp(seconds: 1_780_000_000), using: &generator)!
                        let change = try write(
                            id, store: number % 3 == 0 ? Fixture.otherStoreID : Fixture.storeID, customer: 100 + number,
                            before: .nothing, slug: number % 3 == 1 ? "taken" : nil)
                        return (number, try await storage.write([change], allOrNothing: true, at: .now))
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for (number, outcomes) in results {
                #expect(outcomes == [number % 3 == 1 ? .refused(.slugTaken) : .created])
            }
            for (storeID, count) in [(Fixture.storeID, 21), (Fixture.otherStoreID, 20)] {
                let events = try await storage.events(of: storeID, after: 0, limit: 99)
                #expect(events.map(\.position) == Array(1...Int64(count)))
            }
        },
    ]
}
