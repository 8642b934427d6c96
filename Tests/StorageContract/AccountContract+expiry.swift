import JSON
import OrderServices
import Orders
import TestFixtures
import Testing

extension AccountContract {
    static let expiry = [
        Clause("orders that were not paid in time are canceled once, by one of several servers") { storage, accounts in
            let session = try await storage.beginImport(allOrNothing: false)
            let store = Fixture.store().replacing([("is_auto_expire", true), ("auto_expire_days", 3)])
            _ = try await session.write(
                [MerchantStore(store), MerchantStore(Fixture.store(Fixture.otherStoreID))], at: Timestamp(seconds: 1))
            try await session.commit()
            let now = Timestamp(seconds: 1_790_000_000)
            var generator = SeededGenerator(seed: 3)
            func id(secondsAgo: Int64) -> OrderID { OrderID(mintedAt: now.adding(seconds: -secondsAgo), using: &generator)! }
            let (days, minute): (Int64, Int64) = (3 * 86_400, 60)
            let due = (0..<30).map { id(secondsAgo: days + minute * Int64($0)) }
            let kept = try [
                write(id(secondsAgo: days - minute)), write(id(secondsAgo: days + 9), payment: "paid"),
                write(id(secondsAgo: days + 8), status: "ready"), write(id(secondsAgo: days + 7), payment: .null),
                write(id(secondsAgo: days + 6), method: "cod"), write(id(secondsAgo: days + 5), store: Fixture.otherStoreID),
                write(id(secondsAgo: days + 31 * 86_400)),
            ]
            let statuses: [JSON] = ["draft", "pending", "confirmed"]
            for (number, id) in due.enumerated() { try await storage.add(write(id, status: statuses[number % 3])) }
            for change in kept { try await storage.add(change) }
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<3 { group.addTask { try await Expiry(storage: storage, mirrors: accounts).cancelDue(at: now) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) == due.count)
            #expect(try await Expiry(storage: storage, mirrors: accounts).cancelDue(at: now) == 0)
            for id in due {
                let order = try #require(try await storage.currentOrder(.id(id), in: Fixture.storeID))
                let json = try JSON(parsing: order.document)
                #expect(json["status"] == "canceled" && json["canceled_time"] == .string(now.description))
                let events = try await storage.events(of: id, in: Fixture.storeID, after: 0, limit: 9)
                #expect(events.map(\.kind) == [.created, .statusChanged] && events.last?.actor == .clock)
            }
            for change in kept {
                let order = try #require(try await storage.currentOrder(.id(change.id), in: change.after.storeID))
                #expect(try JSON(parsing: order.document)["status"] != "canceled")
            }
            // The other side does it for a shop that is mirrored.
            let later = now.adding(seconds: minute)
            #expect(try await accounts.setMirror(of: Fixture.storeID, secret: "secret", at: now))
            #expect(try await Expiry(storage: storage, mirrors: accounts).cancelDue(at: later) == 0)
            #expect(try await accounts.setMirror(of: Fixture.storeID, secret: nil, at: now))
            #expect(try await Expiry(storage: storage, mirrors: accounts).cancelDue(at: later) == 1)
        }
    ]
}
