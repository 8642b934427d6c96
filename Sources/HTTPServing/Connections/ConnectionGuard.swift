import NIOCore
import NIOHTTP1
import Orders

/// Closes connections that are idle or whose request takes too long, rejects requests that do not name exactly one host, and adds
/// a body to Hummingbird's empty answer to invalid HTTP.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let limits: ConnectionLimits
    private let log: RequestLog
    private var lastActivity = NIODeadline.now()
    private var isReadingRequest = false
    /// How much of the request's body has come, in bytes.
    private var received = 0
    private var answersDue = 0
    private var isClosing = false
    /// Whether an answer is being written that has no length yet.
    private var isStreaming = false
    /// What to do about a stream whose client takes nothing, if it bypasses this handler.
    private var cutOff: (() -> Void)?
    /// The parts of a stream that the client has not taken yet.
    private var pendingWrites = 0
    /// Whether a request was rejected; nothing more is read after that.
    private var hasRefused = false
    /// Whether an answer is being discarded.
    private var isDropping = false
    /// Whether a request's header was too large to be read.
    private var hasOverflown = false
    /// Where encoded HTTP bytes are written.
    private var encoder: ChannelHandlerContext?
    /// A single timer for the connection, renewed when it fires: a timer for each request would cost more than all else here.
    private var timer: Scheduled<Void>?

    init(limits: ConnectionLimits, log: RequestLog) {
        self.limits = limits
        self.log = log
    }

    /// Records activity that bypasses this handler.
    func noteActivity() { lastActivity = .now() }

    /// A stream begins that bypasses this handler.
    /// - Parameter cutOff: ends it and closes the connection, because its client takes nothing.
    func beginStream(cutOff: @escaping () -> Void) {
        isStreaming = true
        self.cutOff = cutOff
    }

    func endStream() {
        isStreaming = false
        cutOff = nil
        noteActivity()
    }

    /// Notes when a part of such a stream is on its way to the client.
    func noteWrite(_ written: EventLoopFuture<Void>) {
        if pendingWrites == 0 { noteActivity() }
        pendingWrites += 1
        written.assumeIsolated().whenComplete { [weak self] _ in
            self?.pendingWrites -= 1
            self?.noteActivity()
        }
    }

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
                received = 0
                resume(head)
            }
            isReadingRequest = true
            answersDue += 1
            guard !head.isKeepAlive else { break }
            // Hummingbird recognizes only this form, and HTTP/1.0 implies it by default.
            head.headers.replaceOrAdd(name: "Connection", value: "close")
            return context.fireChannelRead(wrapInboundOut(.head(head)))
        case .body(let buffer): received += buffer.readableBytes
        case .end: isReadingRequest = false
        }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if case .headerOverflow? = error as? HTTPParserError { hasOverflown = true }
        context.fireErrorCaught(error)
    }

    /// Tells a client that waits for permission (RFC 9110, section 10.1.1) to send the body. A client whose request is behind
    /// others sends it after a moment anyway.
    private func resume(_ head: HTTPRequestHead) {
        guard head.version == .http1_1, head.headers["expect"].contains(where: { $0.lowercased() == "100-continue" }) else {
            return
        }
        encoder?.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n"))), promise: nil)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.isBareRefusal && isReadingRequest && answersDue == 0:
            // The rest of a request that was already answered could not be parsed.
            isDropping = true
            promise?.succeed()
        case _ where isDropping:
            promise?.succeed()
        case .head(var head) where head.isBareRefusal:
            let failure = hasOverflown ? Failure.headerTooLarge : .unreadableRequest
            if hasOverflown { head.status = .requestHeaderFieldsTooLarge }
            let body = failure.body
            let entry = log.begin(id: nil)
            log.end(entry, method: nil, status: Int(head.status.code), bytes: body.count, route: nil)
            head.headers.replaceOrAdd(name: "X-Request-Id", value: entry.id)
            head.headers.replaceOrAdd(name: "X-Scalev-Request-Id", value: entry.id)
            head.headers.replaceOrAdd(name: "Date", value: HTTPDate.now)
            head.headers.replaceOrAdd(name: "Cache-Control", value: "no-store")
            head.headers.replaceOrAdd(name: "Content-Length", value: String(body.count))
            head.headers.replaceOrAdd(name: "Content-Type", value: "application/json")
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: promise)
        case .head(let head):
            isStreaming = head.isOfStream
            write(data, promise, context)
        case .body: write(data, promise, context)
        case .end:
            isStreaming = false
            answersDue -= 1
            noteActivity()
            context.write(data, promise: promise)
        }
    }

    /// Notes when a part of a stream is on its way to the client.
    private func write(_ data: NIOAny, _ promise: EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        guard isStreaming else { return context.write(data, promise: promise) }
        let written = promise ?? context.eventLoop.makePromise(of: Void.self)
        noteWrite(written.futureResult)
        context.write(data, promise: written)
    }

    /// Closes the connection after everything written has been sent: NIO would drop what a slow client has not accepted yet.
    ///
    /// The wait is bounded by the time limit of a request.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, !isClosing, let encoder, context.channel.isActive else {
            return context.close(mode: mode, promise: promise)
        }
        isClosing = true
        noteActivity()
        timer?.cancel()
        setTimer(context)
        // Writes complete in order, so this one completes after all earlier ones.
        let written = context.eventLoop.makePromise(of: Void.self)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: written)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in bound.value.close(mode: .all, promise: promise) }
    }

    /// When to close the connection if nothing happens before.
    private var deadline: NIODeadline {
        // A stream may be silent; but what it has said has to be taken.
        if isStreaming, !isClosing { return pendingWrites == 0 ? .distantFuture : lastActivity + limits.request }
        guard isClosing || isReadingRequest || answersDue > 0 else { return lastActivity + limits.idle }
        return lastActivity + limits.request + limits.timeForBody(of: received)
    }

    private func setTimer(_ context: ChannelHandlerContext) {
        // At most the shorter of the two limits away: a connection that is idle now may have a request a moment later.
        let next = min(deadline, .now() + min(limits.request, limits.idle))
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: next) { [weak self] in
            guard let self, self.timer != nil else { return }
            guard self.deadline <= .now() else { return self.setTimer(context) }
            if let cutOff = self.cutOff, !self.isClosing { cutOff() } else { context.close(promise: nil) }
        }
    }
}

extension HTTPResponseHead {
    /// Whether it is Hummingbird's answer to what is no HTTP, after which the connection is closed. All our own have an id.
    fileprivate var isBareRefusal: Bool {
        status == .badRequest && headers.first(name: "content-length") == "0" && !headers.contains(name: "x-request-id")
    }

    /// Whether its body has no length yet.
    fileprivate var isOfStream: Bool {
        status.mayHaveResponseBody && !headers.contains(name: "content-length")
    }
}

extension HTTPRequestHead {
    /// Whether it has exactly one `Host` field, as HTTP/1.1 requires (RFC 9112, section 3.2).
    var hasOneHost: Bool {
        switch headers["host"].count {
        case 0: version == .http1_0
        case 1: true
        default: false
        }
    }
}
