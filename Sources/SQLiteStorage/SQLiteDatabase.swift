import Foundation
import GRDB
import GRDBSQLite
import Orders
package import SQLStorage
import Synchronization

/// The single connection that writes while a server runs, one transaction after another, and the one for other reads.
package final class SQLiteDatabase: SQLDatabase {
    private let path: String
    private let patience: Duration
    /// The file that is open. `nil` if it is none.
    private let identity: FileIdentity?
    private let turn: WriteTurn?
    private let reader: DatabaseQueue
    private let connect: @Sendable () throws -> DatabaseQueue
    /// Opened on first use: a file that can't be written can still be read.
    private let writer = Mutex<DatabaseQueue?>(nil)
    private let turns = Turns()
    /// `nil` if commits can't be detected.
    private let recent: WatchedOrders?

    init(
        path: String, patience: Duration, reader: DatabaseQueue, recent: WatchedOrders?,
        connect: @escaping @Sendable () throws -> DatabaseQueue
    ) {
        self.path = path
        self.patience = patience
        identity = FileIdentity(path: path)
        turn = WriteTurn(databasePath: path)
        self.reader = reader
        self.recent = recent
        self.connect = connect
    }

    package let locking = ""

    package func isBeyondASCII(_ column: String) -> String { "\(column) GLOB '*[^ -~]*'" }

    /// - Throws: ``StorageFailure/moved`` if another file is at the path, or none: what is written to the open one would be lost.
    func checkPlace() throws(StorageFailure) {
        guard FileIdentity(path: path) == identity else { throw .moved }
    }

    package func transaction<Value: Sendable>(
        waitsForOrders: Bool, _ body: @escaping @Sendable (any SQLTransaction) async throws -> Value
    ) async throws -> Value {
        try await inTurn(body)
    }

    package func write(_ sql: String, each rows: [[StoredValue]]) async throws {
        _ = try await inTurn { try await $0.run(sql, each: rows) }
    }

    /// Runs `body` as one transaction.
    /// - Parameter body: returns its value and the buyers whose orders it touched.
    /// - Throws: ``StorageFailure``.
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> (Value, TouchedOrders)
    ) async throws -> Value {
        try await inTurn { transaction in
            let (value, touched) = try await transaction.onConnection(body)
            transaction.touched.withLock { $0 = touched }
            return value
        }
    }

    /// Runs in its own task: the caller may be gone before the end, but the transaction still ends properly.
    private func inTurn<Value: Sendable>(
        _ body: @escaping @Sendable (SQLiteTransaction) async throws -> Value
    ) async throws -> Value {
        let deadline = ContinuousClock.now + patience
        return try await Task {
            guard await turns.take(until: deadline) else { throw StorageFailure.busy }
            defer { turns.giveBack() }
            return try await transaction(until: deadline, body)
        }.value
    }

    /// - Parameter deadline: when to give up waiting for other processes.
    private func transaction<Value: Sendable>(
        until deadline: ContinuousClock.Instant, _ body: @Sendable (SQLiteTransaction) async throws -> Value
    ) async throws -> Value {
        let transaction = SQLiteTransaction(connection: try connection())
        try checkPlace()
        let turn = turn
        defer { turn?.endOfPerson() }
        try await transaction.onConnection { db in
            guard turn?.beginOfPerson(until: deadline) ?? true else { throw StorageFailure.busy }
            sqlite3_busy_timeout(db.sqliteConnection, (deadline - .now).wholeMilliseconds)
            try db.beginTransaction(.immediate)
        }
        // From here on, nobody else can commit.
        let before = recent?.begin()
        do {
            let value = try await body(transaction)
            try await transaction.onConnection { try $0.commit() }
            recent?.end(before, touched: transaction.touched.withLock { $0 })
            return value
        } catch {
            // A full disk rolls back the transaction by itself.
            try? await transaction.onConnection { db in if db.isInsideTransaction { try db.rollback() } }
            recent?.end(nil, touched: TouchedOrders())
            throw error
        }
    }

    private func connection() throws -> DatabaseQueue {
        try writer.withLock { writer in
            if let writer { return writer }
            do {
                let new = try connect()
                writer = new
                return new
            } catch {
                throw StorageFailure(error)
            }
        }
    }

    package func lookUp(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] { try await read(sql, values) }

    package func read(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await read(sql, each: [values])[0]
    }

    package func read(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]] {
        do { return try await reader.read { try $0.rows(sql, each: rows) } } catch { throw StorageFailure(error) }
    }
}

