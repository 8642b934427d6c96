import NIOCore
import NIOHTTP1

/// Answers on the event loop what has a direct answer; everything else passes through.
///
/// Measured on two cores: a request that goes through tasks and the asynchronous channel costs as much again as all the rest of it, and
/// a read of an order from the embedded storage takes less than handing it to another thread. The answer is written as bytes, past the
/// encoder. Answers stay in the order of their requests: what comes while one is waited for is held back, and a request that others
/// wait before takes the ordinary way too.
final class DirectLane: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Arrival {
        case part(HTTPServerRequestPart)
        /// What followed was no HTTP.
        case error(any Error)
        /// The client sends no more, and may wait for its answers all the same.
        case end
    }

    private let answer: DirectAnswer.Handler
    private let log: RequestLog
    private let guardian: ConnectionGuard
    /// Where bytes are written that are HTTP already.
    private var encoder: ChannelHandlerContext?
    private var context: ChannelHandlerContext?
    /// A request whose header may be all of it.
    private var pending: DirectRequest?
    /// Answers that are still to come from further on.
    private var answersDue = 0
    /// Whether anything was passed on that has not been told to be all for now.
    private var hasPassedOn = false
    private var hasAnswered = false
    /// The request whose answer of this lane's own is waited for.
    private var asked: (request: DirectRequest, trailers: HTTPHeaders?, start: ContinuousClock.Instant)?
    /// Whether it is being asked for at this moment; what comes meanwhile was not waited for.
    private var isAsking = false
    /// What arrived while an answer was awaited, in order.
    private var held: [Arrival] = []
    private var holdsRead = false
    private var heldCloses: [(mode: CloseMode, promise: EventLoopPromise<Void>?)] = []

    init(answer: @escaping DirectAnswer.Handler, log: RequestLog, guardian: ConnectionGuard) {
        self.answer = answer
        self.log = log
        self.guardian = guardian
    }

    private var isWaiting: Bool { asked != nil }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        encoder = nil
        self.context = nil
        // The other side was faster.
        for close in heldCloses { close.promise?.fail(ChannelError.alreadyClosed) }
        heldCloses = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isWaiting { held.append(.part(part)) } else { take(part, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if isWaiting { held.append(.error(error)) } else { pass(error, context) }
    }

    /// A header that was read before it is no request any more.
    private func pass(_ error: any Error, _ context: ChannelHandlerContext) {
        pending = nil
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isWaiting, case ChannelEvent.inputClosed = event {
            held.append(.end)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            if answersDue == 0, let request = DirectRequest(head) { pending = request } else { passOn(head, context) }
        case .end(let trailers):
            if let request = pending {
                pending = nil
                if context.channel.isWritable, ask(request, trailers, context.eventLoop) { return }
                passOn(request.head, context)
            }
            pass(part, context)
        case .body:
            passPendingOn(context)
            pass(part, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // A body is still to come, and may be waiting to be asked for (RFC 9110, section 10.1.1).
        passPendingOn(context)
        flushAnswers()
        guard hasPassedOn else { return }
        hasPassedOn = false
        context.fireChannelReadComplete()
    }

    /// Nothing more is read while an answer is waited for and something is held back already, so that no more than one read's worth ever
    /// is. Most clients send nothing before they have their answer: to hold back the read as well would be two system calls a request.
    func read(context: ChannelHandlerContext) {
        if isWaiting, !held.isEmpty { holdsRead = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { answersDue -= 1 }
        context.write(data, promise: promise)
    }

    /// To everyone further on the connection is idle while an answer is waited for here.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isWaiting, context.channel.isActive else { return context.close(mode: mode, promise: promise) }
        heldCloses.append((mode, promise))
    }

    private func passPendingOn(_ context: ChannelHandlerContext) {
        guard let request = pending else { return }
        pending = nil
        passOn(request.head, context)
    }

    private func passOn(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        answersDue += 1
        pass(.head(head), context)
    }

    private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        hasPassedOn = true
        context.fireChannelRead(wrapInboundOut(part))
    }

    /// Whether the request is taken; then it is answered now or later.
    private func ask(_ request: DirectRequest, _ trailers: HTTPHeaders?, _ eventLoop: any EventLoop) -> Bool {
        let lane = NIOLoopBound(self, eventLoop: eventLoop)
        asked = (request, trailers, .now)
        isAsking = true
        defer { isAsking = false }
        let isTaken = answer(request) { answer in
            if eventLoop.inEventLoop {
                lane.value.receive(answer, to: request)
            } else {
                eventLoop.execute { lane.value.receive(answer, to: request) }
            }
        }
        if !isTaken { asked = nil }
        return isTaken
    }

    private func receive(_ answer: DirectAnswer?, to request: DirectRequest) {
        // A second answer is none to the request that is asked for by now.
        guard let (current, trailers, start) = asked, current === request else { return }
        asked = nil
        guard let context, let encoder else {
            // The client has left.
            if let answer { note(answer, to: request, in: log.begin(id: request.requestID, at: start), bytes: 0) }
            return
        }
        // Whoever has asked for the connection to be closed takes no more requests.
        if let answer = answer ?? (heldCloses.isEmpty ? nil : DirectAnswer(nil, route: nil)) {
            respond(with: answer, to: request, since: start, encoder)
        } else {
            passOn(request.head, context)
            pass(.end(trailers), context)
        }
        if !isAsking { resume() }
    }

    /// Takes up again what was held back while the answer was waited for.
    private func resume() {
        guard let context else { return }
        if !heldCloses.isEmpty {
            held = []
            return closeWhenWritten(context)
        }
        flushAnswers()
        var arrivals = held[...]
        while !isWaiting, let arrival = arrivals.popFirst() {
            switch arrival {
            case .part(let part): take(part, context)
            case .error(let error): pass(error, context)
            case .end: context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            }
        }
        held = Array(arrivals)
        channelReadComplete(context: context)
        if holdsRead, !isWaiting {
            holdsRead = false
            context.read()
        }
    }

    /// Closes when all that was written is on its way: writes are done in their order, so an empty one is done when all before it are.
    private func closeWhenWritten(_ context: ChannelHandlerContext) {
        let closes = heldCloses
        heldCloses = []
        let written = context.eventLoop.makePromise(of: Void.self)
        encoder?.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: written)
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        written.futureResult.whenComplete { _ in
            for close in closes { bound.value.close(mode: close.mode, promise: close.promise) }
        }
    }

    private func flushAnswers() {
        guard hasAnswered else { return }
        hasAnswered = false
        encoder?.flush()
    }

    private func respond(
        with answer: DirectAnswer, to request: DirectRequest, since start: ContinuousClock.Instant,
        _ encoder: ChannelHandlerContext
    ) {
        let entry = log.begin(id: request.requestID, at: start)
        let body = answer.body ?? []
        var last = HeaderLines(capacity: 160)
        if answer.body != nil { last.append("Content-Length", Int64(body.count)) }
        last.append("X-Request-Id", entry.id)
        last.append("Date", HTTPDate.now)
        var bytes = encoder.channel.allocator.buffer(
            capacity: 64 + answer.fields.bytes.count + last.bytes.count + body.count)
        bytes.writeStaticString(answer.statusLine)
        bytes.writeBytes(answer.fields.bytes)
        bytes.writeBytes(last.bytes)
        bytes.writeStaticString("\r\n")
        if !request.isHead { bytes.writeBytes(body) }
        encoder.write(NIOAny(IOData.byteBuffer(bytes)), promise: nil)
        hasAnswered = true
        guardian.noteActivity()
        note(answer, to: request, in: entry, bytes: request.isHead ? 0 : body.count)
    }

    private func note(_ answer: DirectAnswer, to request: DirectRequest, in entry: RequestLog.Entry, bytes: Int) {
        if let failure = answer.failure { log.report(failure, entry) }
        log.end(entry, method: request.isHead ? "HEAD" : "GET", status: answer.status, bytes: bytes, route: answer.route)
    }
}
