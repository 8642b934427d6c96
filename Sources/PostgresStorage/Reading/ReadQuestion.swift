import Orders

/// A key lookup and all callers that wait for its answer: a caller with the same lookup joins until it is sent.
///
/// It lives on the connections' thread; callers join through the ``ReadGate``.
final class ReadQuestion {
    /// Called once: on the connections' thread, or immediately if there is no room for another lookup.
    typealias Receiver = @Sendable (Result<PostgresResult, PostgresError>) -> Void

    /// The servers that may answer.
    enum Target: Hashable, Sendable {
        case any, primary
        /// Only the server with this index among the servers of the storage.
        case server(Int)
    }

    /// The query of a question; equal lookups can share an answer.
    struct Lookup: Hashable, Sendable {
        let statement: ReadStatement
        let parameters: [PostgresValue]
        var target = Target.any
    }

    /// A caller that waits for the answer.
    struct Waiter: Sendable {
        let deadline: ContinuousClock.Instant
        let receive: Receiver
    }

    let lookup: Lookup
    /// The servers that may answer, without a replica that failed to.
    var target: Target
    /// The earliest deadline of the waiting callers.
    private(set) var deadline: ContinuousClock.Instant
    /// When it was last sent.
    var sent = ContinuousClock.now
    /// How often it was lost after being sent.
    var losses = 0
    /// Where callers join and are counted; `nil` for lookups of the storage itself.
    private let gate: ReadGate?
    /// The waiting callers; `nil` while more may join.
    private var waiters: [Waiter]?

    /// The time limit from question to answer, including all waits and retries.
    static let patience = Duration.seconds(5)

    /// A question that others may join. `deadline` is that of the first caller, and nobody with an earlier one joins.
    init(_ lookup: Lookup, deadline: ContinuousClock.Instant, at gate: ReadGate) {
        self.lookup = lookup
        self.deadline = deadline
        self.gate = gate
        target = lookup.target
    }

    /// A question of a single caller.
    /// - Parameter gate: where the caller is counted.
    init(_ lookup: Lookup, _ waiter: Waiter, at gate: ReadGate? = nil) {
        self.lookup = lookup
        deadline = waiter.deadline
        self.gate = gate
        target = lookup.target
        waiters = [waiter]
    }

    /// Whether any caller is still waiting.
    var isAwaited: Bool { waiters?.isEmpty != true }

    /// Stops callers from joining: an answer from now on may be stale for those who ask later.
    func close() {
        if waiters == nil { waiters = gate?.takeWaiters(for: lookup) ?? [] }
    }

    /// Answers all waiting callers, once.
    func answer(_ result: Result<PostgresResult, PostgresError>) {
        close()
        let waiting = waiters ?? []
        waiters = []
        tell(waiting, result)
    }

    /// Fails the callers whose deadline has passed.
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
            // Leave first, because many callers submit the next lookup at once.
            gate?.leave()
            waiter.receive(result)
        }
    }
}
