import AsyncAlgorithms
import HTTPTypes
package import Hummingbird
import ServiceLifecycle
import Synchronization

extension Call {
    /// An answer that is written bit by bit, until there is nothing more to say.
    ///
    /// It has deadlines of its own: it lasts no longer than `duration`, and the connection is closed if the client does not take what was
    /// written within the time of a request (``ConnectionLimits``). When the server shuts down, the answer ends in order. The log has a line
    /// when it begins and one when it ends.
    /// - Parameter produce: writes the answer. Its task is cancelled when the answer has ended for another reason. If it throws, the
    ///   connection is closed, so that the client can tell.
    package func stream(
        _ contentType: String, lasting duration: Duration, _ produce: @escaping @Sendable (StreamWriter) async throws -> Void
    ) -> Response {
        let trace = context.trace
        return Response(
            status: .ok, headers: [.contentType: contentType, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                let stream = Stream()
                var bytes = 0
                do {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        for task in stream.tasks(lasting: duration, produce) { group.addTask { await task() } }
                        defer { group.cancelAll() }
                        for await chunk in stream.chunks {
                            bytes += chunk.count
                            // Waits while the client takes less than is written.
                            try await writer.write(ByteBuffer(bytes: chunk))
                        }
                        if case .failed(let error)? = stream.end { throw error }
                        try await writer.finish(nil)
                    }
                } catch {
                    trace?.end(stream.end ?? .disconnected, bytes: bytes)
                    throw error
                }
                trace?.end(stream.end ?? .disconnected, bytes: bytes)
            })
    }
}

/// Takes what a stream is to say.
package struct StreamWriter: Sendable {
    fileprivate let chunks: AsyncChannel<[UInt8]>

    /// Writes bytes, and returns once the connection has room for more.
    /// - Throws: `CancellationError` once the stream has ended.
    package func write(_ bytes: [UInt8]) async throws {
        await chunks.send(bytes)
        try Task.checkCancellation()
    }
}

/// Why a stream ended.
enum StreamEnd: Sendable {
    /// Everything was said.
    case complete
    /// It lasted as long as it may.
    case deadline
    case shutdown
    /// The client left, or did not take what was written.
    case disconnected
    case failed(any Error)

    /// For the log.
    var word: StaticString {
        switch self {
        case .complete: "complete"
        case .deadline: "deadline"
        case .shutdown: "shutdown"
        case .disconnected: "disconnected"
        case .failed: "failed"
        }
    }
}

/// What is between the one who writes a stream and its connection.
private final class Stream: Sendable {
    let chunks = AsyncChannel<[UInt8]>()
    private let ended = Mutex<StreamEnd?>(nil)

    /// Why it ended; `nil` while it goes on.
    var end: StreamEnd? { ended.withLock { $0 } }

    /// Ends it. The first reason counts.
    func end(_ reason: StreamEnd) {
        ended.withLock { $0 = $0 ?? reason }
        chunks.finish()
    }

    /// What is done at the same time, each of which ends the stream: writing it, and watching the clock and the server.
    func tasks(
        lasting duration: Duration, _ produce: @escaping @Sendable (StreamWriter) async throws -> Void
    ) -> [@Sendable () async -> Void] {
        [
            { [self] in
                defer { chunks.finish() }
                do {
                    try await produce(StreamWriter(chunks: chunks))
                    if !Task.isCancelled { end(.complete) }
                } catch {
                    // What is cancelled has ended already, for a reason of its own.
                    if !Task.isCancelled { end(.failed(error)) }
                }
            },
            { [self] in if (try? await Task.sleep(for: duration)) != nil { end(.deadline) } },
            { [self] in if (try? await gracefulShutdown()) != nil { end(.shutdown) } },
        ]
    }
}
