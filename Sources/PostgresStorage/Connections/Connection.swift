import CPostgres
import Foundation
import Orders

/// A connection to one PostgreSQL server, from the first attempt on; it never makes its thread wait.
final class Connection {
    enum State {
        case connecting, ready
        case failed(PostgresError)
    }

    private(set) var state = State.connecting
    /// libpq's own.
    let handle: OpaquePointer
    private var wanted = Int16(POLLOUT)
    private let deadline: ContinuousClock.Instant

    /// Begins to connect.
    init(_ keywords: [String: String], deadline: ContinuousClock.Instant) {
        self.deadline = deadline
        let pairs = Array(keywords)
        let names = pairs.map { strdup($0.key) } + [nil]
        let values = pairs.map { strdup($0.value) } + [nil]
        defer { for text in names + values { free(text) } }
        handle = PQconnectStartParams(names.map { UnsafePointer($0) }, values.map { UnsafePointer($0) }, 0)!
        PQsetnonblocking(handle, 1)
        // What the server has to say beside its answers is for psql.
        PQsetNoticeReceiver(handle, { _, _ in }, nil)
        if PQstatus(handle) == CONNECTION_BAD { state = .failed(PostgresError(connection: handle)) }
    }

    deinit { PQfinish(handle) }

    var connectDeadline: ContinuousClock.Instant? { if case .connecting = state { deadline } else { nil } }

    /// The socket while the connection is being made; another one may follow where there are several addresses.
    var connectSocket: (descriptor: Int32, events: Int16) { (PQsocket(handle), wanted) }

    var descriptor: Int32 { PQsocket(handle) }

    /// Goes on with connecting where the server has answered.
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
