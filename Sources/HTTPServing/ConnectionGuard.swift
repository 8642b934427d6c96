import NIOCore
import NIOHTTP1
import Orders

/// Closes a connection that is idle or whose request takes too long, refuses a request that does not say which host it is for, and gives
/// a body to the bare answer that Hummingbird has for what is no HTTP.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ConnectionLimits
    private let log: RequestLog
    private var lastActivity = NIODeadline.now()
    private var isReadingRequest = false
    private var answersDue = 0
    private var isClosing = false
    /// Whether there was a request after which nothing more is read.
    private var hasRefused = false
    /// Whether an answer is being passed over.
    private var isDropping = false
    /// Where bytes are written that are HTTP already.
    private var encoder: ChannelHandlerContext?
    /// One timer for the whole connection, set anew when it fires: setting one for each request would cost more than the rest of this.
    private var timer: Scheduled<Void>?

    init(limits: ConnectionLimits, log: RequestLog) {
        self.limits = limits
        self.log = log
    }

    /// Notes that something happened on the connection past this handler.
    func noteActivity() { lastActivity = .now() }

    func handlerAdded(context: ChannelHandlerContext) {
        encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
        setTimer(context)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        encoder = nil
        timer?.cancel()
        timer = nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !hasRefused else { return }
        switch unwrapInboundIn(data) {
        case .head(let head) where !head.hasOneHost:
            hasRefused = true
            answersDue += 1
            return context.fireErrorCaught(HTTPParserError.invalidHeaderToken)
        case .head(var head):
            if answersDue == 0 {
                noteActivity()
                resume(head)
            }
            isReadingRequest = true
            answersDue += 1
            guard !head.isKeepAlive else { break }
            // Hummingbird looks for this one form, and HTTP/1.0 says the same by saying nothing.
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body: break
        case .end: isReadingRequest = false
        }
        context.fireChannelRead(data)
    }

    /// Tells a client that waits for it (RFC 9110, section 10.1.1) to send the body; one that is behind others sends it in a moment anyway.
    private func resume(_ head: HTTPRequestHead) {
        guard head.version == .http1_1, head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) else {
            return
        }
        encoder?.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.isBareRefusal && isReadingRequest && answersDue == 0:
            // The rest of a request could not be read that had its answer already.
            isDropping = true
            promise?.succeed()
        case _ where isDropping:
            promise?.succeed()
        case .head(var head) where head.isBareRefusal:
            let body = Failure.unreadableRequest.body
            let entry = log.begin(id: nil)
            log.end(entry, method: nil, status: 400, bytes: body.count, route: nil)
            head.headers.replaceOrAdd(name: "X-Request-Id", value: entry.id)
            head.headers.replaceOrAdd(name: "Date", value: HTTPDate.now)
            head.headers.replaceOrAdd(name: "Cache-Control", value: "no-store")
            head.headers.replaceOrAdd(name: "Content-Length", value: String(body.count))
            head.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: promise)
        case .end:
            answersDue -= 1
            noteActivity()
            context.write(data, promise: promise)
        case .head, .body:
            context.write(data, promise: promise)
        }
    }

    /// Closes the connection when all that was written is on its way: NIO drops what a slow client has not taken yet.
    ///
    /// The wait is bounded by the time that a request may take.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, !isClosing, let encoder, context.channel.isActive else {
            return context.close(mode: mode, promise: promise)
        }
        isClosing = true
        noteActivity()
        timer?.cancel()
        setTimer(context)
        // Writes are done in their order, so this one is done when all before it are.
        let written = context.eventLoop.makePromise(of: Void.self)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: written)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(mode: .all, promise: promise) }
    }

    /// When the connection has to be closed unless something happens before.
    private var deadline: NIODeadline {
        lastActivity + (isClosing || isReadingRequest || answersDue > 0 ? limits.request : limits.idle)
    }

    private func setTimer(_ context: ChannelHandlerContext) {
        // No later than the shorter of the two: what is idle now may be a request a moment later.
        let next = min(deadline, .now() + min(limits.request, limits.idle))
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in
            guard let self, self.timer != nil else { return }
            if self.deadline <= .now() { context.close(promise: nil) } else { self.setTimer(context) }
        }
    }
}

extension HTTPResponseHead {
    /// Whether it is Hummingbird's answer to what is no HTTP, after which the connection is closed.
    fileprivate var isBareRefusal: Bool { status == .badRequest && headers.first(name: "content-length") == "0" }
}

extension HTTPRequestHead {
    /// Whether it has one `Host` field, as it must since HTTP/1.1 (RFC 9112, section 3.2).
    var hasOneHost: Bool {
        switch headers["host"].count {
        case 0: version == .http1_0
        case 1: true
        default: false
        }
    }
}
