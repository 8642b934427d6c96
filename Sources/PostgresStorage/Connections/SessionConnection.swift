import CPostgres
import Foundation

/// Identifies a session.
final class ConnectionID: Sendable {}

/// A session's connection, on the loop's thread.
final class SessionConnection: Driven {
    enum Command: Sendable {
        /// At least one.
        case statements([Statement])
        case script(String)
        case copy(NewRows)
    }

    typealias Receiver = (Result<[PostgresResult], PostgresError>) -> Void

    private enum Work {
        case connecting((Result<Void, PostgresError>) -> Void)
        case nothing
        case running(Receiver)
    }

    private let id: ConnectionID
    private let connection: Connection
    private unowned let loop: ConnectionLoop
    private var work: Work
    private var waiting: [(Command, Receiver)] = []
    /// The names of the prepared statements, and of those being prepared.
    private var names: [String: String] = [:]
    private var nameCount = 0
    /// The results so far.
    private var results: [PostgresResult] = []
    private var error: PostgresError?
    /// What the server has yet to answer to statements: that it has prepared one, or `nil` for the result of one.
    private var due: ArraySlice<String?> = []
    /// Whether libpq holds output that the socket did not accept.
    private var isBlocked = false
    /// The rows still to be sent to the server.
    private var rows: NewRows?
    /// The next rows for libpq.
    private var piece: [UInt8] = []
    private var isCopying = false
    private var lastProgress = ContinuousClock.now
    private let patience: Duration

    init(
        _ id: ConnectionID, _ connection: Connection, _ loop: ConnectionLoop, _ patience: Duration,
        connected: @escaping (Result<Void, PostgresError>) -> Void
    ) {
        self.id = id
        self.connection = connection
        self.loop = loop
        self.patience = patience
        work = .connecting(connected)
    }

    static func find(_ id: ConnectionID, on loop: ConnectionLoop) -> SessionConnection? {
        loop.first { ($0 as? SessionConnection)?.id === id } as? SessionConnection
    }

    var socket: (descriptor: Int32, events: Int16)? {
        switch work {
        case .connecting: connection.connectSocket
        case .nothing: nil
        case .running: (connection.descriptor, Int16(isBlocked || isCopying ? POLLIN | POLLOUT : POLLIN))
        }
    }

    var deadline: ContinuousClock.Instant? {
        switch work {
        case .connecting: connection.connectDeadline
        case .nothing: nil
        case .running: lastProgress + patience
        }
    }

    func end() { lose(PostgresError("the connection was closed")) }

    func advance(_ now: ContinuousClock.Instant, isReady: Bool) {
        switch work {
        case .nothing: return
        case .connecting(let connected):
            connection.continueConnecting(now)
            switch connection.state {
            case .connecting: return
            case .ready:
                work = .nothing
                connected(.success(()))
            case .failed(let error): lose(error)
            }
        case .running:
            guard now < lastProgress + patience else { return lose(.silence) }
            if isReady { resume() }
        }
    }

    /// Sends a command after the earlier ones are done.
    func perform(_ command: Command, receive: @escaping Receiver) {
        waiting.append((command, receive))
        startNext()
    }

    private func startNext() {
        guard case .nothing = work, !waiting.isEmpty else { return }
        let (command, receive) = waiting.removeFirst()
        start(command, receive: receive)
    }

    private func start(_ command: Command, receive: @escaping Receiver) {
        lastProgress = .now
        work = .running(receive)
        let isSent: Bool
        switch command {
        case .statements(let statements): isSent = send(statements)
        case .script(let sql): isSent = PQsendQuery(connection.handle, sql) == 1
        case .copy(let rows):
            self.rows = rows
            isSent = PQsendQuery(connection.handle, rows.copy) == 1
        }
        guard isSent else { return lose(PostgresError(connection: connection.handle)) }
        resume()
    }

    /// Sends statements in libpq's pipeline mode (https://www.postgresql.org/docs/15/libpq-pipeline-mode.html).
    private func send(_ statements: [Statement]) -> Bool {
        guard PQenterPipelineMode(connection.handle) == 1 else { return false }
        for statement in statements {
            let parameters = PostgresParameters(statement.parameters)
            if names[statement.sql] == nil, !prepare(statement.sql, parameters.types) { return false }
            guard let name = names[statement.sql], send(name, parameters) else { return false }
        }
        return PQpipelineSync(connection.handle) == 1
    }

