import CPostgres
import Foundation
import Orders

/// A connection with many lookups in flight at once (libpq's pipeline mode). It reconnects by itself when it is lost.
final class ReadConnection: Driven {
    private enum State {
        case down(until: ContinuousClock.Instant)
        case lookingUpNames
        case connecting(Connection)
        case ready(Connection)
    }

    /// Its index among the servers of the storage; the primary has 0.
    let server: Int
    private let address: PostgresAddress
    private unowned let reads: Reads
    private unowned let loop: ConnectionLoop
    private var state = State.down(until: .now)
    private var attempts = 0
    private var due: [Due] = []
    private var dueStart = 0
    /// The number of lookups sent but not yet answered.
    private(set) var underWay = 0
    private var names: [ReadStatement: String] = [:]
    private var preparationError: PostgresError?
    /// At or before the earliest deadline of the waiting callers.
    private var nextExpiry: ContinuousClock.Instant?
    private var hasOutput = false
    private var hasUnsentEnd = false
    /// The maximum number of lookups in a group.
    private static let limit = 64

    /// A response that the server has yet to send.
    private enum Due {
        case prepared(ReadStatement)
        case answer(ReadQuestion)
        case end
    }

    init(server: Int, _ address: PostgresAddress, _ reads: Reads, _ loop: ConnectionLoop) {
        self.server = server
        self.address = address
        self.reads = reads
        self.loop = loop
    }

    private var isPrimary: Bool { server == 0 }

    /// How long the server may be silent while responses are due; for the primary, slightly longer than any statement may take.
    private var patience: Duration { isPrimary ? .seconds(6) : .seconds(1) }

    var isReady: Bool { if case .ready = state { true } else { false } }

    /// Whether it is gathering a group that has room for another lookup.
    var isGathering: Bool { isReady && hasUnsentEnd && underWay < Self.limit }

    /// Whether it is connected and has no lookups in flight.
    var isIdle: Bool { isReady && underWay == 0 }

    /// Since when a group has been in flight; `nil` if none is.
    var busySince: ContinuousClock.Instant? { hasUnsentEnd ? nil : oldest?.sent }

    var socket: (descriptor: Int32, events: Int16)? {
        switch state {
        case .down, .lookingUpNames: nil
        case .connecting(let connection): connection.connectSocket
        case .ready(let connection): (connection.descriptor, Int16(hasOutput ? POLLIN | POLLOUT : POLLIN))
        }
    }

    var deadline: ContinuousClock.Instant? {
        switch state {
        case .down(let until): until
        case .lookingUpNames: nil
        case .connecting(let connection): connection.connectDeadline
        case .ready: oldest.map { question in min(question.sent + patience, nextExpiry ?? question.sent + patience) }
        }
    }

    func advance(_ now: ContinuousClock.Instant, isReady: Bool) {
        switch state {
        case .lookingUpNames: break
        case .down(let until): if until <= now { connect() }
        case .connecting(let connection):
            connection.continueConnecting(now)
            switch connection.state {
            case .connecting: break
            case .ready: open(connection)
            case .failed(let error): lose(error)
            }
        case .ready(let connection):
            if isReady { receive(on: connection) }
            if let oldest, oldest.sent + patience <= now { return lose(.silence) }
            if let nextExpiry, nextExpiry <= now { expire(now) }
        }
    }

    func end() { lose(PostgresError("the storage was closed")) }

    /// Sends a lookup. A call to ``flush()`` must follow.
    func send(_ question: ReadQuestion) {
        guard case .ready(let connection) = state else { return reads.lost(question, PostgresError("the connection was lost")) }
        question.close()
        question.sent = .now
        nextExpiry = nextExpiry.map { min($0, question.deadline) } ?? question.deadline
        let statement = question.lookup.statement
        let parameters = PostgresParameters(question.lookup.parameters)
        var isSent = true
        if names[statement] == nil {
            let name = "s\(names.count)"
            names[statement] = name
            let types = parameters.types
            isSent = PQsendPrepare(connection.handle, name, statement.sql, Int32(types.count), types) == 1
            due.append(.prepared(statement))
        }
        if isSent, let name = names[statement] {
            isSent = parameters.withUnsafePointers { count, values, lengths, formats in
                PQsendQueryPrepared(connection.handle, name, count, values, lengths, formats, 1) == 1
            }
        }
        due.append(.answer(question))
        underWay += 1
        hasUnsentEnd = true
        if !isSent { lose(PostgresError(connection: connection.handle)) }
    }

    /// Ends the lookups sent since the last flush as one group: if one of them fails, those after it are retried.
    func flush() {
        guard hasUnsentEnd, case .ready(let connection) = state else { return }
        hasUnsentEnd = false
        due.append(.end)
        guard PQpipelineSync(connection.handle) == 1 else { return lose(PostgresError(connection: connection.handle)) }
        flushOutput(connection)
    }

    private func flushOutput(_ connection: Connection) {
        let code = PQflush(connection.handle)
        hasOutput = code == 1
        if code < 0 { lose(PostgresError(connection: connection.handle)) }
    }

