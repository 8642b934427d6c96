import Dispatch
import Foundation
import Synchronization

/// Writes lines to a file descriptor on a separate thread, so that no request ever waits for the log.
///
/// Lines are written in batches within a tenth of a second. If the reader does not keep up, lines are dropped rather than requests
/// delayed: beyond 8 MiB of pending lines, further ones are dropped and counted, and the log says how many.
final class LogWriter: Sendable {
    private struct Pending {
        var bytes: [UInt8] = []
        var dropped = 0
        var isScheduled = false
    }

    private static let limit = 8 << 20
    private let descriptor: Int32
    private let pending = Mutex(Pending())
    private let queue = DispatchQueue(label: "pesanan.log")

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// Queues a line, which must end with a newline.
    func write(_ line: [UInt8]) {
        let isFirst = pending.withLock { pending in
            if pending.bytes.count + line.count > Self.limit {
                pending.dropped += 1
            } else {
                pending.bytes.append(contentsOf: line)
            }
            defer { pending.isScheduled = true }
            return !pending.isScheduled
        }
        if isFirst { queue.asyncAfter(deadline: .now() + .milliseconds(100)) { self.writePending() } }
    }

    /// Flushes all pending lines before it returns, or gives up after a second if nobody reads them.
    func flush() {
        let isWritten = DispatchSemaphore(value: 0)
        queue.async {
            self.writePending()
            isWritten.signal()
        }
        _ = isWritten.wait(timeout: .now() + .seconds(1))
    }

    private func writePending() {
        let (bytes, dropped) = pending.withLock { pending in
            defer { pending = Pending() }
            return (pending.bytes, pending.dropped)
        }
        put(bytes)
        if dropped > 0 {
            put(Array(#"{"level":"warning","message":"log lines were dropped","count":\#(dropped)}"#.utf8) + [0x0A])
        }
    }

    private func put(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let written = bytes[start...].withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0, errno != EINTR { return }
            start += max(0, written)
        }
    }
}
