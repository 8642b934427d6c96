import JSON
import OrderServices
import Orders
import SQLiteStorage
import Synchronization
import TestFixtures
import Testing

@Suite struct `A merchant's order` {
    @Test func `goes on from what it was if the clock is set back`() async throws {
        let folder = try TemporaryFolder()
        let storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: .now)
        try await session.commit()
        let clock = Clock()
        let orders = MerchantOrders(storage: storage, publicURL: nil, now: { clock.time })
        let request = MerchantRequest(in: Fixture.storeID, by: .importer)
        let recipient = OrderRecipient(name: "Siti", email: EmailAddress("siti@example.com"), phone: nil)
        let lines: [JSON] = [["product_name": "Kopi", "variant_price": "1.00", "quantity": 1]]
        let first = try await orders.create(OrderEdit(fields: [], lines: lines), for: recipient, number: nil, by: nil, request)
        var views = [first]
        let move = { (status: OrderStatus) in
            try await orders.changeStatus(
                StatusChange(status: status, paymentStatus: nil, by: nil), of: [.id(first.id)], for: request)[0]
        }
        views.append(try await move(.confirmed))
        clock.time = clock.time.adding(seconds: -86_400)
        views.append(try await move(.ready))
        clock.time = clock.time.adding(seconds: -86_400)
        views.append(try await orders.set([("notes", "x")], of: .id(first.id), for: request))
        views.append(try await orders.set([("notes", "y")], of: .id(first.id), for: request))
        clock.time = clock.time.adding(seconds: 10 * 86_400)
        views.append(try await move(.shipped))

        #expect(Set(views.map(\.tag.text)).count == views.count)
        let updated = views.map { Timestamp($0.json.text("last_updated_at"))! }
        #expect(zip(updated, updated.dropFirst()).allSatisfy { $0 < $1 }, "\(updated)")
        let events = try await orders.events(of: .id(first.id), in: Fixture.storeID, after: 0, limit: 100)
        #expect(
            events.map(\.kind) == [.created, .statusChanged, .statusChanged, .updated, .updated, .statusChanged]
                && events.map(\.number) == Array(1...6))
        #expect(zip(events, events.dropFirst()).allSatisfy { $0.version < $1.version && $0.position < $1.position })
        let last = try await orders.order(.id(first.id), in: Fixture.storeID)
        #expect(last.tag == views[5].tag && last.json == views[5].json)
    }

    private final class Clock: Sendable {
        private let now = Mutex(Timestamp(seconds: 1_800_000_000))

        var time: Timestamp {
            get { now.withLock { $0 } }
            set { now.withLock { $0 = newValue } }
        }
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String { if case .string(let text)? = self[name] { text } else { "" } }
}
