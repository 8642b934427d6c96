package import Accounts
import Foundation
package import Orders
import Synchronization

/// Counts the requests of callers against one limit.
///
/// Each server counts in memory. Servers that share a database also share these counts there: ``spendShared(by:in:)`` does it
/// before it answers; ``spend(by:in:)`` does it afterwards, and only for callers who have spent much of their limit, so that
/// callers far below it never cost the database anything.
package final class RateLimiter: Sendable {
    fileprivate struct Caller: Hashable {
        let storeID: StoreID
        let name: String
    }

    fileprivate struct Account {
        /// When the full limit is regained, in microseconds of the monotonic clock.
        var spentUntil: Int64
        /// The microseconds spent here but not shared yet.
        var unshared: Int64 = 0
        var isSharing = false
    }

    /// The maximum number of callers counted.
    private static let capacity = 100_000

    private let limit: RateLimit
    private let name: String
    private let shared: (any SharedLimits)?
    private let now: @Sendable () -> Int64
    private let accounts = Mutex<[Caller: Account]>([:])

    /// - Parameters:
    ///   - name: identifies this limit in the database.
    ///   - now: the microseconds of a clock that never goes back.
    package init(
        _ limit: RateLimit, name: String, shared: (any SharedLimits)?,
        now: @escaping @Sendable () -> Int64 = RateLimiter.monotonic
    ) {
        self.limit = limit
        self.name = name
        self.shared = shared
        self.now = now
    }

    package static let monotonic: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }

    /// Counts a request, or refuses it; refused requests are not counted.
    package func spend(by name: String, in storeID: StoreID) -> Allowance {
        spend(Caller(storeID: storeID, name: name), isSharedLater: shared != nil)
    }

    private func spend(_ caller: Caller, isSharedLater: Bool) -> Allowance {
        let time = now()
        let (allowance, amount) = accounts.withLock { accounts -> (Allowance, Int64?) in
            if accounts.count >= Self.capacity { accounts.makeRoom(time) }
            return count(&accounts[caller, default: Account(spentUntil: time)], time, isSharedLater)
        }
        if let amount { Task { await share(amount, caller) } }
        return allowance
    }

    /// - Returns: the allowance, and the microseconds to share now.
    private func count(_ account: inout Account, _ time: Int64, _ isSharedLater: Bool) -> (Allowance, Int64?) {
        let debt = max(account.spentUntil, time) - time + limit.interval
        let allowance = Allowance(limit, debt: debt)
        if !allowance.isRefused {
            account.spentUntil = time + debt
            if isSharedLater { account.unshared += limit.interval }
        }
        guard isSharedLater, !account.isSharing, debt > limit.window / 4, account.unshared * 8 >= limit.window else {
            return (allowance, nil)
        }
        defer { account.unshared = 0 }
        account.isSharing = true
        return (allowance, account.unshared)
    }

    /// Undoes the counting of one request.
    package func giveBack(to name: String, in storeID: StoreID) {
        giveBack(to: name, in: storeID, wasSharedLater: shared != nil)
    }

    private func giveBack(to name: String, in storeID: StoreID, wasSharedLater: Bool) {
        accounts.withLock { accounts in
            let caller = Caller(storeID: storeID, name: name)
            accounts[caller]?.spentUntil -= limit.interval
            if wasSharedLater { accounts[caller]?.unshared -= limit.interval }
        }
    }

    /// Counts a request for all servers of the database before it answers; for requests that are rare or dangerous.
    package func spendShared(by name: String, in storeID: StoreID) async -> Allowance {
        let here = spend(Caller(storeID: storeID, name: name), isSharedLater: false)
        guard let shared, !here.isRefused else { return here }
        // If the database does not answer, this server's own count has to suffice.
        let debt = try? await shared.spend(limit.interval, by: "\(self.name) \(name)", in: storeID, most: limit.window)
        guard let debt else { return here }
        let everywhere = Allowance(limit, debt: debt)
        if everywhere.isRefused { giveBack(to: name, in: storeID, wasSharedLater: false) }
        return everywhere.remaining < here.remaining || everywhere.isRefused ? everywhere : here
    }

    /// The number of callers currently counted.
    var count: Int { accounts.withLock { $0.count } }

    private func share(_ amount: Int64, _ caller: Caller) async {
        let debt = try? await shared?.spend(amount, by: "\(name) \(caller.name)", in: caller.storeID, most: limit.window)
        let time = now()
        accounts.withLock { accounts in
            guard var account = accounts[caller] else { return }
            account.isSharing = false
            if let debt {
                account.spentUntil = max(account.spentUntil, time + min(debt, limit.window) + account.unshared)
            }
            accounts[caller] = account
        }
    }
}

extension [RateLimiter.Caller: RateLimiter.Account] {
    /// Removes callers who have regained the full limit; if hardly any have, removes half of them at random.
    fileprivate mutating func makeRoom(_ time: Int64) {
        let before = count
        self = filter { $0.value.spentUntil > time }
        if count > before - before / 10 { self = filter { _ in Bool.random() } }
    }
}
