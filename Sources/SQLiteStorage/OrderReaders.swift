import Synchronization

/// A pool of connections that read buyers' orders, one for each concurrent thread.
///
/// A read runs on the caller's thread without waiting: it takes a connection, uses it and returns it.
final class OrderReaders: Sendable {
    /// A connection used by one thread at a time: the list hands it out again only after it has been returned.
    private struct Idle: @unchecked Sendable {
        let reader: OrderReader
    }

    private let path: String
    private let idle = Mutex<[Idle]>([])

    /// - Throws: ``StorageFailure`` if the file can't be read.
    init(path: String) throws {
        self.path = path
        try read { _ in }
    }

    /// Runs `body` with exclusive use of a connection.
    /// - Throws: ``StorageFailure``, or whatever `body` throws.
    func read<Value>(_ body: (OrderReader) throws -> Value) throws -> Value {
        let connection = try idle.withLock { $0.popLast() } ?? Idle(reader: OrderReader(path: path))
        defer { idle.withLock { $0.append(connection) } }
        return try body(connection.reader)
    }
}
