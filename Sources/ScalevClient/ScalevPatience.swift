import Foundation
import NIOHTTP1
import OrderServices
import Synchronization

/// When the other side may be asked again. All who read at the same time wait together.
final class ScalevPatience: Sendable {
    /// How often a request is tried, during some ten minutes if the other side says nothing else.
    static let maximumTries: Int64 = 10
    /// The longest pause in seconds, whatever the other side asks for: the limit of a key is one of an hour.
    private static let longestPause: Int64 = 3600

    private let backoff = Backoff(pauses: [1, 2, 5, 10, 30, 60, 120])
    private let waiting: @Sendable (Int64) -> Void
    private let pausesUntil = Mutex<ContinuousClock.Instant?>(nil)

    init(waiting: @escaping @Sendable (Int64) -> Void) { self.waiting = waiting }

    /// Waits until the other side may be asked.
    /// - Throws: `CancellationError`.
    func wait() async throws {
        while let time = pausesUntil.withLock({ $0 }), time > .now { try await Task.sleep(until: time) }
    }

    /// Pauses after a request that failed.
    /// - Parameters:
    ///   - failures: the number of failures before it.
    ///   - seconds: what the other side has asked for.
    func pause(after failures: Int64, atLeast seconds: Int64?) { pause(max(backoff.pause(after: failures), seconds ?? 0)) }

    /// Pauses if an answer says that no more requests are left.
    func note(_ headers: HTTPHeaders) {
        guard headers.first(name: "X-Ratelimit-Remaining").flatMap({ Int64($0) }) == 0,
            let reset = headers.first(name: "X-Ratelimit-Reset").flatMap({ Int64($0) })
        else { return }
        // Seconds from now, or since 1970: how Scalev counts is not documented.
        pause(reset > 1_000_000_000 ? reset - Int64(Date.now.timeIntervalSince1970) : reset)
    }

    private func pause(_ seconds: Int64) {
        let seconds = min(max(seconds, 1), Self.longestPause)
        let time = ContinuousClock.now + .seconds(seconds)
        let isLonger = pausesUntil.withLock { until in
            guard until.map({ $0 < time }) ?? true else { return false }
            until = time
            return true
        }
        if isLonger { waiting(seconds) }
    }

    /// The seconds that a `Retry-After` asks for (RFC 9110, section 10.2.3); `nil` if it can't be read.
    static func seconds(_ retryAfter: String) -> Int64? {
        if let seconds = Int64(retryAfter) { return seconds }
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = .gmt
        format.dateFormat = "EEE, dd MMM yyyy HH:mm:ss 'GMT'"
        return format.date(from: retryAfter).map { Int64($0.timeIntervalSinceNow.rounded(.up)) }
    }
}