private final class SQLiteTransaction: SQLTransaction {
    private let connection: DatabaseQueue
    let touched = Mutex(TouchedOrders())

    init(connection: DatabaseQueue) { self.connection = connection }

    func run(_ sql: String, _ values: [StoredValue]) async throws -> [StoredRow] {
        try await onConnection { try $0.rows(sql, values) }
    }

    func run(_ sql: String, each rows: [[StoredValue]]) async throws -> [[StoredRow]] {
        try await onConnection { try $0.rows(sql, each: rows) }
    }

    func lockOrders(of storeID: StoreID) async throws {
        // Writers take turns anyway.
    }

    func tryToLockOrders(of storeID: StoreID) async throws -> Bool { true }

    func noteChange(of touched: TouchedOrders, at time: Timestamp) async throws {
        // Other processes detect every commit (``CommitWatch``).
        self.touched.withLock { $0.formUnion(touched) }
    }

    func onConnection<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await connection.writeWithoutTransaction(body) } catch { throw StorageFailure(error) }
    }
}

extension Database {
    /// Runs a statement with the parameters `$1`, `$2` and so on.
    @discardableResult
    func rows(_ sql: String, _ values: [StoredValue]) throws -> [StoredRow] { try rows(sql, each: [values])[0] }

    /// The same for each of several rows of parameters.
    func rows(_ sql: String, each values: [[StoredValue]]) throws -> [[StoredRow]] {
        // SQLite's numbered parameters start with `?`.
        let statement = try cachedStatement(sql: sql.replacing("$", with: "?"))
        return try values.map { values in
            let rows = try Row.fetchCursor(statement, arguments: StatementArguments(values.map(\.databaseValue)))
            var result: [StoredRow] = []
            while let row = try rows.next() { result.append(row.databaseValues.map { StoredValue($0) }) }
            return result
        }
    }
}

extension StoredValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null, .double: .null
            case .int64(let integer): .integer(integer)
            case .string(let text): .text(text)
            case .blob(let data): .bytes([UInt8](data))
            }
    }
}

extension Duration {
    /// At least 1.
    fileprivate var wholeMilliseconds: Int32 {
        Int32(clamping: max(1, components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000))
    }
}

/// Gives turns to callers, in the order in which they come.
private final class Turns: Sendable {
    private struct State {
        var isTaken = false
        var waiting: [(number: Int, continuation: CheckedContinuation<Bool, Never>)] = []
        var count = 0
    }

    private let state = Mutex(State())

    /// Waits for a turn.
    /// - Returns: false if it has not come by the deadline.
    func take(until deadline: ContinuousClock.Instant) async -> Bool {
        let number = state.withLock { state in
            state.count += 1
            return state.count
        }
        let timer = Task { [self] in
            guard (try? await Task.sleep(until: deadline)) != nil else { return }
            let late = state.withLock { state -> CheckedContinuation<Bool, Never>? in
                state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).continuation }
            }
            late?.resume(returning: false)
        }
        defer { timer.cancel() }
        return await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> Bool? in
                if !state.isTaken {
                    state.isTaken = true
                    return true
                }
                // The timer may have looked before.
                guard ContinuousClock.now < deadline else { return false }
                state.waiting.append((number, continuation))
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func giveBack() {
        let next = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if state.waiting.isEmpty {
                state.isTaken = false
                return nil
            }
            return state.waiting.removeFirst().continuation
        }
        next?.resume(returning: true)
    }
}
