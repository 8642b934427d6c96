/// Where the bytes of a stream go, whoever makes them.
package protocol ByteSink: Sendable {
    /// Writes bytes without waiting, from any thread, in the order of the calls. They are dropped once the stream has ended.
    func write(_ bytes: [UInt8])

    /// Ends the stream in order, after everything written.
    func end()
}

/// Bytes that wait for the task which sends them.
package struct QueuedBytes: ByteSink {
    /// Ends with the stream, and if too many pieces wait.
    package let pieces: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation

    /// - Parameter capacity: how many pieces may wait.
    package init(capacity: Int) {
        (pieces, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(capacity))
    }

    package func write(_ bytes: [UInt8]) { if case .dropped = continuation.yield(bytes) { continuation.finish() } }

    package func end() { continuation.finish() }
}
