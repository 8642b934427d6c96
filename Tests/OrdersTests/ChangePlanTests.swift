import JSON
import Orders
import TestFixtures
import Testing

@Suite struct `The plan of changes` {
    private let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
    private let other = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1c")!
    private let time = Timestamp(seconds: 100)

    private var emptyStore: KnownOrders {
        var known = KnownOrders { content, change in content.first == change.after.document.first }
        known.stores[Fixture.storeID] = 41
        return known
    }

    /// A plan of changes that are planned together.
    private struct Plan {
        let outcomes: [WriteOutcome]
        let changes: PlannedChanges

        init(_ added: [OrderChange], known: KnownOrders, at time: Timestamp) {
            var plan = ChangePlan(known: known)
            outcomes = plan.add(added, at: time)
            changes = plan.changes
        }
    }

    private func key(_ id: OrderID) -> OrderKey { OrderKey(storeID: Fixture.storeID, id: id) }

    private func change(
        _ id: OrderID, _ before: OrderChange.Before = .older, updated: String = "2026-03-01T00:00:00Z", slug: String? = nil,
        _ members: [String: JSON] = [:]
    ) throws -> OrderChange {
        try OrderChange(
            Fixture.order(id: .string(id.description), slug: slug, updated: updated, members), id: id, before: before)
    }

    @Test func `writes an order once that changes twice, with an event for each change`() throws {
        let plan = Plan(
            [
                try change(id), try change(id, updated: "2026-03-02T00:00:00Z", ["status": "shipped"]),
                try change(id, updated: "2026-02-01T00:00:00Z"),
            ], known: emptyStore, at: time)
        #expect(plan.outcomes == [.created, .replaced, .unchanged])
        #expect(plan.changes.orders.count == 1)
        #expect(plan.changes.orders[key(id)]?.change.after.status == .shipped)
        #expect(plan.changes.orders[key(id)]?.version == time.microseconds + 1)
        // It is new to the storage.
        #expect(plan.changes.replaced.isEmpty)
        #expect(plan.changes.events.map(\.kind) == [.created, .updated, .statusChanged])
        #expect(plan.changes.events.map(\.number) == [1, 2, 3])
        var last = [Fixture.storeID: Int64(41)]
        #expect(plan.changes.positionedEvents(after: &last).map(\.position) == [42, 43, 44])
        #expect(last == [Fixture.storeID: 44])
    }

    @Test func `lets a slug go from one order to another within a batch`() throws {
        let plan = Plan(
            [
                try change(id, slug: "s"), try change(id, updated: "2026-03-02T00:00:00Z", slug: "t"),
                try change(other, slug: "s"), try change(other, updated: "2026-03-03T00:00:00Z", slug: "t"),
            ], known: emptyStore, at: time)
        #expect(plan.outcomes == [.created, .replaced, .created, .refused(.slugTaken)])
        let keys = Dictionary(uniqueKeysWithValues: plan.changes.addedKeys.map { ($0.key.text, $0.value) })
        // The number, which both have, is found to be the first one's.
        #expect(keys == ["s": other, "t": id, "A-1": id])
        #expect(plan.changes.removedKeys.isEmpty)
    }

    @Test func `replaces what is stored, raises its version and frees its slug`() throws {
        var known = emptyStore
        known.orders[key(id)] = KnownOrders.Order(
            customerID: CustomerID(3), status: .pending, paymentStatus: .unpaid, lastUpdatedAt: 5, secretSlug: "old",
            version: time.microseconds + 9, isDeleted: false, lastEvent: 6, content: nil)
        known.keys[LookupKey(.secretSlug, "old", in: Fixture.storeID)] = id
        let plan = Plan([try change(id, slug: "new", ["payment_status": "paid"])], known: known, at: time)
        #expect(plan.outcomes == [.replaced])
        #expect(plan.changes.replaced == [key(id): CustomerID(3)])
        #expect(plan.changes.orders[key(id)]?.version == time.microseconds + 10)
        #expect(plan.changes.removedKeys.map(\.text) == ["old"])
        #expect(plan.changes.events.map(\.number) == [7, 8])
        #expect(plan.changes.events.map(\.kind) == [.updated, .paymentStatusChanged])
        #expect(plan.changes.events.last?.paymentStatus == OrderEvent.Transition(from: .unpaid, to: .paid))
    }

