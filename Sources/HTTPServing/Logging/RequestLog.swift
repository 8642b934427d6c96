import HTTPTypes
import JSON
package import Logging
import Orders
import Synchronization

/// Logs one line of JSON per request: its method and route, the status and size of its answer, and how long it took.
///
/// It logs the route, never the path or a header: a path may contain a secret, a header a token.
package final class RequestLog: Sendable {
    /// A request in progress.
    package struct Entry: Sendable {
        package let id: String
        let start: ContinuousClock.Instant
    }

    private let logger: Logger
    private let outages: OutageLog
    private let isLogging: Bool
    private let write: @Sendable ([UInt8]) -> Void
    private let prefix = String(UInt32.random(in: .min ... .max), radix: 16) + "-"
    private let count = Atomic<UInt64>(0)

    /// - Parameters:
    ///   - logger: logs failed requests. Its level determines whether other requests are logged, which is at `info`.
    ///   - write: receives a complete line including its newline. Lines are formatted here rather than by the logger, because
    ///     there may be tens of thousands a second.
    package init(logger: Logger, write: @escaping @Sendable ([UInt8]) -> Void) {
        self.logger = logger
        outages = OutageLog(logger: logger)
        isLogging = logger.logLevel <= .info
        self.write = write
    }

    /// - Parameters:
    ///   - given: the id that came with the request. It is used if it is valid, otherwise a new one is generated.
    ///   - start: when the request arrived.
    func begin(id given: String?, at start: ContinuousClock.Instant = .now) -> Entry {
        if let given, (1...64).contains(given.utf8.count), given.utf8.allSatisfy(Self.isAllowed) {
            return Entry(id: given, start: start)
        }
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        return Entry(id: prefix + String(number, radix: 16), start: start)
    }

    /// - Parameters:
    ///   - message: what has happened.
    ///   - reason: why a stream ended.
    func end(
        _ entry: Entry, _ message: StaticString = "request", method: String?, status: Int, bytes: Int, route: String?,
        reason: StaticString? = nil
    ) {
        if status < 400, let route, route.hasPrefix("/v3/") { outages.noteSuccess() }
        guard isLogging else { return }
        let elapsed = ContinuousClock.now - entry.start
        var line = JSONWriter(capacity: 256)
        line.append(raw: #"{"time":"#)
        line.append(Timestamp.now)
        line.append(raw: #","level":"info","message":""#)
        line.append(raw: message)
        line.append(raw: #"","request_id":"#)
        line.append(string: entry.id)
        line.append(raw: #","method":"#)
        line.append(stringOrNull: method)
        line.append(raw: #","route":"#)
        line.append(stringOrNull: route)
        line.append(raw: #","status":"#)
        line.append(integer: Int64(status))
        line.append(raw: #","bytes":"#)
        line.append(integer: Int64(bytes))
        line.append(raw: #","microseconds":"#)
        line.append(integer: elapsed.microseconds)
        if let reason {
            line.append(raw: #","reason":""#)
            line.append(raw: reason)
            line.append(raw: #"""#)
        }
        line.append(raw: "}\n")
        write(line.bytes)
    }

    /// Logs why a request could not be answered, for the operator only. An outage of the database is not logged for each request.
    func report(_ error: any Error, _ entry: Entry) {
        switch error {
        case let failure as StorageFailure where failure.isOutage: return outages.note(failure)
        default: break
        }
        logger.error("request failed", metadata: ["request_id": .string(entry.id), "reason": .string("\(error)")])
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

extension StorageFailure {
    /// Whether it concerns the database as a whole.
    fileprivate var isOutage: Bool {
        switch self {
        case .damagedDocument, .busy: false
        default: true
        }
    }
}

extension HTTPField.Name {
    static let requestID = HTTPField.Name("X-Request-Id")!
    /// The same value, under the name that storefronts also look for.
    static let scalevRequestID = HTTPField.Name("X-Scalev-Request-Id")!
}

extension JSONWriter {
    fileprivate mutating func append(stringOrNull text: String?) {
        if let text { append(string: text) } else { append(raw: "null") }
    }
}

extension Duration {
    fileprivate var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
