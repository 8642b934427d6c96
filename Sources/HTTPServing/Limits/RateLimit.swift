/// A rate limit (token bucket): up to `count` requests at once, regained evenly over `seconds`.
package struct RateLimit: Hashable, Sendable, CustomStringConvertible {
    package let count: Int64
    package let seconds: Int64

    /// `nil` unless both numbers are from 1 to a million.
    package init?(count: Int64, seconds: Int64) {
        guard (1...1_000_000).contains(count), (1...1_000_000).contains(seconds) else { return nil }
        self.count = count
        self.seconds = seconds
    }

    /// Parses `COUNT/SECONDS`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int64(parts[0]), let seconds = Int64(parts[1]) else { return nil }
        self.init(count: count, seconds: seconds)
    }

    package var description: String { "\(count)/\(seconds)" }

    /// The microseconds after which the full limit is regained.
    var window: Int64 { seconds * 1_000_000 }

    /// The microseconds after which one request is regained.
    var interval: Int64 { max(1, window / count) }
}

/// What is left of a caller's limit.
package struct Allowance: Hashable, Sendable {
    package let limit: Int64
    package let remaining: Int64
    /// The seconds until the full limit is regained.
    package let reset: Int64
    /// The seconds until the next request is accepted, if this one was refused.
    package let retryAfter: Int64?

    package var isRefused: Bool { retryAfter != nil }

    /// - Parameter debt: the microseconds until the full limit is regained, including this request.
    init(_ limit: RateLimit, debt: Int64) {
        self.limit = limit.count
        let isRefused = debt > limit.window
        remaining = max(0, (limit.window - debt) / limit.interval)
        // Refused requests are not counted.
        reset = max(0, ((isRefused ? debt - limit.interval : debt) + 999_999) / 1_000_000)
        retryAfter = isRefused ? max(1, (debt - limit.window + 999_999) / 1_000_000) : nil
    }
}