    private func prepare(_ sql: String, _ types: [Oid]) -> Bool {
        // Never the same name twice: the server may know one that was not registered.
        let name = "s\(nameCount)"
        nameCount += 1
        names[sql] = name
        due.append(sql)
        return PQsendPrepare(connection.handle, name, sql, Int32(types.count), types) == 1
    }

    private func send(_ name: String, _ parameters: PostgresParameters) -> Bool {
        due.append(nil)
        return parameters.withUnsafePointers { count, values, lengths, formats in
            PQsendQueryPrepared(connection.handle, name, count, values, lengths, formats, 1) == 1
        }
    }

    private func resume() {
        guard PQconsumeInput(connection.handle) == 1 else { return lose(PostgresError(connection: connection.handle)) }
        if isCopying, !giveRows() { return }
        guard flush() else { return }
        var isAtEnd = false
        while case .running(let receive) = work, PQisBusy(connection.handle) == 0, !isCopying {
            if let raw = PQgetResult(connection.handle) {
                isAtEnd = false
                lastProgress = .now
                guard take(raw, receive) else { return }
            } else if PQpipelineStatus(connection.handle) == PQ_PIPELINE_OFF {
                complete(receive)
            } else if isAtEnd {
                // The next result is not there yet.
                break
            } else {
                // The end of a statement's results.
                isAtEnd = true
            }
        }
    }

    /// Returns false if the connection was lost.
    private func take(_ raw: OpaquePointer, _ receive: @escaping Receiver) -> Bool {
        let status = PQresultStatus(raw)
        if status == PGRES_PIPELINE_SYNC {
            PQclear(raw)
            guard due.isEmpty, PQexitPipelineMode(connection.handle) == 1 else {
                lose(PostgresError("the server's answers are out of step"))
                return false
            }
            complete(receive)
            return true
        }
        let prepared = due.popFirst() ?? nil
        switch status {
        case PGRES_COPY_IN:
            PQclear(raw)
            isCopying = true
            return giveRows() && flush()
        case PGRES_COMMAND_OK where prepared != nil: PQclear(raw)
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK: results.append(PostgresResult(raw))
        default:
            // What follows an error in a pipeline is not run, and says nothing.
            let error = self.error ?? PostgresError(result: raw)
            PQclear(raw)
            self.error = error
            if let prepared { names[prepared] = nil }
            if PQstatus(connection.handle) == CONNECTION_BAD {
                lose(error)
                return false
            }
        }
        return true
    }

    /// Completes a command after its last result.
    private func complete(_ receive: @escaping Receiver) {
        let (results, error) = (results, error)
        (self.results, self.error, rows) = ([], nil, nil)
        work = .nothing
        if let error { receive(.failure(error)) } else { receive(.success(results)) }
        startNext()
    }

    /// Passes rows of a `COPY` to libpq while the socket accepts them, because libpq itself would buffer them all. Returns false
    /// if the connection was lost.
    private func giveRows() -> Bool {
        while isCopying {
            guard flush() else { return false }
            if isBlocked { return true }
            if piece.isEmpty { rows?.appendPiece(to: &piece) }
            let code = piece.isEmpty ? PQputCopyEnd(connection.handle, nil) : give(piece)
            guard code >= 0 else {
                lose(PostgresError(connection: connection.handle))
                return false
            }
            if code == 0 { return true }
            if piece.isEmpty { (isCopying, rows) = (false, nil) } else { piece.removeAll(keepingCapacity: true) }
            lastProgress = .now
        }
        return true
    }

    private func give(_ piece: [UInt8]) -> Int32 {
        piece.withUnsafeBytes {
            PQputCopyData(connection.handle, $0.baseAddress!.assumingMemoryBound(to: CChar.self), Int32($0.count))
        }
    }

    /// Sends as much of libpq's output as the socket accepts. Returns false if the connection was lost.
    private func flush() -> Bool {
        let code = PQflush(connection.handle)
        isBlocked = code == 1
        guard code >= 0 else {
            lose(PostgresError(connection: connection.handle))
            return false
        }
        return true
    }

    private func lose(_ error: PostgresError) {
        let lost = work
        work = .nothing
        (isCopying, rows, piece, results, due) = (false, nil, [], [], [])
        loop.remove(self)
        switch lost {
        case .connecting(let connected): connected(.failure(error))
        case .nothing: break
        case .running(let receive): receive(.failure(self.error ?? error))
        }
        for (_, receive) in waiting { receive(.failure(error)) }
        waiting = []
    }
}
