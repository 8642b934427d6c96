import CPostgres
import Foundation
import Orders

/// A connection on which many lookups are under way at once (libpq's pipeline mode); it comes back by itself when it is lost.
final class ReadConnection: Driven {
    private enum State {
        case down(until: ContinuousClock.Instant)
        case lookingUpNames
        case connecting(Connection)
        case ready(Connection)
    }

    /// Its place among the servers of the storage, the primary's 0.
    let server: Int
    private let address: PostgresAddress
    private unowned let reads: Reads
    private unowned let loop: ConnectionLoop
    private var state = State.down(until: .now)
    private var attempts = 0
    private var due: [Due] = []
    private var dueStart = 0
    /// Lookups that were sent and not answered.
    private(set) var underWay = 0
    private var names: [ReadStatement: String] = [:]
    private var preparationError: PostgresError?
    /// No later than when the first of those who ask has no more time.
    private var nextExpiry: ContinuousClock.Instant?
    private var hasOutput = false
    private var hasUnsentEnd = false
    /// As many lookups make a group at the most.
    private static let limit = 64

    /// What the server has still to send.
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

    /// How long the server may be silent while something is due: of the primary a little longer than any statement may take.
    private var patience: Duration { isPrimary ? .seconds(6) : .seconds(1) }

    var isReady: Bool { if case .ready = state { true } else { false } }

    /// Whether a group is being gathered on it that has room for another lookup.
    var isGathering: Bool { isReady && hasUnsentEnd && underWay < Self.limit }

    /// Whether it is connected with nothing under way.
    var isIdle: Bool { isReady && underWay == 0 }

    /// Since when a group is under way on it.
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

    /// Sends a lookup; ``flush()`` has to follow.
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

    /// Ends what was sent since the last time as one group: where one of the group fails, those behind it are asked again.
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

    /// The oldest question that is still under way.
    private var oldest: ReadQuestion? {
        guard underWay > 0 else { return nil }
        for entry in due[dueStart...] { if case .answer(let question) = entry { return question } }
        return nil
    }

    private var questions: [ReadQuestion] {
        due[dueStart...].compactMap { if case .answer(let question) = $0 { question } else { nil } }
    }

    /// Tells those who have no more time; their questions stay due, as the server is busy with them still.
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
                // The end of one statement's results.
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
            // What is prepared is always followed by the lookup that it is for, so an error of preparing is for the next one that is aborted.
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
        HostNames.lookUp(names) { addresses in
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
        // Where there is no socket to wait for nobody would look again.
        if case .failed(let error) = connection.state { lose(error) }
    }

    private func open(_ connection: Connection) {
        guard PQenterPipelineMode(connection.handle) == 1 else { return lose(PostgresError(connection: connection.handle)) }
        attempts = 0
        state = .ready(connection)
    }

    /// Gives the connection up; what was under way on it is asked again on another, and a new one follows after a while.
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
        // Twice as long each time up to a second, less up to a half of it, so that not all come back at the same moment.
        let pause = min(1000, 50 << min(attempts, 5))
        state = .down(until: .now + .milliseconds(Int.random(in: pause / 2...pause)))
        reads.disconnected(error)
        for question in lost { reads.lost(question, error) }
    }
}
