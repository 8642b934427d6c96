import CPostgres
import Foundation

/// Identifies a session.
final class ConnectionID: Sendable {}

/// A session's connection, on the loop's thread.
final class SessionConnection: Driven {
    enum Command: Sendable {
        case statement(String, [PostgresValue])
        case script(String)
        case copy(CopyRows)
    }

    typealias Receiver = (Result<PostgresResult, PostgresError>) -> Void

    private enum Work {
        case connecting((Result<Void, PostgresError>) -> Void)
        case nothing
        /// Runs a command; `then` is a statement to execute once it is prepared.
        case running(Receiver, then: (name: String, sql: String, PostgresParameters)?)
    }

    private let id: ConnectionID
    private let connection: Connection
    private unowned let loop: ConnectionLoop
    private var work: Work
    private var waiting: [(Command, Receiver)] = []
    private var names: [String: String] = [:]
    private var result: PostgresResult?
    private var error: PostgresError?
    /// Whether libpq holds output that the socket did not accept.
    private var isBlocked = false
    /// The rows still to be sent to the server.
    private var rows: CopyRows?
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
        var isSent: Bool
        switch command {
        case .script(let sql):
            work = .running(receive, then: nil)
            isSent = PQsendQuery(connection.handle, sql) == 1
        case .copy(let rows):
            work = .running(receive, then: nil)
            self.rows = rows
            isSent = PQsendQuery(connection.handle, rows.sql) == 1
        case .statement(let sql, let values):
            let parameters = PostgresParameters(values)
            if let name = names[sql] {
                work = .running(receive, then: nil)
                isSent = send(name, parameters)
            } else {
                let name = "s\(names.count)"
                work = .running(receive, then: (name, sql, parameters))
                isSent = PQsendPrepare(connection.handle, name, sql, Int32(values.count), parameters.types) == 1
            }
        }
        guard isSent else { return lose(PostgresError(connection: connection.handle)) }
        resume()
    }

    private func send(_ name: String, _ parameters: PostgresParameters) -> Bool {
        parameters.withUnsafePointers { count, values, lengths, formats in
            PQsendQueryPrepared(connection.handle, name, count, values, lengths, formats, 1) == 1
        }
    }

    private func resume() {
        guard PQconsumeInput(connection.handle) == 1 else { return lose(PostgresError(connection: connection.handle)) }
        if isCopying, !giveRows() { return }
        guard flush() else { return }
        while case .running(let receive, let next) = work, PQisBusy(connection.handle) == 0, !isCopying {
            guard let raw = PQgetResult(connection.handle) else {
                complete(receive, next)
                continue
            }
            lastProgress = .now
            switch PQresultStatus(raw) {
            case PGRES_COPY_IN:
                PQclear(raw)
                isCopying = true
                guard giveRows(), flush() else { return }
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK: result = PostgresResult(raw)
            default:
                let error = self.error ?? PostgresError(result: raw)
                PQclear(raw)
                self.error = error
                if PQstatus(connection.handle) == CONNECTION_BAD { return lose(error) }
            }
        }
    }

    /// Completes a command after its last result.
    private func complete(_ receive: @escaping Receiver, _ next: (name: String, sql: String, PostgresParameters)?) {
        let (result, error) = (result, error)
        (self.result, self.error, rows) = (nil, nil, nil)
        if error == nil, let next {
            names[next.sql] = next.name
            work = .running(receive, then: nil)
            guard send(next.name, next.2), flush() else { return lose(PostgresError(connection: connection.handle)) }
            return
        }
        work = .nothing
        if let error {
            receive(.failure(error))
        } else if let result {
            receive(.success(result))
        } else {
            receive(.failure(PostgresError("the server gave no result")))
        }
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
        (isCopying, rows, piece) = (false, nil, [])
        loop.remove(self)
        switch lost {
        case .connecting(let connected): connected(.failure(error))
        case .nothing: break
        case .running(let receive, _): receive(.failure(self.error ?? error))
        }
        for (_, receive) in waiting { receive(.failure(error)) }
        waiting = []
    }
}
