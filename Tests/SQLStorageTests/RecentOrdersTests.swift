import JSON
import Orders
import SQLStorage
import TestFixtures
import Testing

@Suite struct `Recently read orders` {
    private let recent = RecentOrders<Int, Int>(limit: 100_000)
    private let id = OrderReference.id(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)

    private func buyer(_ number: Int64, _ storeID: StoreID = Fixture.storeID) -> Buyer {
        Buyer(storeID: storeID, customerID: CustomerID(number))
    }

    private func order(_ version: Int64 = 1, bytes: Int = 100) -> StoredOrder {
        StoredOrder(
            version: OrderVersion(order: version, store: 1, customer: 1),
            document: OrderDocument(template: [UInt8](repeating: 0x20, count: bytes)), store: [], customer: [])
    }

    private func stamp(of number: Int64, on shelf: Int = 0, _ storeID: StoreID = Fixture.storeID) -> Int? {
        recent.order(id, of: buyer(number, storeID), on: shelf)?.stamp
    }

    private func keep(_ numbers: Int64..., at stamp: Int, on shelf: Int = 0, _ storeID: StoreID = Fixture.storeID) {
        for number in numbers { recent.keep(order(), at: stamp, id, of: buyer(number, storeID), on: shelf) }
    }

    @Test func `are found with the stamp at which they were read, by their buyer only`() {
        keep(1, at: 7)
        #expect(stamp(of: 1) == 7)
        #expect(stamp(of: 2) == nil)
        #expect(stamp(of: 1, on: 1) == nil)
        #expect(stamp(of: 1, Fixture.otherStoreID) == nil)
    }

    @Test func `stay when this server writes other orders, and are dropped when it writes them`() {
        keep(1, 2, 3, at: 7)
        recent.begin(0)
        recent.end(0, .init(from: 7, to: 8, touched: TouchedOrders(buyers: [buyer(2)])))
        #expect(stamp(of: 1) == 8)
        #expect(stamp(of: 2) == nil)
        #expect(stamp(of: 3) == 8)
        keep(4, at: 8, Fixture.otherStoreID)
        recent.begin(0)
        recent.end(0, .init(from: 8, to: 9, touched: TouchedOrders(stores: [Fixture.storeID])))
        #expect(stamp(of: 1) == nil && stamp(of: 3) == nil)
        #expect(stamp(of: 4, Fixture.otherStoreID) == 9)
    }

    @Test func `are found at a stamp to which commits lead that have not ended yet`() {
        keep(1, 2, 3, at: 7)
        let first = RecentOrders<Int, Int>.Change(from: 7, to: 8, touched: TouchedOrders(buyers: [buyer(1)]))
        let second = RecentOrders<Int, Int>.Change(from: 8, to: 9, touched: TouchedOrders(buyers: [buyer(2)]))
        recent.begin(0, first)
        recent.begin(0, second)
        // Nobody has seen that they were committed.
        #expect(recent.order(id, of: buyer(1), on: 0, at: 7) != nil)
        #expect(recent.order(id, of: buyer(3), on: 0, at: 10) == nil)
        #expect(recent.order(id, of: buyer(3), on: 0, at: 8) != nil)
        #expect(stamp(of: 1) == nil && stamp(of: 2) == 8)
        recent.end(0, second)
        recent.end(0, first)
        #expect(stamp(of: 2) == nil && stamp(of: 3) == 9)
        // One that was given up leads nowhere.
        let third = RecentOrders<Int, Int>.Change(from: 9, to: 11, touched: TouchedOrders())
        recent.begin(0, third)
        recent.cancel(0, third)
        #expect(recent.order(id, of: buyer(3), on: 0, at: 11) == nil && stamp(of: 3) == 9)
    }

    @Test func `never follow a commit that failed and that nobody has cancelled yet`() {
        keep(1, 2, at: 7)
        let failed = RecentOrders<Int, Int>.Change(from: 7, to: 20, touched: TouchedOrders(buyers: [buyer(1)]))
        recent.begin(0, failed)
        let other = RecentOrders<Int, Int>.Change(from: 7, to: 8, touched: TouchedOrders(buyers: [buyer(2)]))
        recent.begin(0, other)
        #expect(recent.order(id, of: buyer(1), on: 0, at: 8) != nil)
        #expect(recent.order(id, of: buyer(2), on: 0, at: 8) == nil)
        recent.end(0, other)
        // The failed one is tried again from where the other has led, to the same stamp.
        let again = RecentOrders<Int, Int>.Change(from: 8, to: 20, touched: TouchedOrders(buyers: [buyer(1)]))
        recent.cancel(0, failed)
        recent.begin(0, again)
        #expect(recent.order(id, of: buyer(2), on: 0, at: 20) == nil && recent.order(id, of: buyer(1), on: 0, at: 20) == nil)
        recent.end(0, again)
        keep(3, at: 20)
        #expect(stamp(of: 3) == 20)
    }

    @Test func `keep their stamp, and so are outdated, if someone else wrote in between`() {
        keep(1, at: 7)
        recent.begin(0)
        recent.end(0, .init(from: 8, to: 9, touched: TouchedOrders()))
        #expect(stamp(of: 1) == 7)
        recent.begin(0)
        recent.cancel(0)
        #expect(stamp(of: 1) == 7)
        // The next order that is read empties the shelf.
        keep(2, at: 10)
        #expect(stamp(of: 1) == nil)
        #expect(stamp(of: 2) == 10)
    }

    @Test func `are not dropped by reads during a commit of this server`() {
        keep(1, at: 7)
        recent.begin(0)
        keep(2, at: 8)
        #expect(stamp(of: 2) == nil)
        #expect(stamp(of: 1) == 7)
        recent.end(0, .init(from: 7, to: 8, touched: TouchedOrders()))
        #expect(stamp(of: 1) == 8)
    }

    @Test func `are not replaced by older ones, if their age is known`() {
        let recent = RecentOrders<Int, Int>(isNewer: >)
        recent.keep(order(), at: 8, id, of: buyer(1), on: 0)
        recent.keep(order(), at: 7, id, of: buyer(2), on: 0)
        #expect(recent.order(id, of: buyer(1), on: 0)?.stamp == 8)
        #expect(recent.order(id, of: buyer(2), on: 0) == nil)
    }

    @Test func `take no more memory than the limit`() {
        for number in 0..<200 as Range<Int64> { recent.keep(order(bytes: 1000), at: 7, id, of: buyer(number), on: 0) }
        let kept = (0..<200 as Range<Int64>).filter { stamp(of: $0) != nil }.count
        #expect((1...60).contains(kept))
    }
}
