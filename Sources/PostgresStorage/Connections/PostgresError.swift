import CPostgres
import Orders

/// An error reported by PostgreSQL or libpq.
struct PostgresError: Error {
    /// The five-character SQLSTATE (https://www.postgresql.org/docs/15/errcodes-appendix.html); empty if libpq itself reported
    /// the error.
    let state: String
    let message: String

    /// The error in a result.
    init(result: OpaquePointer?) {
        state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        // Only the primary message: the detail may contain values.
        message =
            PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
            ?? Self.firstLine(PQresultErrorMessage(result))
    }

    /// The error of a connection.
    init(connection: OpaquePointer?) {
        message = Self.firstLine(PQerrorMessage(connection))
        // libpq has no code for errors that precede a session.
        state = message.contains("too many clients") || message.contains("connection slots") ? "53300" : ""
    }

    init(state: String = "", _ message: String) {
        self.state = state
        self.message = message
    }

    /// None of the hosts resolves to an IP address.
    static let unknownHost = PostgresError("could not translate host name to address")

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
        state.isEmpty || state.hasPrefix("08") || state.hasPrefix("57P") || state == "25006" || state == "26000"
            || state == "25P02" || state == "25P03"
    }

    /// Whether a retry may succeed because a concurrent transaction caused the error.
    var isPassing: Bool { state == "40001" || state == "40P01" || state == "23505" }

    /// Whether a lock wait timed out.
    var isLockTimeout: Bool { state == "55P03" }

    private static func firstLine(_ text: UnsafeMutablePointer<CChar>?) -> String {
        let text = text.map { String(cString: $0) } ?? ""
        return text.split(separator: "\n").first.map(String.init) ?? "no reason was given"
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
        case "53300": self = .unavailable("all connections that PostgreSQL allows are taken (max_connections)")
        default: self = .unavailable(error.message)
        }
    }
}
