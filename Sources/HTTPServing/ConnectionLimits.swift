package import HummingbirdCore
package import NIOCore
import NIOHTTPTypesHTTP1

/// What a connection may take of the server: bytes of header, time without a word, time for one request.
package struct ConnectionLimits: Sendable {
    /// All header fields together, in bytes.
    package var headerBytes = 16 * 1024
    package var headerFields = 100
    /// A connection on which nothing happens is closed after this long; a header that comes byte by byte is nothing.
    package var idle: TimeAmount = .seconds(60)
    /// From a request's header to the end of its answer.
    package var request: TimeAmount = .seconds(30)

    package init() {}

    /// An HTTP/1.1 server with these limits, which tries for a direct answer before it hands a request on.
    package func server(directAnswer: DirectAnswer.Handler?, log: RequestLog) -> HTTPServerBuilder {
        .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    HandlerInstaller {
                        let guardian = ConnectionGuard(limits: self, log: log)
                        return [DirectLane(answer: directAnswer ?? { _, _ in false }, log: log, guardian: guardian), guardian]
                    }
                ],
                // The guard closes idle connections: it hears of the direct answers too.
                idleTimeout: nil,
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: headerBytes, maxHeaderListSize: headerBytes, maxHeaderFieldCount: headerFields)))
    }
}

/// Puts handlers before the one that turns NIO's requests into Hummingbird's, a place that Hummingbird has no setting for, and goes.
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
            // Without its guard a connection has no limits.
            context.close(promise: nil)
        }
        pipeline.removeHandler(self, promise: nil)
    }
}
