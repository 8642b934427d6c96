import Synchronization

/// Connections that read buyers' orders, one for each thread that reads at the same time.
///
/// A read runs on the caller's thread and waits for nobody: a connection is taken, used and given back.
final class OrderReaders: Sendable {
    /// A connection in the hands of one thread at a time: the list gives each to one taker and has it back before it gives it again.
    private struct Idle: @unchecked Sendable {
        let reader: OrderReader
    }

    private let path: String
    private let idle = Mutex<[Idle]>([])

    /// - Throws: ``StorageFailure`` where the file can't be read.
    init(path: String) throws {
        self.path = path
        try read { _ in }
    }

    /// Runs `body` with a connection of its own.
    /// - Throws: ``StorageFailure``, or what `body` throws.
    func read<Value>(_ body: (OrderReader) throws -> Value) throws -> Value {
        let connection = try idle.withLock { $0.popLast() } ?? Idle(reader: OrderReader(path: path))
        defer { idle.withLock { $0.append(connection) } }
        return try body(connection.reader)
    }
}
