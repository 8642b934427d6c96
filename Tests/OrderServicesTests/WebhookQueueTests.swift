import Orders
import TestFixtures
import Testing

@testable import OrderServices

@Suite struct `The queue of an endpoint` {
    private let start = Timestamp(seconds: 1_800_000_000)
    private let orders: [OrderID]

    init() {
        var generator = SeededGenerator(seed: 3)
        orders = (0..<100).map { OrderID(mintedAt: Timestamp(seconds: 1_770_000_000 + $0), using: &generator)! }
    }

    private func delivery(_ order: Int, _ number: Int64) -> WebhookDelivery {
        let event = OrderEvent(
            storeID: Fixture.storeID, position: 1, orderID: orders[order], number: number, kind: .updated, version: 1,
            status: nil,
            paymentStatus: nil, by: .clock, at: start)
        return WebhookDelivery(event, to: UUIDBytes(high: 1, low: 1), at: start)
    }

    private func steadyQueue() -> WebhookQueue {
        WebhookQueue(
            backoff: Backoff(pauses: [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800], jitter: { 1 }),
            probing: Backoff(pauses: WebhookQueue.probes, jitter: { 1 }))
    }

    private let good = WebhookAnswer(status: 200, body: nil)
    private let bad = WebhookAnswer(status: 500, body: nil)
    private let none = WebhookAnswer(failure: "no answer")

