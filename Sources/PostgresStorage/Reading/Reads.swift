import Foundation
import Orders
import Synchronization

/// Takes lookups from any thread and bounds how many there are.
final class ReadGate: Sendable {
    /// As many lookups are waiting or under way at the most.
    static let capacity = 2048

    private let loop: LoopHandle
    private let count = Atomic<Int>(0)

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

    /// Has a lookup answered.
    func submit(_ request: ReadRequest) {
        guard count.wrappingAdd(1, ordering: .relaxed).newValue <= Self.capacity else {
            count.wrappingSubtract(1, ordering: .relaxed)
            return request.receive(.failure(.overloaded))
        }
        var counted = request
        counted.receive = { [self] result in
            count.wrappingSubtract(1, ordering: .relaxed)
            request.receive(result)
        }
        loop.run { [counted] in $0.reads?.submit(counted) }
    }
}

extension PostgresError {
    /// More lookups wait than are taken.
    static let overloaded = PostgresError("more reads are waiting for the database than it can answer")
}

/// Gives lookups to connections, on their loop.
final class Reads: Driven {
    private unowned let loop: ConnectionLoop
    private var connections: [ReadConnection] = []
    private var queue: [ReadRequest] = []
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

    func submit(_ request: ReadRequest) { queue.append(request) }

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
                for request in takeQueue() { request.receive(.failure(error)) }
            }
            nextPlacing = nil
            // Once more where a connection was lost by it and others are there.
            for _ in 0..<2 where !queue.isEmpty {
                let waiting = takeQueue()
                for request in waiting { place(request, waiting.count, now) }
            }
        }
        for connection in connections { connection.flush() }
    }

    func end() {
        for request in takeQueue() { request.receive(.failure(PostgresError("the storage was closed"))) }
    }

    private func takeQueue() -> [ReadRequest] {
        defer { queue.removeAll(keepingCapacity: true) }
        return queue
    }

    private func place(_ request: ReadRequest, _ waiting: Int, _ now: ContinuousClock.Instant) {
        if request.deadline <= now {
            request.receive(.failure(.late))
        } else if let connection = connection(for: request.target, waiting, now) {
            connection.send(request)
        } else if case .server(let number) = request.target, !connections.contains(where: { $0.server == number && $0.isReady }) {
            request.receive(.failure(PostgresError("there is no connection to the replica")))
        } else {
            queue.append(request)
        }
    }

    private func connection(
        for target: ReadRequest.Target, _ waiting: Int, _ now: ContinuousClock.Instant
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
    func failed(_ request: ReadRequest, _ error: PostgresError, onPrimary: Bool) {
        guard !onPrimary, case .any = request.target else { return request.receive(.failure(error)) }
        // A replica may break off what is in the way of what it has to replay; the primary has no such trouble.
        var request = request
        request.target = .primary
        queue.append(request)
    }

    /// Another lookup of its group failed.
    func aborted(_ request: ReadRequest) { queue.append(request) }

    /// The connection was lost before the answer came: lookups change nothing, so they may be asked again.
    func lost(_ request: ReadRequest, _ error: PostgresError) {
        var request = request
        request.losses += 1
        if request.losses > 3 { request.receive(.failure(error)) } else { queue.append(request) }
    }
}
