import JSON
import Orders
import Synchronization
import TestFixtures
import Testing

extension StorageContract {
    static let events = [
        Clause("an event states what changed, from what to what, by whom and when") { storage in
            try await storage.addStores()
            #expect(try await storage.lastPosition(of: Fixture.storeID) == 0)
            #expect(try await storage.events(of: Fixture.storeID, after: 0, limit: 10) == [])
            try await storage.add(write(ids[0], status: "pending", payment: "unpaid"), at: 2)
            try await storage.add(
                write(ids[0], status: "shipped", payment: "paid", notes: "2", updated: "2026-03-02T00:00:00Z"), at: 3)
            let current = try #require(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))
            let moved = try write(ids[0], before: .order(current), status: "completed", payment: "paid")
            _ = try await storage.write([moved], allOrNothing: true, at: Timestamp(seconds: 4))
            let again = try #require(try await storage.currentOrder(.id(ids[0]), in: Fixture.storeID))
            let noted = try write(ids[0], before: .order(again), status: "completed", payment: "paid", notes: "3")
            _ = try await storage.write([noted], allOrNothing: true, at: Timestamp(seconds: 5))

            let events = try await storage.events(of: Fixture.storeID, after: 0, limit: 10)
            let versions = [2, 3, 3, 3, 4, 5].map { Int64($0) * 1_000_000 }
            let expected: [(OrderEvent.Kind, [OrderStatus?], [PaymentStatus?])] = [
                (.created, [nil, .pending], [nil, .unpaid]), (.updated, [], []), (.statusChanged, [.pending, .shipped], []),
                (.paymentStatusChanged, [], [.unpaid, .paid]), (.statusChanged, [.shipped, .completed], []), (.updated, [], []),
            ]
            #expect(events.count == 6)
            for (index, (event, (kind, status, payment))) in zip(events, expected).enumerated() {
                #expect(
                    event
                        == OrderEvent(
                            storeID: Fixture.storeID, position: Int64(index + 1), orderID: ids[0], number: Int64(index + 1),
                            kind: kind, version: versions[index],
                            status: status.isEmpty ? nil : OrderEvent.Transition(from: status[0], to: status[1]),
                            paymentStatus: payment.isEmpty ? nil : OrderEvent.Transition(from: payment[0], to: payment[1]),
                            by: .importer, at: Timestamp(microseconds: versions[index])))
            }
            let version = try #require(try await storage.version(of: .id(ids[0]), for: buyer)).order
            #expect(events.last?.version == version)
            #expect(try await storage.lastPosition(of: Fixture.storeID) == 6)
        },
        Clause("an order without a payment status reports none until it has one") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], payment: .null))
            try await storage.add(write(ids[0], payment: "paid", updated: "2026-03-02T00:00:00Z"), at: 3)
            let payments = try await storage.events(of: Fixture.storeID, after: 0, limit: 10).map(\.paymentStatus)
            #expect(payments == [nil, nil, OrderEvent.Transition(from: nil, to: .paid)])
        },
        Clause("changes without effect and refused changes have no events") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0], slug: "s"))
            try await storage.add(write(ids[0], slug: "s"), write(ids[1], slug: "s"), at: 3)
            #expect(try await storage.events(of: Fixture.storeID, after: 0, limit: 10).map(\.kind) == [.created])
        },
        Clause("events are read page by page, for one store or one order only") { storage in
            try await storage.addStores()
            try await storage.add(write(ids[0]), write(ids[1]), write(ids[0], store: Fixture.otherStoreID))
            try await storage.add(write(ids[0], updated: "2026-03-02T00:00:00Z"), at: 3)
            let all = try await storage.events(of: Fixture.storeID, after: 0, limit: 10)
            #expect(all.map(\.position) == [1, 2, 3])
            #expect(all.map(\.orderID) == [ids[0], ids[1], ids[0]])
            #expect(all.map(\.number) == [1, 1, 2])
            #expect(try await storage.events(of: Fixture.storeID, after: 0, limit: 2) == Array(all.prefix(2)))
            #expect(try await storage.events(of: Fixture.storeID, after: 2, limit: 2) == Array(all.suffix(1)))
            #expect(try await storage.events(of: Fixture.storeID, after: 3, limit: 2) == [])
            #expect(try await storage.events(of: ids[0], in: Fixture.storeID, after: 0, limit: 10) == [all[0], all[2]])
            #expect(try await storage.events(of: ids[0], in: Fixture.storeID, after: 1, limit: 10) == [all[2]])
            #expect(try await storage.events(of: ids[2], in: Fixture.storeID, after: 0, limit: 10) == [])
            #expect(try await storage.events(of: Fixture.otherStoreID, after: 0, limit: 10).map(\.position) == [1])
            #expect(try await storage.lastPosition(of: StoreID("store_absent")!) == 0)
        },
        Clause("a follower sees each event once and in order, with any number of writers") { storage in
            try await storage.addStores()
            let isWritten = Atomic<Bool>(false)
            async let followed = {
                var seen: [OrderEvent] = []
                while true {
                    let isLast = isWritten.load(ordering: .acquiring)
                    let new = try await storage.events(of: Fixture.storeID, after: seen.last?.position ?? 0, limit: 7)
                    seen += new
                    if new.isEmpty, isLast { return seen }
                }
            }()
            try await withThrowingTaskGroup { group in
                for writer in 0..<6 {
                    group.addTask {
                        for turn in 0..<12 {
                            let minute = "2026-03-01T00:\(10 + turn):00Z"
                            let change = try write(
                                ids[writer % ids.count], customer: 7 + writer, slug: "s\(writer % ids.count)", updated: minute)
                            if turn % 2 == 0 {
                                _ = try await storage.write([change], allOrNothing: true, at: .now)
                            } else {
                                // PostgreSQL writes new orders in two halves, each on its own connection.
                                let new = try (0..<4).map { index in
                                    let number = writer * 100 + turn * 4 + index
                                    return try write(
                                        id(number), customer: 100 + number, slug: "n\(number)", name: "\(number)")
                                }
                                let session = try await storage.beginImport(allOrNothing: false)
                                _ = try await session.write([change] + new, at: .now)
                                try await session.commit()
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            isWritten.store(true, ordering: .releasing)
            let seen = try await followed
            #expect(seen.map(\.position) == Array(1...Int64(seen.count)))
            #expect(try await storage.lastPosition(of: Fixture.storeID) == Int64(seen.count))
            #expect(seen.filter { $0.kind == .created }.count == ids.count + 6 * 6 * 4)
            for (_, events) in Dictionary(grouping: seen, by: \.orderID) {
                #expect(events.map(\.number) == Array(1...Int64(events.count)))
                #expect(events.map(\.version) == events.map(\.version).sorted())
            }
        },
    ]
}

/// An id with a different day for each number.
private func id(_ number: Int) -> OrderID {
    let milliseconds = UInt64(1_700_000_000_000 + number * 86_400_000)
    return OrderID(UUIDBytes(high: milliseconds << 16 | 0x7000, low: 0b10 << 62 | UInt64(number)))!
}
