import Orders

/// One key lookup, and all who wait for its answer: whoever asks the same before it is on its way joins them.
///
/// It lives on the connections' thread; those who join do so through the ``ReadGate``.
final class ReadQuestion {
    /// Called once, on the connections' thread.
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

    let lookup: Lookup
    /// Who may answer; not the replica any more that failed to.
    var target: Target
    /// By when all who wait have to be told.
    let deadline: ContinuousClock.Instant
    /// When it was sent last.
    private(set) var sent = ContinuousClock.now
    /// How often it was sent and lost.
    var losses = 0
    private let gate: ReadGate
    /// Those who wait; `nil` while more may join.
    private var receivers: [Receiver]?

    /// From the question to the answer, all waiting and trying again included.
    static let patience = Duration.seconds(5)

    /// - Parameter deadline: that of the first who asked; who joins waits no longer.
    init(_ lookup: Lookup, deadline: ContinuousClock.Instant, at gate: ReadGate) {
        self.lookup = lookup
        self.deadline = deadline
        self.gate = gate
        target = lookup.target
    }

    /// Whether anybody waits still.
    var isAwaited: Bool { receivers?.isEmpty != true }

    /// Nobody joins any more: what is answered now need not be true for those who ask from here on.
    func close() {
        if receivers == nil { receivers = gate.takeReceivers(of: lookup) }
        sent = .now
    }

    /// Tells all who wait, once.
    func answer(_ result: Result<PostgresResult, PostgresError>) {
        close()
        let waiting = receivers ?? []
        receivers = []
        for receive in waiting { receive(result) }
        gate.leave(waiting.count)
    }
}
