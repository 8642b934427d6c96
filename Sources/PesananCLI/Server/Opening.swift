import Foundation
import HTTPServing
import Hummingbird
import Logging
import Orders
import ServiceLifecycle
import Synchronization

/// The start of a server whose database can't be reached yet: it waits, and meanwhile answers that it lives and is not ready.
struct Opening {
    /// With the port that is listened on from then on.
    private(set) var settings: Settings

    init(_ settings: Settings) { self.settings = settings }

    /// Opens the installation, however long it takes.
    /// - Returns: `nil` if the process was asked to end meanwhile.
    /// - Throws: ``OperatorError`` if waiting does not help, such as for a wrong password.
    mutating func installation() async throws -> Installation? {
        let settings = settings
        do {
            return try await Installation(settings, for: .serving)
        } catch StorageFailure.unreachable(let words) {
            let log = ServerLog(level: settings.logLevel)
            defer { log.flush() }
            log.logger.warning("the database can't be reached: waiting for it", metadata: ["reason": .string(words)])
            let attempts = Attempts(logger: log.logger) { try await Installation(settings, for: .serving) }
            let port = Mutex(settings.port)
            let application = Application(
                responder: waitingRoutes.responder(log: log.requests, otherwise: .unavailable),
                server: ConnectionLimits().server(directAnswer: nil, log: log.requests),
                configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
                onServerRunning: { channel in
                    guard let bound = channel.localAddress?.port else { return }
                    port.withLock { $0 = bound }
                    say("Pesanan waits for its database, and answers on \(BaseURL(settings, port: bound).text)\n")
                },
                logger: log.logger)
            try await settings.explainingWhyNotListening {
                try await ServiceGroup(
                    configuration: .init(
                        services: [
                            .init(service: application),
                            .init(service: attempts, successTerminationBehavior: .gracefullyShutdownGroup),
                        ], gracefulShutdownSignals: Server.endingSignals, logger: log.logger)
                ).run()
            }
            self.settings.port = port.withLock { $0 }
            return attempts.installation
        }
    }

    private var waitingRoutes: Routes {
        var routes = Routes()
        Health(isFull: { false }, check: { throw Failure.unavailable }).add(to: &routes)
        return routes
    }
}

/// Tries to open the installation again and again, until it can be or never will.
private final class Attempts: Service {
    private static let pauses = [0.25, 0.5, 1, 2, 5]

    private let logger: Logger
    private let open: @Sendable () async throws -> Installation
    private let opened = Mutex<Installation?>(nil)

    init(logger: Logger, open: @escaping @Sendable () async throws -> Installation) {
        self.logger = logger
        self.open = open
    }

    /// What was opened; `nil` if it was not.
    var installation: Installation? { opened.withLock { $0 } }

    func run() async throws {
        try await cancelWhenGracefulShutdown { [self] in
            var (number, said) = (0, ContinuousClock.now)
            while true {
                // Several servers that wait for one database don't all ask at the same moment.
                let pause = Self.pauses[min(number, Self.pauses.count - 1)] * .random(in: 0.8...1.2)
                do { try await Task.sleep(for: .seconds(pause)) } catch { return }
                number += 1
                do {
                    guard let installation = try await openUnlessCancelled() else { return }
                    opened.withLock { $0 = installation }
                    logger.notice("the database answers", metadata: ["attempts": .string("\(number)")])
                    return
                } catch StorageFailure.unreachable(let words) {
                    guard ContinuousClock.now - said >= .seconds(60) else { continue }
                    said = .now
                    logger.warning(
                        "the database still can't be reached",
                        metadata: ["reason": .string(words), "attempts": .string("\(number)")])
                }
            }
        }
    }

    /// Opens the installation; `nil` if the task is cancelled first. An attempt may take long, because it waits for a server that migrates the
    /// database: it is abandoned then, as the process ends.
    private func openUnlessCancelled() async throws -> Installation? {
        let (results, result) = AsyncThrowingStream<Installation, any Error>.makeStream()
        Task {
            do {
                result.yield(try await open())
                result.finish()
            } catch {
                result.finish(throwing: error)
            }
        }
        for try await installation in results { return Task.isCancelled ? nil : installation }
        return nil
    }
}
