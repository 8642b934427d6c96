import JSON
import OrderServices
import Orders
import SQLiteStorage
import TestFixtures
import Testing

@Suite struct `A repair of documents` {
    private let folder: TemporaryFolder
    private let storage: any OrderStorage
    private let ids: [OrderID]
    private let buyer = Buyer(storeID: Fixture.storeID, customerID: CustomerID(7))

    init() async throws {
        folder = try TemporaryFolder()
        storage = try SQLiteStorage(path: folder.path("orders.sqlite"), patience: .seconds(300))
        var generator = SystemRandomNumberGenerator()
        ids = (1...30).map { OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + $0), using: &generator)! }
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write(
            [Fixture.storeID, Fixture.otherStoreID].map { try MerchantStore(Fixture.store($0)) }, at: .now)
        try await session.commit()
    }

    /// The change that writes an order as earlier rules had it, which knew of nothing but the notes.
    private func earlier(_ id: OrderID, store: StoreID = Fixture.storeID, _ changes: [String: JSON] = [:]) throws -> OrderChange {
        let order = Fixture.order(id: .string(id.description), store: store, changes)
        return OrderChange(
            id: id, before: .older, after: try MerchantOrder(order),
            document: OrderDocument(template: Array(#"{"notes":null}"#.utf8)), by: .importer)
    }

    private func answer(_ id: OrderID) async throws -> JSON {
        try JSON(parsing: #require(try await storage.order(.id(id), for: buyer)).json(publicURL: nil))
    }

    @Test func `gives each order that differs its new form, a new version and an event`() async throws {
        let current = try OrderChange(Fixture.order(id: .string(ids[1].description)), id: ids[1])
        let changes = try [earlier(ids[0]), current, earlier(ids[2]), earlier(ids[3], store: Fixture.otherStoreID)]
        _ = try await storage.write(changes, allOrNothing: true, at: .now)
        let before = try await storage.version(of: .id(ids[0]), for: buyer)

        let report = try await DocumentRepair(storage: storage, pageSize: 2).repairOrders(of: Fixture.storeID) { _, _ in
            Issue.record("refused")
        }
        #expect((report.replaced, report.unchanged, report.refused) == (2, 1, 0))
        for id in ids[...2] { #expect(try await answer(id)["status"] == "pending") }
        #expect(try await storage.version(of: .id(ids[0]), for: buyer) != before)
        let events = try await storage.events(of: Fixture.storeID, after: 3, limit: 10)
        #expect(events.map(\.orderID) == [ids[0], ids[2]])
        #expect(events.allSatisfy { $0.kind == .updated && $0.actor == .repair && $0.status == nil })
        #expect(try await storage.events(of: Fixture.otherStoreID, after: 0, limit: 10).count == 1)

        let again = try await DocumentRepair(storage: storage).repairOrders(of: Fixture.storeID) { _, _ in }
        #expect((again.replaced, again.unchanged) == (0, 3))
        #expect(try await storage.lastPosition(of: Fixture.storeID) == 5)
    }

    @Test func `leaves an order that the rules refuse as it is, and tells which`() async throws {
        _ = try await storage.write(
            [earlier(ids[0], ["gross_revenue": "dear"]), earlier(ids[1])], allOrNothing: true, at: .now)
        var refused: [OrderID: String] = [:]
        let report = try await DocumentRepair(storage: storage).repairOrders(of: Fixture.storeID) { refused[$0] = $1.field }
        #expect((report.replaced, report.refused) == (1, 1))
        #expect(refused == [ids[0]: "gross_revenue"])
        #expect(try await answer(ids[0]) == ["notes": .null])
    }

    @Test func `loses nothing that others write at the same time`() async throws {
        _ = try await storage.write(ids.map { try earlier($0) }, allOrNothing: true, at: .now)
        async let repaired = DocumentRepair(storage: storage, pageSize: 10).repairOrders(of: Fixture.storeID) { _, _ in
            Issue.record("refused")
        }
        for id in ids {
            var outcome: [WriteOutcome] = []
            while outcome != [.replaced] {
                let current = try #require(try await storage.currentOrder(.id(id), in: Fixture.storeID))
                let order = Fixture.order(id: .string(id.description), ["notes": "changed"])
                outcome = try await storage.write(
                    [OrderChange(order, id: id, before: .order(current))], allOrNothing: true, at: .now)
            }
        }
        #expect(try await repaired.total == ids.count)
        for id in ids {
            let answer = try await answer(id)
            #expect(answer["notes"] == "changed")
            #expect(answer["status"] == "pending")
        }
    }
}
