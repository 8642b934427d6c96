package import Orders

/// A database: transactions of statements that SQLite and PostgreSQL both understand.
package protocol SQLDatabase: Sendable {
    /// What a query ends with whose rows are to be changed by this transaction; empty where writers take turns anyway.
    var locking: String { get }

    /// Runs statements as one transaction, and again where a concurrent one was in the way.
    /// - Parameter waitsForOrders: whether it may have to wait for those who take in orders (``SQLTransaction/lockOrders(of:)``).
    /// - Throws: ``StorageFailure``, or what `body` throws; then nothing was written.
    func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value

    /// Runs a statement that only reads, and sees all that was written before.
    /// - Throws: ``StorageFailure``.
    func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow]
}

/// A transaction that is under way.
package protocol SQLTransaction: Sendable {
    /// Runs a statement; its parameters are `$1`, `$2` and so on.
    @discardableResult
    func run(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow]

    /// Locks out imports into a store until the end of the transaction: an import plans first what it writes.
    /// - Throws: where that takes longer than a second, among other things.
    func lockOrders(of storeID: StoreID) async throws

    /// The same, unless somebody takes in orders at the moment.
    /// - Returns: whether nobody does.
    func tryToLockOrders(of storeID: StoreID) async throws -> Bool

    /// Tells all servers that a buyer's orders are not what they were.
    func noteChange(of buyer: Buyer, at time: Timestamp) async throws
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

    /// The value that a column without `NULL` has.
    /// - Throws: ``StorageFailure/damaged`` where there is another kind of value.
    func requiredText() throws(StorageFailure) -> String {
        guard let text else { throw .damaged }
        return text
    }

    /// The value that a column without `NULL` has.
    /// - Throws: ``StorageFailure/damaged`` where there is another kind of value.
    func requiredInteger() throws(StorageFailure) -> Int64 {
        guard let integer else { throw .damaged }
        return integer
    }

    /// The value that a column without `NULL` has.
    /// - Throws: ``StorageFailure/damaged`` where there is another kind of value.
    func requiredBytes() throws(StorageFailure) -> [UInt8] {
        guard let bytes else { throw .damaged }
        return bytes
    }

    /// The id of an order, which SQLite gives as its 16 bytes.
    /// - Throws: ``StorageFailure/damaged`` where there is another kind of value.
    func requiredOrderID() throws(StorageFailure) -> UUIDBytes {
        if case .orderID(let id) = self { return id }
        guard let id = UUIDBytes(bytes: try requiredBytes()) else { throw .damaged }
        return id
    }
}
