import CPostgres
import Orders

/// What PostgreSQL or libpq said when something did not work.
struct PostgresError: Error {
    /// Five characters (https://www.postgresql.org/docs/15/errcodes-appendix.html); empty where libpq itself gave up.
    let state: String
    let message: String

    /// What is said in a result.
    init(result: OpaquePointer?) {
        state = PQresultErrorField(result, Int32(UInt8(ascii: "C"))).map { String(cString: $0) } ?? ""
        // The first line alone: the detail may hold values.
        message =
            PQresultErrorField(result, Int32(UInt8(ascii: "M"))).map { String(cString: $0) }
            ?? Self.firstLine(PQresultErrorMessage(result))
    }

    /// What is said of a connection.
    init(connection: OpaquePointer?) {
        message = Self.firstLine(PQerrorMessage(connection))
        // libpq has no code for what happened before a session began.
        state = message.contains("too many clients") || message.contains("connection slots") ? "53300" : ""
    }

    init(state: String = "", _ message: String) {
        self.state = state
        self.message = message
    }

    /// No host of an address has an address of the network.
    static let unknownHost = PostgresError("could not translate host name to address")

    /// No answer came by the time that those who ask have.
    static let late = PostgresError(state: "57014", "the database did not answer in time")

    /// Nothing was heard of the server for as long as it is waited for.
    static let silence = PostgresError("the server did not answer in time")

    /// A session waits for somebody who waits for another session of the same user, where the database sees no deadlock.
    static let unseenDeadlock = PostgresError(state: "40P01", "two connections wait for each other")

    /// Whether the connection is gone, or good for nothing any more; what was under way on it may be asked again on another.
    var endsConnection: Bool {
        state.isEmpty || state.hasPrefix("08") || state.hasPrefix("57P") || state == "25006" || state == "26000"
            || state == "25P02" || state == "25P03"
    }

    /// Whether the same may work when it is tried again: a concurrent transaction was in the way.
    var isPassing: Bool { state == "40001" || state == "40P01" || state == "23505" }

    /// Whether a lock was waited for in vain.
    var isLockTimeout: Bool { state == "55P03" }

    private static func firstLine(_ text: UnsafeMutablePointer<CChar>?) -> String {
        let text = text.map { String(cString: $0) } ?? ""
        return text.split(separator: "\n").first.map(String.init) ?? "no reason was given"
    }
}

/// Runs a transaction, and again where a concurrent one was in the way, five times at the most.
/// - Throws: what the last of them throws.
func retryingPassing<Value>(_ transaction: () async throws -> Value) async throws -> Value {
    for _ in 1..<5 {
        do { return try await transaction() } catch let error as PostgresError where error.isPassing {}
    }
    return try await transaction()
}

extension StorageFailure {
    /// What an error of this target means for the operator.
    init(any error: any Error) {
        switch error {
        case let error as PostgresError: self.init(error)
        case let failure as StorageFailure: self = failure
        default: self = .unavailable(String(describing: type(of: error)))
        }
    }

    /// What an error of PostgreSQL means for the operator.
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
