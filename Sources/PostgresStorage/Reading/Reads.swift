import Foundation
import Orders
import Synchronization

/// Accepts lookups from any thread, merges identical ones, and bounds the number of waiting callers.
final class ReadGate: Sendable {
    /// The maximum number of lookups waiting or in flight.
    static let capacity = 2048

    private let loop: LoopHandle
    private let count = Atomic<Int>(0)
    /// The callers whose lookups have not been sent yet.
    private let unsent = Mutex<[ReadQuestion.Lookup: [ReadQuestion.Waiter]]>([:])

    /// - Parameters:
    ///   - servers: the primary, then its replicas.
    ///   - connections: the number of connections to each server.
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

    /// The number of callers waiting at the moment.
    var waiting: Int { count.load(ordering: .relaxed) }

    /// Submits a lookup.
    ///
    /// A caller joins an identical lookup that has not been sent yet.
    /// - Parameter deadline: when the caller gives up.
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

    /// Whom a caller has joined.
    private enum Company { case nobody, others, tooPatient }

    private func join(_ waiting: inout [ReadQuestion.Waiter], _ waiter: ReadQuestion.Waiter) -> Company {
        // A question expires with its first caller's deadline. Callers that ask at the same time count as having the same
        // deadline.
        if let first = waiting.first, waiter.deadline + .milliseconds(100) < first.deadline { return .tooPatient }
        waiting.append(waiter)
        return waiting.count == 1 ? .nobody : .others
    }

    /// Removes and returns the callers of a lookup that is about to be sent; later callers start another.
    func takeWaiters(for lookup: ReadQuestion.Lookup) -> [ReadQuestion.Waiter] {
        unsent.withLock { $0.removeValue(forKey: lookup) ?? [] }
    }

    /// Counts down when a waiting caller is answered.
    func leave() { count.wrappingSubtract(1, ordering: .relaxed) }
}

extension PostgresError {
    /// Too many lookups are waiting.
    static let overloaded = PostgresError("more reads are waiting for the database than it can answer")
}

/// Distributes lookups to connections, on their loop.
final class Reads: Driven {
    private unowned let loop: ConnectionLoop
    private var connections: [ReadConnection] = []
    private var queue: [ReadQuestion] = []
    /// Since when no usable server is connected; lookups then fail after a short wait.
    private var downSince: ContinuousClock.Instant? = .now
    private var lastError: PostgresError?
    /// When a lookup that waits for the group ahead of it may go to another connection.
    private var nextPlacing: ContinuousClock.Instant?
    /// The replicas that may be read in addition to the primary, by server number.
    var fitReplicas: Set<Int> = []

    /// How many lookups wait for the group ahead of them, and for how long, before another connection joins in.
    private static let groupSize = 16
    private static let groupTime = Duration.milliseconds(1)

    /// How long lookups wait while no connection is available.
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

    /// Runs after all connections, so that all the lookups they have caused are sent together.
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
            // Twice, in case sending loses a connection and there are others.
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

    /// The connection whose group a lookup joins; `nil` if it has to wait for one.
    ///
    /// Groups are sent one after the other while that keeps up. The busier the server, the larger the groups and the lower the
    /// cost per lookup: one call sends a group, few calls read its answers, and identical lookups share one. Another connection
    /// joins in if more lookups are waiting than a group should hold, or if a group is slow.
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

    /// Called when a connection was lost or could not be established.
    func disconnected(_ error: PostgresError) {
        lastError = error
    }

    /// Called when the server answered with an error.
    func failed(_ question: ReadQuestion, _ error: PostgresError, onPrimary: Bool) {
        guard !onPrimary, case .any = question.target else { return question.answer(.failure(error)) }
        // A replica may cancel queries that conflict with replay; the primary does not have this problem.
        question.target = .primary
        askAgain(question)
    }

    /// Called when another lookup of its group failed.
    func aborted(_ question: ReadQuestion) { askAgain(question) }

    /// Called when the connection was lost before the answer arrived. Lookups change nothing, so they may be retried.
    func lost(_ question: ReadQuestion, _ error: PostgresError) {
        question.losses += 1
        if question.losses > 3 { question.answer(.failure(error)) } else { askAgain(question) }
    }

    private func askAgain(_ question: ReadQuestion) {
        if question.isAwaited { queue.append(question) }
    }
}
