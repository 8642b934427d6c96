import NIOCore
import Synchronization

/// An answer of the direct lane that goes on for as long as there is news. It costs the connection's buffers and nothing else: no task waits.
///
/// The connection is closed if the client does not take what was written within the time limit of a request, or if more than a buffer's worth waits for it.
package final class DirectStream: ByteSink {
    private let eventLoop: any EventLoop
    private let lane: NIOLoopBound<DirectLane>
    private let whenEnded = Mutex<(@Sendable () -> Void)?>(nil)

    init(_ lane: DirectLane, _ eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.lane = NIOLoopBound(lane, eventLoop: eventLoop)
    }

    package func write(_ bytes: [UInt8]) { run { $0.write(bytes, to: self) } }

    package func end() { run { $0.end(self, because: .complete) } }

    /// Calls a closure once, when the stream has ended, and keeps it and what it holds until then.
    package func onEnd(_ body: @escaping @Sendable () -> Void) { whenEnded.withLock { $0 = body } }

    /// The stream has ended.
    func noteEnd() {
        let body = whenEnded.withLock { body in
            defer { body = nil }
            return body
        }
        body?()
    }

    private func run(_ body: @escaping @Sendable (DirectLane) -> Void) {
        if eventLoop.inEventLoop { body(lane.value) } else { eventLoop.execute { [lane] in body(lane.value) } }
    }
}
