import HTTPServing
import Logging

/// Where a server logs: a line of JSON on standard error for each event.
struct ServerLog {
    let logger: Logger
    let requests: RequestLog
    private let writer: LogWriter

    /// - Parameter level: the name of the lowest level that is logged.
    init(level: String) {
        let writer = LogWriter(descriptor: 2)
        let level = Logger.Level(rawValue: level) ?? .info
        self.writer = writer
        logger = Logger(label: "pesanan") { _ in JSONLogHandler(level: level, writer: writer) }
        requests = RequestLog(logger: logger, write: writer.write)
    }

    /// Returns once everything is written.
    func flush() { writer.flush() }
}
