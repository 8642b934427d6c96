import CPostgres
import Orders

/// An error reported by PostgreSQL or libpq.
struct PostgresError: Error, Equatable {
    /// The five-character SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html); empty if libpq itself reported
    /// the error.
    let state: String
    let message: String
    /// Whether the connection itself failed, or the attempt to connect.
    private let isOfConnection: Bool

    /// The error in a result.
    init(result: OpaquePointer?) {
        state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        // Only the primary message: the detail may contain values.
        message =
            PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
            ?? Self.lines(PQresultErrorMessage(result))[0]
        isOfConnection = false
    }

    /// The error of a connection, whose messages have their SQLSTATE (``Connection``).
    init(connection: OpaquePointer?) {
        // Each address of a host that was tried has its lines. What a server said counts more than that another did not answer.
        let lines = Self.lines(PQerrorMessage(connection))
        if let (line, said) = lines.lazy.compactMap({ line in line.firstMatch(of: Self.said).map { (line, $0) } }).first {
            state = String(said.state)
            message = line.replacing("\(said.state): ", with: "", maxReplacements: 1)
        } else {
            state = ""
            message = lines[0]
        }
        isOfConnection = true
    }

    init(state: String = "", _ message: String) {
        self.state = state
        self.message = message
        isOfConnection = false
    }

    /// None of the hosts resolves to an IP address.
    static let unknownHost = PostgresError("could not translate host name to address")

    /// Nobody says whether the hosts have IP addresses.
    static let noResolver = PostgresError("could not translate host name to address: the name server does not answer")

    /// No answer arrived before the callers' deadline.
    static let late = PostgresError(state: "57014", "the database did not answer in time")

    /// The server sent nothing within the time limit.
    static let silence = PostgresError("the server did not answer in time")

    /// A deadlock that the database can't detect: a session waits for someone who waits for another session of the same caller.
    static let unseenDeadlock = PostgresError(state: "40P01", "two connections wait for each other")

    /// Someone else has appended events to a store although it was locked: the lock has ended early.
    static let appendedConcurrently = PostgresError(state: "40001", "someone else has written to the store in the meantime")

    /// Whether the connection is lost or unusable. Its pending lookups may be retried on another connection.
    var endsConnection: Bool {
        isOfConnection || state.isEmpty || state.hasPrefix("08") || state.hasPrefix("57P") || state == "25006" || state == "26000"
            || state == "25P02" || state == "25P03"
    }

    /// Whether a retry may succeed because a concurrent transaction caused the error.
    var isPassing: Bool { state == "40001" || state == "40P01" || state == "23505" }

    /// Whether a lock wait timed out.
    var isLockTimeout: Bool { state == "55P03" }

    /// Whether the server does not answer, or says that it is not ready: it may be in a moment, without its operator.
    var isUnreachable: Bool {
        // Poolers in front of a server use class 08.
        guard state.isEmpty else { return state.hasPrefix("08") || ["57P01", "57P02", "57P03", "53300"].contains(state) }
        return message == Self.silence.message || message == Self.noResolver.message
            || Self.absences.contains { message.contains($0) }
    }

    /// How libpq and the system say so, always in English: the process sets no locale.
    private static let absences = [
        "Connection refused", "Connection timed out", "Connection reset by peer", "Host is down", "Network is unreachable",
        "No route to host", "\" failed: No such file or directory", "server closed the connection unexpectedly",
        "timeout expired",
        // Before it is promoted.
        "session is read-only", "server is in hot standby mode",
    ]

    /// The end of a line that a server wrote: its severity, and the SQLSTATE in front of the message.
    private static var said: Regex<(Substring, state: Substring)> { /:  (?<state>[0-9A-Z]{5}): ./ }

    /// At least one line, without libpq's advice, which begins with a tab.
    private static func lines(_ text: UnsafeMutablePointer<CChar>?) -> [String] {
        let text = text.map { String(cString: $0) } ?? ""
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("\t") }.map(String.init)
        return lines.isEmpty ? ["no reason was given"] : lines
    }
}

/// Runs a transaction, up to five times if concurrent transactions interfere.
/// - Throws: the error of the last attempt.
func retryingPassing<Value>(_ transaction: () async throws -> Value) async throws -> Value {
    for _ in 1..<5 {
        do { return try await transaction() } catch let error as PostgresError where error.isPassing {}
    }
    return try await transaction()
}

extension StorageFailure {
    /// What an error of this target means to the operator.
    init(any error: any Error) {
        switch error {
        case let error as PostgresError: self.init(error)
        case let failure as StorageFailure: self = failure
        default: self = .unavailable(String(describing: type(of: error)))
        }
    }

    /// What a PostgreSQL error means to the operator.
    init(_ error: PostgresError) {
        switch error.state {
        case "53100": self = .full
        case "25006": self = .readOnly
        case "55P03", "57014", "40001", "40P01": self = .busy
        case "53300": self = .unreachable("all connections that PostgreSQL allows are taken (max_connections)")
        default: self = error.isUnreachable ? .unreachable(error.message) : .unavailable(error.message)
        }
    }
}