    /// The oldest question in flight.
    private var oldest: ReadQuestion? {
        guard underWay > 0 else { return nil }
        for entry in due[dueStart...] { if case .answer(let question) = entry { return question } }
        return nil
    }

    private var questions: [ReadQuestion] {
        due[dueStart...].compactMap { if case .answer(let question) = $0 { question } else { nil } }
    }

    /// Fails callers whose deadline has passed. Their questions stay due, because the server is still working on them.
    private func expire(_ now: ContinuousClock.Instant) {
        for question in questions { question.expire(now) }
        nextExpiry = questions.filter(\.isAwaited).map(\.deadline).min()
    }

    private func receive(on connection: Connection) {
        guard PQconsumeInput(connection.handle) == 1 else { return lose(PostgresError(connection: connection.handle)) }
        if hasOutput { flushOutput(connection) }
        var isAtEnd = false
        while dueStart < due.count, case .ready = state, PQisBusy(connection.handle) == 0 {
            if let result = PQgetResult(connection.handle) {
                isAtEnd = false
                take(result, on: connection)
            } else if isAtEnd {
                break
            } else {
                // The end of a statement's results.
                isAtEnd = true
            }
        }
        if dueStart == due.count {
            due.removeAll(keepingCapacity: true)
            dueStart = 0
            nextExpiry = nil
        } else if dueStart > 256 {
            due.removeFirst(dueStart)
            dueStart = 0
        }
        if case .ready = state, PQstatus(connection.handle) == CONNECTION_BAD {
            lose(PostgresError(connection: connection.handle))
        }
    }

    private func take(_ result: OpaquePointer, on connection: Connection) {
        let status = PQresultStatus(result)
        let next = due[dueStart]
        if status == PGRES_FATAL_ERROR,
            PQstatus(connection.handle) == CONNECTION_BAD || PostgresError(result: result).endsConnection
        {
            let error = PostgresError(result: result)
            PQclear(result)
            return lose(error)
        }
        dueStart += 1
        switch (next, status) {
        case (.end, PGRES_PIPELINE_SYNC): PQclear(result)
        case (.prepared, PGRES_COMMAND_OK): PQclear(result)
        case (.prepared(let statement), PGRES_PIPELINE_ABORTED):
            PQclear(result)
            names[statement] = nil
        case (.prepared(let statement), PGRES_FATAL_ERROR):
            let error = PostgresError(result: result)
            PQclear(result)
            names[statement] = nil
            preparationError = error
        case (.answer(let question), PGRES_TUPLES_OK):
            underWay -= 1
            let rows = PostgresResult(result)
            question.answer(.success(rows))
        case (.answer(let question), PGRES_PIPELINE_ABORTED):
            PQclear(result)
            underWay -= 1
            // A preparation is always followed by its lookup, so its error belongs to the next aborted lookup.
            if let error = preparationError {
                reads.failed(question, error, onPrimary: isPrimary)
            } else {
                reads.aborted(question)
            }
            preparationError = nil
        case (.answer(let question), PGRES_FATAL_ERROR):
            let error = PostgresError(result: result)
            PQclear(result)
            underWay -= 1
            reads.failed(question, error, onPrimary: isPrimary)
        default:
            PQclear(result)
            dueStart -= 1
            lose(PostgresError("the server's answers are out of step"))
        }
    }

    private func connect() {
        let names = address.hostNames
        guard !names.isEmpty else { return connect([:]) }
        state = .lookingUpNames
        let handle = loop.handle
        let id = ObjectIdentifier(self)
        HostNames.lookUp(names) { addresses, _ in
            handle.run { loop in
                guard let connection = loop.first(where: { ObjectIdentifier($0) == id }) as? ReadConnection else { return }
                connection.connect(addresses)
            }
        }
    }

    private func connect(_ addresses: [String: [String]]) {
        let keywords = address.keywords(.reading, isPrimary: isPrimary, addresses: addresses, attempt: attempts)
        attempts += 1
        guard let keywords else { return lose(.unknownHost) }
        let connection = Connection(keywords, deadline: .now + address.connectTimeout)
        state = .connecting(connection)
        // Without a socket to wait for, nothing would check the state again.
        if case .failed(let error) = connection.state { lose(error) }
    }

    private func open(_ connection: Connection) {
        guard PQenterPipelineMode(connection.handle) == 1 else { return lose(PostgresError(connection: connection.handle)) }
        attempts = 0
        state = .ready(connection)
    }

    /// Drops the connection. Its pending lookups are retried on another one, and it reconnects after a delay.
    private func lose(_ error: PostgresError) {
        let lost = questions
        due = []
        dueStart = 0
        underWay = 0
        names = [:]
        hasOutput = false
        hasUnsentEnd = false
        preparationError = nil
        nextExpiry = nil
        // Exponential back-off up to a second, minus a random half, so that the connections do not all reconnect at the same
        // moment.
        let pause = min(1000, 50 << min(attempts, 5))
        state = .down(until: .now + .milliseconds(Int.random(in: pause / 2...pause)))
        reads.disconnected(error)
        for question in lost { reads.lost(question, error) }
    }
}
