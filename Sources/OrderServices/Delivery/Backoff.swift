/// How long to wait before a retry: longer after each failure, and with jitter, so that items that failed together are not
/// retried together.
package struct Backoff: Sendable {
    /// The pause in seconds after the first failure, the second and so on; the last one applies to all further failures.
    private let pauses: [Int64]
    private let jitter: @Sendable () -> Double

    /// - Parameter jitter: returns the factor by which a pause is multiplied.
    package init(pauses: [Int64], jitter: @escaping @Sendable () -> Double = { .random(in: 0.8...1.2) }) {
        precondition(!pauses.isEmpty)
        self.pauses = pauses
        self.jitter = jitter
    }

    /// The seconds to wait, at least 1.
    /// - Parameter failures: the number of failures before the latest one.
    package func pause(after failures: Int64) -> Int64 {
        let pause = pauses[min(Int(failures), pauses.count - 1)]
        return max(1, Int64((Double(pause) * jitter()).rounded()))
    }
}
