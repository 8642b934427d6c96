package import Orders

/// A database that runs transactions of statements which both SQLite and PostgreSQL understand.
package protocol SQLDatabase: Sendable {
    /// The clause that locks the rows of a query for changes in this transaction; empty if writers take turns anyway.
    var locking: String { get }

    /// The condition that a text has letters beyond ASCII.
    func isBeyondASCII(_ column: String) -> String

    /// Runs statements as one transaction, and retries it if it conflicts with another one.
    /// - Parameter waitsForOrders: whether the transaction may have to wait for an import (``SQLTransaction/lockOrders(of:)``).
    /// - Throws: ``StorageFailure``, or whatever `body` throws; nothing is written then.
    func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value

    /// Runs a statement for each of several rows of parameters, as one transaction and in the time of one statement. It has to be safe to repeat.
    /// - Throws: ``StorageFailure``.
    func write(_ sql: String, each rows: [[StoredValue]]) async throws

    /// Runs a read-only statement that sees everything committed before.
    /// - Throws: ``StorageFailure``.
    func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow]

    /// The same for several rows of parameters, in the time of one.
    /// - Returns: the rows for each of them.
    func read(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]]

    /// The same for a statement that looks up a few rows by their keys, which many callers do at the same time.
    /// - Throws: ``StorageFailure``.
    func lookUp(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow]
}

/// A transaction in progress.
package protocol SQLTransaction: Sendable {
    /// Runs a statement with the parameters `$1`, `$2` and so on.
    @discardableResult
    func run(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow]

    /// Runs a statement for each of several rows of parameters, in their order and in the time of one.
    /// - Returns: the rows for each of them.
    @discardableResult
    func run(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]]

    /// Locks out imports into a store until the transaction ends, because an import plans its writes in advance.
    /// - Throws: if getting the lock takes more than a second, among other errors.
    func lockOrders(of storeID: StoreID) async throws

    /// The same, but does not wait for a running import.
    /// - Returns: whether it got the lock.
    func tryToLockOrders(of storeID: StoreID) async throws -> Bool

    /// Notifies all servers that what buyers see of these orders has changed.
    func noteChange(of touched: TouchedOrders, at time: Timestamp) async throws
}

extension SQLDatabase {
    func transaction<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        try await transaction(waitsForOrders: false, body)
    }
}

extension StoredValue {
    init(_ text: String?) { self = text.map { .text($0) } ?? .null }
    init(_ number: Int64?) { self = number.map { .integer($0) } ?? .null }
    init(_ bytes: [UInt8]?) { self = bytes.map { .bytes($0) } ?? .null }
    static func time(_ time: Timestamp) -> StoredValue { .integer(time.microseconds) }

    var text: String? { if case .text(let text) = self { text } else { nil } }
    var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }
    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }

    /// The value of a `NOT NULL` column.
    /// - Throws: ``StorageFailure/damaged`` if the value is of another kind.
    func requiredText() throws(StorageFailure) -> String {
        guard let text else { throw .damaged }
        return text
    }

    /// The value of a `NOT NULL` column.
    /// - Throws: ``StorageFailure/damaged`` if the value is of another kind.
    func requiredInteger() throws(StorageFailure) -> Int64 {
        guard let integer else { throw .damaged }
        return integer
    }

    /// The value of a `NOT NULL` column.
    /// - Throws: ``StorageFailure/damaged`` if the value is of another kind.
    func requiredBytes() throws(StorageFailure) -> [UInt8] {
        guard let bytes else { throw .damaged }
        return bytes
    }

    /// An order id, which SQLite returns as its 16 bytes.
    /// - Throws: ``StorageFailure/damaged`` if the value is of another kind.
    func requiredOrderID() throws(StorageFailure) -> UUIDBytes {
        if case .orderID(let id) = self { return id }
        guard let id = UUIDBytes(bytes: try requiredBytes()) else { throw .damaged }
        return id
    }
}
