import Orders

/// One key lookup, and all who wait for its answer: whoever asks the same before it is on its way joins them.
///
/// It lives on the connections' thread; those who join do so through the ``ReadGate``.
final class ReadQuestion {
    /// Called once: on the connections' thread, or at once where there is no room for another lookup.
    typealias Receiver = @Sendable (Result<PostgresResult, PostgresError>) -> Void

    /// Which servers may answer.
    enum Target: Hashable, Sendable {
        case any, primary
        /// This one and no other, by its place among the servers of the storage.
        case server(Int)
    }

    /// What is asked; who asks the same can be given the same answer.
    struct Lookup: Hashable, Sendable {
        let statement: ReadStatement
        let parameters: [PostgresValue]
        var target = Target.any
    }

    /// One who waits for the answer.
    struct Waiter: Sendable {
        let deadline: ContinuousClock.Instant
        let receive: Receiver
    }

    let lookup: Lookup
    /// Who may answer; not the replica any more that failed to.
    var target: Target
    /// When the first of those who wait has no more time.
    private(set) var deadline: ContinuousClock.Instant
    /// When it was sent last.
    var sent = ContinuousClock.now
    /// How often it was sent and lost.
    var losses = 0
    /// Where others join, and everyone is counted; `nil` for what is asked by the storage itself.
    private let gate: ReadGate?
    /// Those who wait; `nil` while more may join.
    private var waiters: [Waiter]?

    /// From the question to the answer, all waiting and trying again included.
    static let patience = Duration.seconds(5)

    /// A question that others may join, each with no less time than the first, whose deadline this is.
    init(_ lookup: Lookup, deadline: ContinuousClock.Instant, at gate: ReadGate) {
        self.lookup = lookup
        self.deadline = deadline
        self.gate = gate
        target = lookup.target
    }

    /// A question of one alone.
    /// - Parameter gate: where this one is counted.
    init(_ lookup: Lookup, _ waiter: Waiter, at gate: ReadGate? = nil) {
        self.lookup = lookup
        deadline = waiter.deadline
        self.gate = gate
        target = lookup.target
        waiters = [waiter]
    }

    /// Whether anybody waits still.
    var isAwaited: Bool { waiters?.isEmpty != true }

    /// Nobody joins any more: what is answered now need not be true for those who ask from here on.
    func close() {
        if waiters == nil { waiters = gate?.takeWaiters(for: lookup) ?? [] }
    }

    /// Tells all who wait, once.
    func answer(_ result: Result<PostgresResult, PostgresError>) {
        close()
        let waiting = waiters ?? []
        waiters = []
        tell(waiting, result)
    }

    /// Tells those who have no more time.
    func expire(_ now: ContinuousClock.Instant) {
        guard isAwaited, deadline <= now else { return }
        close()
        let waiting = waiters ?? []
        waiters = waiting.filter { $0.deadline > now }
        deadline = waiters?.map(\.deadline).min() ?? deadline
        tell(waiting.filter { $0.deadline <= now }, .failure(.late))
    }

    private func tell(_ waiting: [Waiter], _ result: Result<PostgresResult, PostgresError>) {
        for waiter in waiting {
            // Before, as many of them ask for more at once.
            gate?.leave()
            waiter.receive(result)
        }
    }
}
