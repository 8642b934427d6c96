/// How long to wait before something that failed is tried again: longer each time, and never exactly as long, so that what failed together
/// is not tried again together.
package struct Backoff: Sendable {
    /// Seconds after the first failure, the second and so on; the last one counts from then on.
    private let pauses: [Int64]
    private let jitter: @Sendable () -> Double

    /// - Parameter jitter: by which factor a pause is shorter or longer.
    package init(pauses: [Int64], jitter: @escaping @Sendable () -> Double = { .random(in: 0.8...1.2) }) {
        precondition(!pauses.isEmpty)
        self.pauses = pauses
        self.jitter = jitter
    }

    /// Seconds to wait after so many failures before this one; at least 1.
    package func pause(after failures: Int64) -> Int64 {
        let pause = pauses[min(Int(failures), pauses.count - 1)]
        return max(1, Int64((Double(pause) * jitter()).rounded()))
    }
}
