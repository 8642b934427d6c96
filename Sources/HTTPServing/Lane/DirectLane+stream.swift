import NIOCore
import NIOHTTP1

/// The answers of the lane that go on.
extension DirectLane {
    /// How many bytes of a stream may wait for its client.
    private static let maximumWaiting = 1 << 20

    func open(
        _ answer: DirectAnswer, _ begin: (DirectStream) -> Void, to request: DirectRequest, since start: ContinuousClock.Instant,
        _ encoder: ChannelHandlerContext
    ) {
        let entry = log.begin(id: request.requestID, at: start)
        var last = HeaderLines(capacity: 160)
        last.append("Transfer-Encoding", "chunked")
        last.append("X-Request-Id", entry.id)
        last.append("X-Scalev-Request-Id", entry.id)
        last.append("Date", HTTPDate.now)
        var bytes = encoder.channel.allocator.buffer(capacity: 64 + answer.fields.bytes.count + last.bytes.count)
        bytes.writeStaticString(answer.statusLine)
        bytes.writeBytes(answer.fields.bytes)
        bytes.writeBytes(last.bytes)
        bytes.writeStaticString("\r\n")
        let open = OpenDirectStream(DirectStream(self, encoder.eventLoop), entry: entry, route: answer.route)
        stream = open
        guardian.beginStream { [weak self] in self?.cutOff() }
        write(bytes, encoder)
        note(answer, to: request, in: entry, bytes: 0)
        begin(open.stream)
    }

    /// Writes a piece of a stream, as a chunk (RFC 9112, section 7.1).
    func write(_ bytes: [UInt8], to target: DirectStream) {
        guard let open = stream, open.stream === target, let encoder, !bytes.isEmpty else { return }
        // What waits is more than a client that listens ever leaves waiting.
        guard open.waiting < Self.maximumWaiting else { return cutOff() }
        open.bytes += bytes.count
        open.waiting += bytes.count
        var chunk = encoder.channel.allocator.buffer(capacity: bytes.count + 12)
        chunk.writeString(String(bytes.count, radix: 16))
        chunk.writeStaticString("\r\n")
        chunk.writeBytes(bytes)
        chunk.writeStaticString("\r\n")
        write(chunk, encoder).assumeIsolated().whenComplete { _ in open.waiting -= bytes.count }
    }

    @discardableResult
    private func write(_ bytes: ByteBuffer, _ encoder: ChannelHandlerContext) -> EventLoopFuture<Void> {
        let written = encoder.eventLoop.makePromise(of: Void.self)
        guardian.noteWrite(written.futureResult)
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(bytes)), promise: written)
        return written.futureResult
    }

    /// Closes the connection at once: what was written for a client that takes nothing would keep it open.
    private func cutOff() {
        let encoder = encoder
        finish(because: .disconnected)
        encoder?.close(mode: .all, promise: nil)
    }

    /// Ends a stream with the chunk that says so, and goes on with what the client has sent meanwhile.
    func end(_ target: DirectStream, because reason: StreamEnd) {
        guard let open = stream, open.stream === target else { return }
        if let encoder { write(ByteBuffer(string: "0\r\n\r\n"), encoder) }
        finish(because: reason)
        resume()
    }

    func finish(because reason: StreamEnd) {
        guard let open = stream else { return }
        stream = nil
        guardian.endStream()
        log.end(
            open.entry, "stream ended", method: "GET", status: 200, bytes: open.bytes, route: open.route, reason: reason.word)
        open.stream.noteEnd()
    }
}

/// A stream that is being written, and what the log says of it.
final class OpenDirectStream {
    let stream: DirectStream
    let entry: RequestLog.Entry
    let route: String?
    var bytes = 0
    /// How many bytes the client has not taken yet.
    var waiting = 0

    init(_ stream: DirectStream, entry: RequestLog.Entry, route: String?) {
        self.stream = stream
        self.entry = entry
        self.route = route
    }
}
