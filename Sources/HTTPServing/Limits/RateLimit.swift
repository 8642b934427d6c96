/// How often something may be done: so many times at once, earned back evenly over so many seconds (a token bucket).
package struct RateLimit: Hashable, Sendable, CustomStringConvertible {
    package let count: Int64
    package let seconds: Int64

    /// `nil` unless both are from 1 to a million.
    package init?(count: Int64, seconds: Int64) {
        guard (1...1_000_000).contains(count), (1...1_000_000).contains(seconds) else { return nil }
        self.count = count
        self.seconds = seconds
    }

    /// Reads `COUNT/SECONDS`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let count = Int64(parts[0]), let seconds = Int64(parts[1]) else { return nil }
        self.init(count: count, seconds: seconds)
    }

    package var description: String { "\(count)/\(seconds)" }

    /// Microseconds in which all is earned back.
    var window: Int64 { seconds * 1_000_000 }

    /// Microseconds in which one time is earned back.
    var interval: Int64 { max(1, window / count) }
}

/// What a caller has left of a limit.
package struct Allowance: Hashable, Sendable {
    package let limit: Int64
    package let remaining: Int64
    /// Seconds until everything is earned back.
    package let reset: Int64
    /// Seconds until it may be done again, where it may not now.
    package let retryAfter: Int64?

    package var isRefused: Bool { retryAfter != nil }

    /// - Parameter debt: microseconds until everything is earned back, this time included.
    init(_ limit: RateLimit, debt: Int64) {
        self.limit = limit.count
        let isRefused = debt > limit.window
        remaining = max(0, (limit.window - debt) / limit.interval)
        // What is refused is not counted.
        reset = max(0, ((isRefused ? debt - limit.interval : debt) + 999_999) / 1_000_000)
        retryAfter = isRefused ? max(1, (debt - limit.window + 999_999) / 1_000_000) : nil
    }
}
