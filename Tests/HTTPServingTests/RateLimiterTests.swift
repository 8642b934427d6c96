import Accounts
import Orders
import Synchronization
import Testing

@testable import HTTPServing

@Suite struct `A limit` {
    private let storeID = StoreID("store_A")!
    private let clock = Clock()

    private final class Clock: Sendable {
        let microseconds = Mutex<Int64>(1_000_000)
        func advance(_ seconds: Double) { microseconds.withLock { $0 += Int64(seconds * 1_000_000) } }
        var now: @Sendable () -> Int64 { { self.microseconds.withLock { $0 } } }
    }

    /// The counts shared by servers of one database.
    private final class Shared: SharedLimits {
        let debts = Mutex<[String: Int64]>([:])
        let calls = Atomic<Int>(0)

        func spend(_ amount: Int64, by caller: String, in storeID: StoreID, most: Int64) async throws -> Int64 {
            calls.wrappingAdd(1, ordering: .relaxed)
            return debts.withLock { debts in
                let debt = (debts[caller] ?? 0) + amount
                if debt <= most { debts[caller] = debt }
                return debt
            }
        }

        func forgetSpentLimits() {}
    }

    @Test func `accepts a burst, and then as many requests as have been regained`() throws {
        let limiter = RateLimiter(RateLimit(count: 10, seconds: 60)!, name: "x", shared: nil, now: clock.now)
        for number in 1...10 {
            let allowance = limiter.spend(by: "a", in: storeID)
            #expect(!allowance.isRefused)
            #expect(allowance.remaining == Int64(10 - number))
            #expect(allowance.reset == Int64(number * 6))
        }
        let refused = limiter.spend(by: "a", in: storeID)
        #expect(refused.retryAfter == 6)
        #expect(refused.limit == 10 && refused.remaining == 0)
        #expect(!limiter.spend(by: "b", in: storeID).isRefused)
        #expect(!limiter.spend(by: "a", in: StoreID("store_B")!).isRefused)
        clock.advance(5.9)
        #expect(limiter.spend(by: "a", in: storeID).retryAfter == 1)
        clock.advance(0.1)
        #expect(!limiter.spend(by: "a", in: storeID).isRefused)
        #expect(limiter.spend(by: "a", in: storeID).isRefused)
        limiter.giveBack(to: "a", in: storeID)
        #expect(!limiter.spend(by: "a", in: storeID).isRefused)
        clock.advance(3600)
        #expect(limiter.spend(by: "a", in: storeID).remaining == 9)
    }

    @Test func `never affects a buyer who calls every second, and costs the database nothing for them`() async throws {
        let shared = Shared()
        let limits = Limits(Limits.Rates(), shared: shared)
        #expect(limits.customer != nil)
        let limiter = RateLimiter(Limits.Rates().customer, name: "customer", shared: shared, now: clock.now)
        for _ in 0..<86400 {
            #expect(!limiter.spend(by: "7", in: storeID).isRefused)
            clock.advance(1)
        }
        #expect(shared.calls.load(ordering: .relaxed) == 0)
    }

    @Test func `is shared by all servers that share a database`() async throws {
        let shared = Shared()
        let rate = RateLimit(count: 100, seconds: 100)!
        let servers = (0..<3).map { _ in RateLimiter(rate, name: "x", shared: shared, now: clock.now) }
        var granted = 0
        for number in 0..<600 {
            if !servers[number % 3].spend(by: "a", in: storeID).isRefused { granted += 1 }
            for _ in 0..<20 { await Task.yield() }
            if number % 10 == 0 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect((100...160).contains(granted), "\(granted)")
        var strict = 0
        for number in 0..<300 where await !servers[number % 3].spendShared(by: "b", in: storeID).isRefused { strict += 1 }
        #expect(strict == 100)
    }

    @Test func `forgets callers who have regained it, so that strangers do not fill the memory`() {
        let limiter = RateLimiter(RateLimit(count: 2, seconds: 10)!, name: "x", shared: nil, now: clock.now)
        for number in 0..<150_000 {
            _ = limiter.spend(by: "\(number)", in: storeID)
            if number == 60_000 { clock.advance(10) }
        }
        _ = limiter.spend(by: "149999", in: storeID)
        #expect(limiter.spend(by: "149999", in: storeID).isRefused)
        #expect(limiter.count <= 100_000)
    }

    @Test(arguments: ["", "/", "10", "10/", "/60", "0/60", "10/0", "-1/60", "10/60/1", "a/b", "1000001/1", "1e3/60"])
    func `is COUNT/SECONDS, and nothing else is accepted`(text: String) { #expect(RateLimit(text) == nil) }
}
