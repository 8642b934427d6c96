import NIOCore
package import NIOHTTP1

/// An answer that needed no waiting: always 200, or 304 where it has no body.
package struct ImmediateAnswer: Sendable {
    /// Answers a GET or HEAD at once, or has nothing to say about it.
    package typealias Handler = @Sendable (HTTPRequestHead) -> ImmediateAnswer?

    let fields: [(name: StaticString, value: String)]
    let body: [UInt8]?
    /// The template of the address, for the log.
    let route: String

    /// - Parameter fields: the header fields less those that every answer has.
    package init(fields: [(name: StaticString, value: String)], body: [UInt8]?, route: String) {
        self.fields = fields
        self.body = body
        self.route = route
    }
}

/// Answers on the event loop what can be answered at once; everything else passes through.
///
/// Measured on two cores: a request that goes through tasks and the asynchronous channel costs as much again as all the rest of it, and
/// a read of an order from the embedded storage takes less than handing it to another thread. The answer is written as bytes, past the
/// encoder. Answers stay in the order of their requests, as a request that others wait before takes the ordinary way too.
final class ImmediateLane: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let answer: ImmediateAnswer.Handler
    private let log: RequestLog
    private let guardian: ConnectionGuard
    /// Where bytes are written that are HTTP already.
    private var encoder: ChannelHandlerContext?
    /// A header that may be all of its request.
    private var pending: HTTPRequestHead?
    /// Answers that are still to come from further on.
    private var answersDue = 0
    private var hasAnswered = false

    init(answer: @escaping ImmediateAnswer.Handler, log: RequestLog, guardian: ConnectionGuard) {
        self.answer = answer
        self.log = log
        self.guardian = guardian
    }

    func handlerAdded(context: ChannelHandlerContext) {
        encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
    }

    func handlerRemoved(context: ChannelHandlerContext) { encoder = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if answersDue == 0, head.method == .GET || head.method == .HEAD, head.version == .http1_1,
                head.headers["connection"].allSatisfy({ $0.lowercased() == "keep-alive" })
            {
                pending = head
            } else {
                answersDue += 1
                context.fireChannelRead(data)
            }
        case .end:
            if let head = pending {
                pending = nil
                if context.channel.isWritable, respond(to: head) { return }
                passOn(head, context)
            }
            context.fireChannelRead(data)
        case .body:
            if let head = pending {
                pending = nil
                passOn(head, context)
            }
            context.fireChannelRead(data)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if hasAnswered {
            hasAnswered = false
            context.flush()
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { answersDue -= 1 }
        context.write(data, promise: promise)
    }

    private func passOn(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        answersDue += 1
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    private func respond(to head: HTTPRequestHead) -> Bool {
        let start = ContinuousClock.now
        guard let encoder, let answer = answer(head) else { return false }
        let entry = log.begin(id: head.headers.first(name: "x-request-id"), at: start)
        let body = answer.body ?? []
        var bytes = encoder.channel.allocator.buffer(capacity: 512 + body.count)
        bytes.writeStaticString(answer.body == nil ? "HTTP/1.1 304 Not Modified\r\n" : "HTTP/1.1 200 OK\r\n")
        for field in answer.fields { bytes.write(field.name, field.value) }
        if answer.body != nil { bytes.write("Content-Length", String(body.count)) }
        bytes.write("X-Request-Id", entry.id)
        bytes.write("Date", HTTPDate.now)
        bytes.writeStaticString("\r\n")
        if head.method != .HEAD { bytes.writeBytes(body) }
        encoder.write(NIOAny(IOData.byteBuffer(bytes)), promise: nil)
        hasAnswered = true
        guardian.noteActivity()
        log.end(
            entry, method: head.method.rawValue, status: answer.body == nil ? 304 : 200,
            bytes: head.method == .HEAD ? 0 : body.count, route: answer.route)
        return true
    }
}

extension ByteBuffer {
    /// A header field; neither name nor value comes from outside.
    fileprivate mutating func write(_ name: StaticString, _ value: String) {
        writeStaticString(name)
        writeStaticString(": ")
        writeString(value)
        writeStaticString("\r\n")
    }
}
