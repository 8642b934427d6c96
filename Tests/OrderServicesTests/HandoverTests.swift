import Synchronization
import Testing

@testable import OrderServices

@Suite struct `Handing over` {
    @Test func `keeps the order, and never has more waiting than there is room for`() async throws {
        let handover = Handover<Int>(capacity: 2)
        let given = Mutex(0)
        async let giving: Void = {
            for number in 0..<500 {
                #expect(await handover.give(number))
                given.withLock { $0 = number + 1 }
            }
            await handover.end()
        }()
        for number in 0..<500 {
            // One may be on its way beside those that wait.
            #expect(given.withLock { $0 } <= number + 3)
            #expect(await handover.take() == number)
            if number.isMultiple(of: 7) { await Task.yield() }
        }
        #expect(await handover.take() == nil)
        await giving
    }

    @Test func `ends for whoever waits on either side`() async throws {
        let full = Handover<Int>(capacity: 1)
        #expect(await full.give(1))
        async let isWanted = full.give(2)
        try await Task.sleep(for: .milliseconds(20))
        await full.end()
        #expect(await !isWanted)
        #expect(await full.take() == 1)
        #expect(await full.take() == nil)
        let empty = Handover<Int>(capacity: 1)
        async let taken = empty.take()
        try await Task.sleep(for: .milliseconds(20))
        await empty.end()
        #expect(await taken == nil)
    }
}
