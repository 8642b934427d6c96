import Foundation
import Orders
import Synchronization

/// Takes lookups from any thread, makes one of those that ask the same, and bounds how many wait.
final class ReadGate: Sendable {
    /// As many lookups are waiting or under way at the most.
    static let capacity = 2048

    private let loop: LoopHandle
    private let count = Atomic<Int>(0)
    /// Those who wait for what is not on its way yet.
    private let unsent = Mutex<[ReadQuestion.Lookup: [ReadQuestion.Waiter]]>([:])

    /// - Parameters:
    ///   - servers: the primary, then its replicas.
    ///   - connections: how many connections each of them is given.
    init(_ servers: [PostgresAddress], connections: Int, on loop: LoopHandle) {
        self.loop = loop
        loop.run { loop in
            let reads = Reads(loop)
            for (number, address) in servers.enumerated() {
                for _ in 0..<connections {
                    reads.add(ReadConnection(server: number, address, reads, loop))
                }
            }
            if servers.count > 1 { loop.add(ReplicaWatch(reads, replicas: servers.count - 1, loop)) }
            loop.add(reads)
        }
    }

    /// How many wait at the moment.
    var waiting: Int { count.load(ordering: .relaxed) }

    /// Has a lookup answered.
    ///
    /// Whoever asks what is not on its way yet joins those who wait for it.
    /// - Parameter deadline: when whoever asks is told that it takes too long.
    func submit(
        _ lookup: ReadQuestion.Lookup, deadline: ContinuousClock.Instant = .now + ReadQuestion.patience,
        receive: @escaping ReadQuestion.Receiver
    ) {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= Self.capacity else {
            leave()
            return receive(.failure(.overloaded))
        }
        let waiter = ReadQuestion.Waiter(deadline: deadline, receive: receive)
        switch unsent.withLock({ join(&$0[lookup, default: []], waiter) }) {
        case .others: break
        case .nobody: loop.run { [self] in $0.reads?.submit(ReadQuestion(lookup, deadline: deadline, at: self)) }
        case .tooPatient: loop.run { [self] in $0.reads?.submit(ReadQuestion(lookup, waiter, at: self)) }
        }
    }

    /// Whom one who asks has joined.
    private enum Company { case nobody, others, tooPatient }

    private func join(_ waiting: inout [ReadQuestion.Waiter], _ waiter: ReadQuestion.Waiter) -> Company {
        // The others are looked after when the first of them has no more time. Those who ask at the same time are not told apart by it.
        if let first = waiting.first, waiter.deadline + .milliseconds(100) < first.deadline { return .tooPatient }
        waiting.append(waiter)
        return waiting.count == 1 ? .nobody : .others
    }

    /// All who wait for a lookup that goes on its way; who comes later asks anew.
    func takeWaiters(for lookup: ReadQuestion.Lookup) -> [ReadQuestion.Waiter] {
        unsent.withLock { $0.removeValue(forKey: lookup) ?? [] }
    }

    /// One of those who waited is told.
    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

extension PostgresError {
    /// More lookups wait than are taken.
    static let overloaded = PostgresError("more reads are waiting for the database than it can answer")
}

/// Gives lookups to connections, on their loop.
final class Reads: Driven {
    private unowned let loop: ConnectionLoop
    private var connections: [ReadConnection] = []
    private var queue: [ReadQuestion] = []
    /// Since when no server is there that could answer; then nobody is kept waiting for long.
    private var downSince: ContinuousClock.Instant? = .now
    private var lastError: PostgresError?
    /// When a lookup that waits for the group before it may go to another connection.
    private var nextPlacing: ContinuousClock.Instant?
    /// Which servers, by their numbers, may be asked beside the primary.
    var fitReplicas: Set<Int> = []

    /// How many lookups wait for the group before them, and how long, before another connection joins in.
    private static let groupSize = 16
    private static let groupTime = Duration.milliseconds(1)

    /// How long lookups wait where no connection is there.
    private static let patience = Duration.milliseconds(1500)

    init(_ loop: ConnectionLoop) {
        self.loop = loop
        loop.reads = self
    }

    func add(_ connection: ReadConnection) {
        connections.append(connection)
        loop.add(connection)
    }

    let socket: (descriptor: Int32, events: Int16)? = nil

    var deadline: ContinuousClock.Instant? {
        guard let first = queue.map(\.deadline).min() else { return nil }
        if let downSince { return min(first, downSince + Self.patience) }
        return nextPlacing.map { min(first, $0) } ?? first
    }

