import CPostgres
import Foundation
import Orders

/// A connection to one PostgreSQL server, including the attempt to connect. It never blocks its thread.
final class Connection {
    enum State {
        case connecting, ready
        case failed(PostgresError)
    }

    private(set) var state = State.connecting
    /// libpq's connection.
    let handle: OpaquePointer
    private var wanted = Int16(POLLOUT)
    private let deadline: ContinuousClock.Instant

    /// Starts to connect.
    init(_ keywords: [String: String], deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        let pairs = Array(keywords)
        let names = pairs.map { strdup($0.key) } + [nil]
        let values = pairs.map { strdup($0.value) } + [nil]
        defer { for text in names + values { free(text) } }
        handle = PQconnectStartParams(names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)!
        PQsetnonblocking(handle, 1)
        // The error that a server gives before there is a session has its SQLSTATE in its text only.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        // Notices from the server are meant for psql: ignore them.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        if PQstatus(handle) == CONNECTION_BAD { state = .failed(PostgresError(connection: handle)) }
    }

    deinit { PQfinish(handle) }

    var connectDeadline: ContinuousClock.Instant? { if case .connecting = state { deadline } else { nil } }

    /// The socket while connecting. If the host has several addresses, it may change.
    var connectSocket: (descriptor: Int32, events: Int16) { (PQsocket(handle), wanted) }

    var descriptor: Int32 { PQsocket(handle) }

    /// Continues to connect if the server has responded.
    func continueConnecting(_ now: ContinuousClock.Instant) {
        guard case .connecting = state else { return }
        guard now < deadline else {
            state = .failed(.silence)
            return
        }
        var descriptor = pollfd(fd: PQsocket(handle), events: wanted, revents: 0)
        guard descriptor.fd < 0 || poll(&descriptor, 1, 0) > 0 else { return }
        switch PQconnectPoll(handle) {
        case PGRES_POLLING_OK: state = .ready
        case PGRES_POLLING_READING: wanted = Int16(POLLIN)
        case PGRES_POLLING_WRITING: wanted = Int16(POLLOUT)
        default: state = .failed(PostgresError(connection: handle))
        }
    }
}
