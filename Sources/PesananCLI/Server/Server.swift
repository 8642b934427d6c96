import Accounts
import Foundation
import HTTPServing
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import OrderServices
import Orders
import ServiceLifecycle
import StorefrontAPI
import UnixSignals

/// The server, put together from its parts.
struct Server {
    let settings: Settings
    let storage: any OrderStorage
    let signingKey: SigningKey

    /// Answers requests until the process is asked to end (SIGTERM, SIGINT, SIGHUP), then finishes what is under way.
    /// - Parameter onRunning: called with the address, as soon as requests are answered.
    /// - Throws: ``OperatorError`` where the address can't be listened on.
    func run(tokens: AccessTokens, onRunning: @escaping @Sendable (_ baseURL: String) async -> Void) async throws {
        let writer = LogWriter(descriptor: 2)
        defer { writer.flush() }
        let level = Logger.Level(rawValue: settings.logLevel) ?? .info
        let logger = Logger(label: "pesanan") { _ in JSONLogHandler(level: level, writer: writer) }
        let log = RequestLog(logger: logger, write: writer.write)
        let routes = routes(tokens: tokens)
        var application = Application(
            responder: routes.responder(log: log),
            server: ConnectionLimits().server(directAnswer: routes.directAnswer, log: log),
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { [settings] channel in
                await onRunning(
                    "http://\(settings.host.contains(":") ? "[\(settings.host)]" : settings.host):\(channel.localAddress?.port ?? settings.port)"
                )
            },
            logger: logger)
        application.addServices(Upkeep(storage: storage, logger: logger))
        do {
            try await application.runService(gracefulShutdownSignals: [.sigterm, .sigint, .sighup])
        } catch let error as IOError {
            let reason = error.errnoCode == EADDRINUSE ? "it is in use already" : String(cString: strerror(error.errnoCode))
            throw cannotListen(reason)
        } catch is SocketAddressError.UnknownHost {
            throw cannotListen("there is no such address")
        } catch is SocketAddressError {
            throw cannotListen("there is no such address")
        }
    }

    private func cannotListen(_ reason: String) -> OperatorError {
        OperatorError("\(settings.host):\(settings.port) can't be listened on: \(reason); choose another with --port or --host")
    }

    private func routes(tokens: AccessTokens) -> Routes {
        var routes = Routes()
        StorefrontAPI(
            orders: BuyerOrders(storage: storage, publicURL: settings.publicURL), tokens: tokens,
            publicKeys: signingKey.publicKeySet
        ).add(to: &routes)
        Health(check: storage.check).add(to: &routes)
        return routes
    }
}
