package import HummingbirdCore
package import NIOCore
import NIOHTTPTypesHTTP1

/// The limits of a connection: header size, idle time and time per request.
package struct ConnectionLimits: Sendable {
    /// The maximum total size of all header fields, in bytes. A request with more is answered with 431.
    static let headerBytes = 16 * 1024
    static let headerFields = 100
    /// A header that exceeds these limits by this factor is not even read, so the answer can't depend on it.
    private static let readableExcess = 4
    /// When an idle connection is closed. A header that arrives byte by byte does not count as activity.
    package var idle: TimeAmount = .seconds(60)
    /// The time limit from a request's header to the end of its answer, without ``timeForBody(of:)``.
    package var request: TimeAmount = .seconds(30)

    /// What a slow network may take for the part of a body that has come: a second for each 32 KiB.
    func timeForBody(of bytes: Int) -> TimeAmount { .milliseconds(Int64(min(bytes, 64 << 20)) * 1000 / (32 << 10)) }

    package init() {}

    /// An HTTP/1.1 server with these limits, which tries a direct answer before it routes a request.
    package func server(directAnswer: DirectAnswer.Handler?, log: RequestLog) -> HTTPServerBuilder {
        .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    HandlerInstaller {
                        let guardian = ConnectionGuard(limits: self, log: log)
                        return [DirectLane(answer: directAnswer ?? { _, _ in false }, log: log, guardian: guardian), guardian]
                    }
                ],
                // The guard closes idle connections, because it also knows of direct answers.
                idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: Self.readableExcess * Self.headerBytes,
                    maxHeaderListSize: Self.readableExcess * Self.headerBytes,
                    maxHeaderFieldCount: Self.readableExcess * Self.headerFields)))
    }
}

/// Installs handlers in front of the one that converts NIO's requests to Hummingbird's, a place for which Hummingbird has no
/// setting, and then removes itself.
private final class HandlerInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let makeHandlers: () -> [any ChannelHandler]

    init(_ makeHandlers: @escaping () -> [any ChannelHandler]) { self.makeHandlers = makeHandlers }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        do {
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandlers(makeHandlers(), position: .before(codec))
        } catch {
            // A connection without its guard would have no limits.
            context.close(promise: nil)
        }
        pipeline.removeHandler(self, promise: nil)
    }
}