    @Test func `sends the events of an order one after the other, and those of others beside them`() {
        var queue = steadyQueue()
        for number in 1...3 as ClosedRange<Int64> { for order in 0..<3 { queue.add(delivery(order, number), at: start) } }
        for number in 1...3 as ClosedRange<Int64> {
            let taken = queue.take(at: start)
            #expect(taken.map(\.number) == [number, number, number] && Set(taken.map(\.orderID)) == Set(orders[..<3]))
            #expect(queue.take(at: start).isEmpty)
            for delivery in taken { #expect(queue.finish(delivery, good, sentAt: start, at: start).status == .delivered) }
        }
        #expect(queue.count == 0 && queue.take(at: start).isEmpty)
    }

    @Test func `tries a failed one later, and those of its order only after it`() {
        var queue = steadyQueue()
        for number in 1...2 as ClosedRange<Int64> { queue.add(delivery(0, number), at: start) }
        queue.add(delivery(1, 1), at: start)
        let taken = queue.take(at: start)
        let failed = queue.finish(taken[0], bad, sentAt: start, at: start)
        #expect(failed.status == .pending && failed.attempts == 1 && failed.dueAt == start.adding(seconds: 5))
        #expect(failed.last?.answerStatus == 500)
        _ = queue.finish(taken[1], good, sentAt: start, at: start)
        #expect(queue.take(at: start.adding(seconds: 4)).isEmpty)
        let again = queue.take(at: start.adding(seconds: 5))
        #expect(again.map(\.number) == [1] && again[0].attempts == 1)
        _ = queue.finish(again[0], good, sentAt: start, at: start.adding(seconds: 5))
        #expect(queue.take(at: start.adding(seconds: 5)).map(\.number) == [2])
    }

    @Test func `gives up after three days, and goes on with the next`() {
        var queue = steadyQueue()
        for number in 1...2 as ClosedRange<Int64> { queue.add(delivery(0, number), at: start) }
        queue.add(delivery(1, 1), at: start)
        var (time, attempts) = (start, 0)
        while time < start.adding(seconds: 4 * 24 * 3600) {
            if time.seconds % 600 == 0 { queue.add(delivery(2, time.seconds), at: time) }
            for delivery in queue.take(at: time) {
                // Another order shows that the endpoint works.
                let isBad = delivery.orderID == orders[0] && delivery.number == 1
                let ended = queue.finish(delivery, isBad ? bad : good, sentAt: time, at: time)
                attempts += isBad ? 1 : 0
                guard isBad, ended.status == .failed else { continue }
                #expect(time.seconds - start.seconds <= 3 * 24 * 3600)
                #expect(time.seconds - start.seconds > 2 * 24 * 3600)
                #expect((12...20).contains(attempts), "\(attempts)")
                #expect(queue.take(at: time).map(\.number).contains(2))
                return
            }
            time = time.adding(seconds: 1)
        }
        Issue.record("never given up")
    }

    @Test func `tries an endpoint that is down with one delivery at a time, and sends everything when it is back`() {
        var queue = steadyQueue()
        for order in 0..<50 { queue.add(delivery(order, 1), at: start) }
        var time = start
        var attempts = 0
        let back = start.adding(seconds: 3600)
        while time < back {
            let taken = queue.take(at: time)
            attempts += taken.count
            for delivery in taken { _ = queue.finish(delivery, none, sentAt: time, at: time) }
            time = time.adding(seconds: 1)
        }
        // Some at first, and then one every five minutes.
        #expect((15...40).contains(attempts), "\(attempts)")
        var delivered: Set<OrderID> = []
        while delivered.count < 50, time < back.adding(seconds: 400) {
            let taken = queue.take(at: time)
            if taken.isEmpty { time = time.adding(seconds: 1) }
            for delivery in taken {
                _ = queue.finish(delivery, good, sentAt: time, at: time)
                #expect(delivered.insert(delivery.orderID).inserted)
            }
        }
        #expect(delivered.count == 50 && time.seconds - back.seconds <= 301)
    }

    @Test func `rests for a moment at first, however many fail at the same time`() {
        var queue = steadyQueue()
        for order in 0..<60 { queue.add(delivery(order, 1), at: start) }
        for delivery in queue.take(at: start) { _ = queue.finish(delivery, good, sentAt: start, at: start) }
        let taken = queue.take(at: start)
        #expect(taken.count > 16)
        for delivery in taken { _ = queue.finish(delivery, none, sentAt: start, at: start) }
        #expect(queue.take(at: start.adding(seconds: 4)).isEmpty)
        #expect(queue.take(at: start.adding(seconds: 5)).count == 1)
    }

    @Test func `has few places for an endpoint that fails, and many for one that works`() {
        var queue = steadyQueue()
        for order in 0..<100 { queue.add(delivery(order, 1), at: start) }
        var most = 0
        for _ in 0..<6 {
            let taken = queue.take(at: start)
            most = max(most, taken.count)
            for delivery in taken { _ = queue.finish(delivery, good, sentAt: start, at: start) }
        }
        #expect(most == WebhookQueue.concurrency)
        var slow = steadyQueue()
        for order in 0..<100 { slow.add(delivery(order, 1), at: start) }
        let taken = slow.take(at: start)
        for delivery in taken { _ = slow.finish(delivery, none, sentAt: start, at: start) }
        #expect(slow.take(at: start).count == 1)
    }

    @Test func `has few places for an endpoint that takes its time, and none for what is not under way`() {
        var queue = steadyQueue()
        for order in 0..<100 { queue.add(delivery(order, 1), at: start) }
        for _ in 0..<5 {
            let taken = queue.take(at: start)
            #expect(taken.count == 4)
            for delivery in taken { _ = queue.finish(delivery, good, sentAt: start, at: start.adding(seconds: 9)) }
        }
        let count = queue.count
        #expect(queue.finish(delivery(99, 7), good, sentAt: start, at: start).status == .delivered)
        #expect(queue.count == count)
    }

    @Test func `waits for as long as an endpoint asks`() {
        var queue = steadyQueue()
        queue.add(delivery(0, 1), at: start)
        let busy = WebhookAnswer(status: 429, body: nil, retryAfter: 600)
        #expect(queue.finish(queue.take(at: start)[0], busy, sentAt: start, at: start).dueAt == start.adding(seconds: 600))
        #expect(queue.take(at: start.adding(seconds: 599)).isEmpty && queue.take(at: start.adding(seconds: 600)).count == 1)
    }
}
