import AsyncAlgorithms
import HTTPTypes
package import Hummingbird
import ServiceLifecycle
import Synchronization

extension Call {
    /// An answer that is written incrementally, until it is complete.
    ///
    /// It has its own deadlines: it lasts no longer than `duration`, and the connection is closed if the client does not receive
    /// what was written within the time limit of a request (``ConnectionLimits``). When the server shuts down, the answer ends
    /// properly. The log has a line for its beginning and one for its end.
    /// - Parameter produce: writes the answer. Its task is cancelled if the answer ends for another reason. If it throws, the
    ///   connection is closed so that the client notices.
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
                            // Waits while the client reads more slowly than the stream is written.
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

/// Writes to a stream.
package struct StreamWriter: Sendable {
    fileprivate let stream: Stream

    /// Writes bytes, and returns when the connection has room for more. Bytes written at the moment of the end may be lost.
    /// - Throws: `CancellationError` once the stream has ended.
    package func write(_ bytes: [UInt8]) async throws {
        // After the end, the channel accepts everything at once and discards it.
        if stream.end != nil || Task.isCancelled { throw CancellationError() }
        await stream.chunks.send(bytes)
    }
}

/// The reason why a stream ended.
enum StreamEnd: Sendable {
    /// The answer is complete.
    case complete
    /// It reached its maximum duration.
    case deadline
    case shutdown
    /// The client disconnected, or did not receive what was written.
    case disconnected
    case failed(any Error)

    /// The word in the log.
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

/// Connects the writer of a stream with its connection.
private final class Stream: Sendable {
    let chunks = AsyncChannel<[UInt8]>()
    private let ended = Mutex<StreamEnd?>(nil)

    /// The reason why it ended; `nil` while it continues.
    var end: StreamEnd? { ended.withLock { $0 } }

    /// Ends the stream. Only the first reason counts.
    func end(_ reason: StreamEnd) {
        ended.withLock { $0 = $0 ?? reason }
        chunks.finish()
    }

    /// The concurrent tasks, each of which can end the stream: writing it, and watching the time and the server.
    func tasks(
        lasting duration: Duration, _ produce: @escaping @Sendable (StreamWriter) async throws -> Void
    ) -> [@Sendable () async -> Void] {
        [
            { [self] in
                defer { chunks.finish() }
                do {
                    try await produce(StreamWriter(stream: self))
                    if !Task.isCancelled { end(.complete) }
                } catch {
                    // If the task was cancelled, the stream has already ended for another reason.
                    if !Task.isCancelled { end(.failed(error)) }
                }
            },
            { [self] in if (try? await Task.sleep(for: duration)) != nil { end(.deadline) } },
            { [self] in if (try? await gracefulShutdown()) != nil { end(.shutdown) } },
        ]
    }
}
