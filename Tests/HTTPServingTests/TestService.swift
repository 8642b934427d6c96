import Foundation
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle

@testable import HTTPServing

/// Runs blocking code on a separate thread, because the server in the same process needs the threads of tasks.
private func onThread(_ body: @escaping @Sendable () throws -> Void) async throws {
    try await withCheckedThrowingContinuation { continuation in
        Thread { continuation.resume(with: Result(catching: body)) }.start()
    }
}

/// Serves routes in this process while `body` runs.
/// - Parameters:
///   - body: receives the port, and a function that asks the server to shut down.
///   - log: receives the lines of the request log.
func serve(
    _ routes: Routes, _ limits: ConnectionLimits = ConnectionLimits(), direct: DirectAnswer.Handler? = nil,
    log: @escaping @Sendable ([UInt8]) -> Void = { _ in },
    _ body: @Sendable @escaping (_ port: Int, _ end: @escaping @Sendable () -> Void) throws -> Void
) async throws {
    let logger = Logger(label: "test") { _ in Silent() }
    let log = RequestLog(logger: logger, write: log)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let application = Application(
        responder: routes.responder(log: log), server: limits.server(directAnswer: direct ?? routes.directAnswer, log: log),
        configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
        onServerRunning: { port.yield($0.localAddress!.port!) }, logger: logger)
    try await withThrowingTaskGroup(of: Void.self) { group in
        let server = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [application], logger: application.logger))
        group.addTask { try await server.run() }
        for await port in ports {
            try await onThread { try body(port) { Task { await server.triggerGracefulShutdown() } } }
            break
        }
        group.cancelAll()
    }
}

/// Logs nothing, and hides nothing from the request log.
private struct Silent: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {}
}
