import OrderServices
import Synchronization
import TestFixtures
import Testing

@Suite struct `A delivery worker` {
    /// A queue in memory that holds its items back until their receiver is released.
    private final class Queue: DeliveryQueue {
        struct Item: Sendable, Hashable {
            let receiver: String
            let number: Int
        }

        struct State {
            var due: [Item] = []
            var underWay: [Item] = []
            var done: [Item] = []
            var most: [String: Int] = [:]
            var held: Set<String> = []
            var claims = 0
            var failures = 0
        }

        let state = Mutex(State())

        func add(_ receiver: String, _ count: Int) {
            state.withLock { state in state.due += (0..<count).map { Item(receiver: receiver, number: $0) } }
        }

        func receiver(of item: Item) -> String { item.receiver }

        func claim(_ limit: Int, perReceiver: Int, busy: [String: Int]) throws -> [Item] {
            try state.withLock { state in
                state.claims += 1
                if state.failures > 0 {
                    state.failures -= 1
                    throw CancellationError()
                }
                // The worker may not have noticed yet that a delivery has just ended.
                let underWay = Dictionary(grouping: state.underWay, by: \.receiver).mapValues(\.count)
                #expect(underWay.allSatisfy { $0.value <= busy[$0.key, default: 0] })
                var taken: [Item] = []
                for item in state.due where taken.count < limit {
                    let count = busy[item.receiver, default: 0] + taken.filter { $0.receiver == item.receiver }.count
                    if count < perReceiver { taken.append(item) }
                }
                state.due.removeAll { taken.contains($0) }
                state.underWay += taken
                for (receiver, items) in Dictionary(grouping: state.underWay, by: \.receiver) {
                    state.most[receiver] = max(state.most[receiver, default: 0], items.count)
                }
                return taken
            }
        }

        func deliver(_ item: Item) async throws {
            while state.withLock({ $0.held.contains(item.receiver) }) { await Task.yield() }
            state.withLock { state in
                state.underWay.removeAll { $0 == item }
                state.done.append(item)
            }
        }
    }

    private let queue = Queue()

    private func run(
        counting failures: Count = Count(), _ body: () async throws -> Void
    ) async throws {
        let worker = DeliveryWorker(
            queue, concurrency: 4, perReceiver: 2, pause: .milliseconds(5), pauseAfterFailure: .milliseconds(5)
        ) { _ in failures.raise() }
        let running = Task { await worker.run() }
        try await body()
        running.cancel()
        await running.value
    }

    private func expectSoon(_ isTrue: () -> Bool) async throws {
        let isSo = try await eventually(isTrue)
        #expect(isSo)
    }

    @Test func `delivers everything, including later additions`() async throws {
        queue.add("a", 20)
        try await run {
            try await expectSoon { queue.state.withLock { $0.done.count } == 20 }
            queue.add("b", 5)
            try await expectSoon { queue.state.withLock { $0.done.count } == 25 }
        }
        #expect(Set(queue.state.withLock { $0.done }).count == 25)
        #expect(queue.state.withLock { $0.most["a"] } == 2)
    }

    @Test func `is not delayed by a slow receiver`() async throws {
        queue.state.withLock { $0.held = ["slow"] }
        queue.add("slow", 10)
        queue.add("quick", 10)
        try await run {
            try await expectSoon { queue.state.withLock { $0.done.filter { $0.receiver == "quick" }.count } == 10 }
            #expect(queue.state.withLock { $0.underWay.count } == 2)
            queue.state.withLock { $0.held = [] }
            try await expectSoon { queue.state.withLock { $0.done.count } == 20 }
        }
        #expect(queue.state.withLock { $0.most["slow"] } == 2)
    }

    @Test func `finishes deliveries in progress when cancelled, and starts no others`() async throws {
        queue.state.withLock { $0.held = ["a"] }
        queue.add("a", 10)
        let queue = queue
        try await run {
            try await expectSoon { queue.state.withLock { $0.underWay.count } == 2 }
            Task {
                try await Task.sleep(for: .milliseconds(50))
                queue.state.withLock { $0.held = [] }
            }
        }
        #expect(queue.state.withLock { $0.done.count } == 2)
        #expect(queue.state.withLock { $0.due.count } == 8)
    }

    @Test func `reports a failure once, and continues after it`() async throws {
        queue.state.withLock { $0.failures = 3 }
        queue.add("a", 3)
        let reports = Count()
        try await run(counting: reports) {
            try await expectSoon { queue.state.withLock { $0.done.count } == 3 }
        }
        #expect(reports.value == 1)
    }

    @Test func `waits longer after each failure, with jitter`() {
        let exact = Backoff(pauses: [2, 10, 30]) { 1 }
        #expect((0..<5).map { exact.pause(after: $0) } == [2, 10, 30, 30, 30])
        let spread = Backoff(pauses: [1000])
        let pauses = Set((0..<100).map { _ in spread.pause(after: 0) })
        #expect(pauses.count > 10)
        #expect(pauses.allSatisfy { (800...1200).contains($0) })
        #expect(Backoff(pauses: [1]) { 0.1 }.pause(after: 0) == 1)
    }
}

private final class Count: Sendable {
    private let count = Mutex(0)
    var value: Int { count.withLock { $0 } }
    func raise() { count.withLock { $0 += 1 } }
}
