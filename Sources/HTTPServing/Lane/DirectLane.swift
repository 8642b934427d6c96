import NIOCore
import NIOHTTP1

/// Answers requests on the event loop if they have a direct answer, and passes everything else through.
///
/// Measured on two cores, sending a request through tasks and the asynchronous channel costs as much as the rest of its
/// processing, and reading an order from the embedded storage takes less time than a switch to another thread. The answer is
/// written as bytes, past the encoder. Answers keep the order of their requests: input that arrives while an answer is pending is
/// held back, and a request behind others that are unanswered goes through the router too.
final class DirectLane: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private enum Arrival {
        case part(HTTPServerRequestPart)
        /// Invalid HTTP.
        case error(any Error)
        /// The client sends nothing more, but may still wait for its answers.
        case end
    }

    private let answer: DirectAnswer.Handler
    let log: RequestLog
    let guardian: ConnectionGuard
    /// Where encoded HTTP bytes are written.
    private(set) var encoder: ChannelHandlerContext?
    private var context: ChannelHandlerContext?
    /// A request that may consist of its header only.
    private var pending: DirectRequest?
    /// The number of answers still expected from later handlers.
    private var answersDue = 0
    /// Whether anything was passed on since the last read-complete event.
    private var hasPassedOn = false
    private var hasAnswered = false
    /// The request whose direct answer is pending.
    private var asked: (request: DirectRequest, trailers: HTTPHeaders?, start: ContinuousClock.Instant)?
    /// The stream that is being written.
    var stream: OpenDirectStream?
    /// Whether ``answer`` is being called right now: an answer during the call has held nothing back.
    private var isAsking = false
    /// The input that arrived while an answer was pending, in order.
    private var held: [Arrival] = []
    private var holdsRead = false
    private var heldCloses: [(mode: CloseMode, promise: EventLoopPromise<Void>?)] = []

    init(answer: @escaping DirectAnswer.Handler, log: RequestLog, guardian: ConnectionGuard) {
        self.answer = answer
        self.log = log
        self.guardian = guardian
    }

    private var isWaiting: Bool { asked != nil || stream != nil }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(because: .disconnected)
        encoder = nil
        self.context = nil
        // The other side closed first.
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

    /// After an error, a pending header is no longer a request.
    private func pass(_ error: any Error, _ context: ChannelHandlerContext) {
        pending = nil
        context.fireErrorCaught(error)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let open = stream?.stream, case ChannelEvent.inputClosed = event {
            // Whoever listens has gone.
            held = []
            end(open, because: .disconnected)
            context.close(promise: nil)
        } else if isWaiting, case ChannelEvent.inputClosed = event {
            held.append(.end)
        } else {
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            if answersDue == 0, let request = DirectRequest(head, from: context.channel.remoteAddress) {
                pending = request
            } else {
                passOn(head, context)
            }
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
        // A body is still to come, and its sender may wait for permission (RFC 9110, section 10.1.1).
        passPendingOn(context)
        flushAnswers()
        guard hasPassedOn else { return }
        hasPassedOn = false
        context.fireChannelReadComplete()
    }

    /// Stops reading while an answer is pending and input is already held back, so that at most one read's worth is ever held.
    /// Most clients send nothing before they have their answer, and suspending reads for them would cost two system calls per
    /// request.
    func read(context: ChannelHandlerContext) {
        if isWaiting, !held.isEmpty { holdsRead = true } else { context.read() }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { answersDue -= 1 }
        context.write(data, promise: promise)
    }

    /// To later handlers, the connection looks idle while a direct answer is pending.
    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard isWaiting, context.channel.isActive else { return context.close(mode: mode, promise: promise) }
        heldCloses.append((mode, promise))
        // The server shuts down.
        if let open = stream?.stream { end(open, because: .shutdown) }
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

    /// Whether the request was accepted; if so, it is answered now or later.
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
        // A second answer must not answer the next request.
        guard let (current, trailers, start) = asked, current === request else { return }
        asked = nil
        guard let context, let encoder else {
            // The client has disconnected.
            if let answer { note(answer, to: request, in: log.begin(id: request.requestID, at: start), bytes: 0) }
            return
        }
        if !heldCloses.isEmpty {
            // A connection that is about to close accepts no more requests, and begins no streams.
            let last = answer.flatMap { $0.stream == nil ? $0 : nil } ?? .closing
            respond(with: last, to: request, since: start, encoder)
        } else if let answer, let begin = answer.stream {
            return open(answer, begin, to: request, since: start, encoder)
        } else if let answer {
            respond(with: answer, to: request, since: start, encoder)
        } else {
            passOn(request.head, context)
            pass(.end(trailers), context)
        }
        if !isAsking { resume() }
    }

    /// Processes the input that was held back while the answer was pending.
    func resume() {
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

    /// Closes after everything written has been sent: writes complete in order, so an empty one completes after all earlier ones.
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
        last.append("X-Scalev-Request-Id", entry.id)
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

    func note(_ answer: DirectAnswer, to request: DirectRequest, in entry: RequestLog.Entry, bytes: Int) {
        if let failure = answer.failure { log.report(failure, entry) }
        log.end(entry, method: request.isHead ? "HEAD" : "GET", status: answer.status, bytes: bytes, route: answer.route)
    }
}

extension DirectAnswer {
    /// The server is about to close the connection.
    fileprivate static let closing = DirectAnswer(nil, route: nil)
}