    @Test func `refuses a change of what is not there any more, and changes nothing else for it`() throws {
        var known = emptyStore
        let stored = KnownOrders.Order(
            customerID: CustomerID(3), status: .pending, paymentStatus: nil, lastUpdatedAt: nil, secretSlug: "s", version: 7,
            isDeleted: false, lastEvent: 1, content: nil)
        known.orders[key(id)] = stored
        let current = { (version: Int64) in CurrentOrder(id: id, version: version, document: []) }
        for before in [OrderChange.Before.nothing, .order(current(6)), .order(current(8))] {
            let plan = Plan([try change(id, before)], known: known, at: time)
            #expect(plan.outcomes == [.refused(.changedConcurrently)])
            #expect(plan.changes.customers.isEmpty && plan.changes.orders.isEmpty && plan.changes.events.isEmpty)
        }
        #expect(Plan([try change(id, .order(current(7)))], known: known, at: time).outcomes == [.replaced])
        #expect(
            Plan(
                [try change(id)], known: KnownOrders { content, change in content.first == change.after.document.first }, at: time
            ).outcomes == [.refused(.unknownStore)])
        // The second of two changes of one version sees the first.
        let twice = Plan(
            [try change(id, .order(current(7))), try change(id, .order(current(7)))], known: known, at: time)
        #expect(twice.outcomes == [.replaced, .refused(.changedConcurrently)])
    }

    @Test func `tells a single change by what it changed`() throws {
        var known = emptyStore
        known.orders[key(id)] = KnownOrders.Order(
            customerID: CustomerID(7), status: .pending, paymentStatus: .unpaid, lastUpdatedAt: nil, secretSlug: "s", version: 7,
            isDeleted: false, lastEvent: 1, content: nil)
        let before = OrderChange.Before.order(CurrentOrder(id: id, version: 7, document: []))
        let kinds = { (members: [String: JSON]) in
            Plan([try change(id, before, members)], known: known, at: time).changes.events.map(\.kind)
        }
        #expect(try kinds(["notes": "x"]) == [.updated])
        #expect(try kinds(["status": "ready"]) == [.statusChanged])
        #expect(try kinds(["payment_status": "paid"]) == [.paymentStatusChanged])
        #expect(try kinds(["status": "ready", "payment_status": .null]) == [.statusChanged, .paymentStatusChanged])
    }

    @Test func `deletes an order, refuses what is based on it, and creates it again when it comes back`() throws {
        var known = emptyStore
        known.orders[key(id)] = KnownOrders.Order(
            customerID: CustomerID(7), status: .pending, paymentStatus: .unpaid, lastUpdatedAt: nil, secretSlug: "s", version: 7,
            isDeleted: false, lastEvent: 1, content: nil)
        let current = CurrentOrder(id: id, version: 7, document: [])
        let after = try change(id, .order(current), slug: "s").after
        var plan = ChangePlan(known: known)
        let deletion = OrderChange(id: id, before: .order(current), after: after, document: nil, by: .importer)
        #expect(plan.add([deletion], at: time) == [.replaced])
        #expect(plan.changes.deleted == [key(id)])
        #expect(plan.changes.facets.isEmpty && plan.changes.addedKeys.keys.map(\.text) == ["A-1"])
        #expect(plan.add([try change(id, .order(current), slug: "s")], at: time) == [.refused(.changedConcurrently)])
        #expect(plan.add([try change(id, slug: "s")], at: time) == [.unchanged])
        #expect(plan.add([try change(id, updated: "2026-03-02T00:00:00Z", slug: "s")], at: time) == [.replaced])
        #expect(plan.changes.deleted.isEmpty)
        #expect(plan.changes.events.map(\.kind) == [.deleted, .created])
        #expect(plan.changes.events.map(\.number) == [2, 3])
    }

    @Test func `plans nothing of changes that belong together if one is refused, and all that comes before and after`() throws {
        var plan = ChangePlan(known: emptyStore)
        #expect(plan.add([try change(id, .nothing)], allOrNothing: true, at: time) == [.created])
        let before = plan.changes.events.count
        let outcomes = plan.add([try change(other, .nothing), try change(id, .nothing)], allOrNothing: true, at: time)
        #expect(outcomes == [.created, .refused(.changedConcurrently)])
        #expect(plan.changes.events.count == before && plan.changes.orders.count == 1)
        #expect(plan.add([try change(other, .nothing)], allOrNothing: true, at: time) == [.created])
        #expect(plan.changes.orders.count == 2)
    }
}