    func submit(_ question: ReadQuestion) { queue.append(question) }

    /// Comes after all connections, so that all that they have brought goes out in one go.
    func advance(_ now: ContinuousClock.Instant, isReady: Bool) {
        if connections.contains(where: { $0.isReady && ($0.server == 0 || fitReplicas.contains($0.server)) }) {
            downSince = nil
        } else if downSince == nil {
            downSince = now
        }
        if !queue.isEmpty {
            if let downSince, downSince + Self.patience <= now {
                let error = lastError ?? PostgresError("there is no connection to the database")
                for question in takeQueue() { question.answer(.failure(error)) }
            }
            nextPlacing = nil
            // Once more where a connection was lost by it and others are there.
            for _ in 0..<2 where !queue.isEmpty {
                let waiting = takeQueue()
                for question in waiting { place(question, waiting.count, now) }
            }
        }
        for connection in connections { connection.flush() }
    }

    func end() {
        for question in takeQueue() { question.answer(.failure(PostgresError("the storage was closed"))) }
    }

    private func takeQueue() -> [ReadQuestion] {
        defer { queue.removeAll(keepingCapacity: true) }
        return queue
    }

    private func place(_ question: ReadQuestion, _ waiting: Int, _ now: ContinuousClock.Instant) {
        question.expire(now)
        guard question.isAwaited else { return }
        if let connection = connection(for: question.target, waiting, now) {
            connection.send(question)
        } else if case .server(let number) = question.target, !connections.contains(where: { $0.server == number && $0.isReady })
        {
            question.answer(.failure(PostgresError("there is no connection to the replica")))
        } else {
            queue.append(question)
        }
    }

    private func connection(
        for target: ReadQuestion.Target, _ waiting: Int, _ now: ContinuousClock.Instant
    ) -> ReadConnection? {
        switch target {
        case .primary: connection(waiting, now) { $0 == 0 }
        case .server(let number): connection(waiting, now) { $0 == number }
        case .any:
            if connections.contains(where: { $0.isReady && fitReplicas.contains($0.server) }) {
                connection(waiting, now) { fitReplicas.contains($0) }
            } else {
                connection(waiting, now) { $0 == 0 }
            }
        }
    }

    /// The connection whose group a lookup joins; `nil` where it has to wait for one.
    ///
    /// One group after the other, as long as that keeps up: the busier the server is, the larger the groups, and the less each lookup
    /// costs, as one call sends a group, few read its answers, and who asks the same shares one. Another connection joins in where
    /// more is waiting than a group should hold, or where a group takes its time.
    private func connection(_ waiting: Int, _ now: ContinuousClock.Instant, _ isMeant: (Int) -> Bool) -> ReadConnection? {
        var idle: ReadConnection?
        var busy = 0
        var busySince = now
        for connection in connections where isMeant(connection.server) {
            if connection.isGathering { return connection }
            if connection.isIdle { idle = idle ?? connection }
            if let since = connection.busySince {
                busy += 1
                busySince = min(busySince, since)
            }
        }
        if busy == 0 || waiting > busy * Self.groupSize || busySince + Self.groupTime <= now { return idle }
        if idle != nil { nextPlacing = busySince + Self.groupTime }
        return nil
    }

    /// Whether there is a connection to the primary.
    var hasPrimary: Bool { connections.contains { $0.server == 0 && $0.isReady } }

    /// A connection was lost, or could not be made.
    func disconnected(_ error: PostgresError) {
        lastError = error
    }

    /// The server answered with an error.
    func failed(_ question: ReadQuestion, _ error: PostgresError, onPrimary: Bool) {
        guard !onPrimary, case .any = question.target else { return question.answer(.failure(error)) }
        // A replica may break off what is in the way of what it has to replay; the primary has no such trouble.
        question.target = .primary
        askAgain(question)
    }

    /// Another lookup of its group failed.
    func aborted(_ question: ReadQuestion) { askAgain(question) }

    /// The connection was lost before the answer came: lookups change nothing, so they may be asked again.
    func lost(_ question: ReadQuestion, _ error: PostgresError) {
        question.losses += 1
        if question.losses > 3 { question.answer(.failure(error)) } else { askAgain(question) }
    }

    private func askAgain(_ question: ReadQuestion) {
        if question.isAwaited { queue.append(question) }
    }
}
