import Foundation
import GRDB
import GRDBSQLite
import Orders

/// Imports stores and orders on its own connection.
final class SQLiteImport: StorageImport {
    private let connection: DatabaseQueue
    private let reader: DatabaseQueue
    private let path: String
    private let turn: WriteTurn?
    private let allOrNothing: Bool
    /// The orders of one transaction: about 50 milliseconds, for which people may have to wait.
    private static let transactionSize = 500
    /// The size of the write-ahead log in bytes from which on an import begins it anew, between two transactions.
    static let logLimit = 64 << 20
    /// The size in bytes up to which an import leaves the log as it is.
    private static let smallLog = 4 << 20

    init(_ connection: DatabaseQueue, _ reader: DatabaseQueue, path: String, allOrNothing: Bool) async throws {
        self.path = path
        turn = WriteTurn(databasePath: path)
        self.connection = connection
        self.reader = reader
        self.allOrNothing = allOrNothing
        if allOrNothing {
            try await connection.writeWithoutTransaction { [turn] in try Self.begin($0, turn) }
        }
    }

    /// Begins a transaction after people who wait.
    private static func begin(_ db: Database, _ turn: WriteTurn?) throws {
        guard let turn else { return try db.beginTransaction(.immediate) }
        try turn.whenNobodyWaits { try db.beginTransaction(.immediate) }
    }

    func write(_ stores: [MerchantStore], at time: Timestamp) async throws -> [WriteOutcome] {
        try await batch { db in try stores.map { try db.write($0, at: time) } }
    }

    func orderIDs(of legacyIDs: [LegacyOrderID], in storeID: StoreID) async throws -> [LegacyOrderID: OrderID] {
        let lookUp: @Sendable (Database) throws -> [LegacyOrderID: OrderID] = { db in
            var ids: [LegacyOrderID: OrderID] = [:]
            for legacyID in legacyIDs {
                ids[legacyID] = try db.orderID(LookupKey(.legacyID, String(legacyID.number), in: storeID))
            }
            return ids
        }
        // Only its own connection sees what the open transaction has written; otherwise a read need not wait for writes.
        if allOrNothing { return try await onConnection(lookUp) }
        do { return try await reader.read(lookUp) } catch { throw StorageFailure(error) }
    }

    func prepare(for ids: [OrderID]) {
        // One file contains the orders of all months.
    }

    func write(_ changes: [OrderChange], at time: Timestamp) async throws -> [WriteOutcome] {
        var outcomes: [WriteOutcome] = []
        for start in stride(from: 0, to: changes.count, by: Self.transactionSize) {
            let part = Array(changes[start..<min(start + Self.transactionSize, changes.count)])
            outcomes += try await batch { db in try db.write(part, at: time) }
        }
        if !allOrNothing, logSize > Self.logLimit { await beginLogAnew(.restart) }
        return outcomes
    }

    /// The size of the write-ahead log, in bytes.
    private var logSize: Int {
        var status = stat()
        return stat(path + "-wal", &status) == 0 ? Int(status.st_size) : 0
    }

    /// Copies the log to the database and begins it anew, unless readers are in the way for long.
    private func beginLogAnew(_ kind: Database.CheckpointMode) async {
        _ = try? await connection.writeWithoutTransaction { db in
            sqlite3_busy_timeout(db.sqliteConnection, 200)
            defer { sqlite3_busy_timeout(db.sqliteConnection, 10_000) }
            try db.checkpoint(kind)
        }
    }

    func commit() async throws {
        if allOrNothing { try await onConnection { try $0.commit() } }
        // A small log is not worth making others wait.
        if logSize > Self.smallLog { await beginLogAnew(.truncate) }
        try connection.close()
    }

    func rollback() async throws {
        if allOrNothing { try await onConnection { db in if db.isInsideTransaction { try db.rollback() } } }
        try connection.close()
    }

    /// Runs a batch as one transaction, or as part of the one that contains everything.
    private func batch<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await onConnection { [allOrNothing, turn] db in
            if allOrNothing { return try body(db) }
            try Self.begin(db, turn)
            do {
                let value = try body(db)
                try db.commit()
                return value
            } catch {
                // A full disk rolls back the transaction by itself.
                if db.isInsideTransaction { try db.rollback() }
                throw error
            }
        }
    }

    private func onConnection<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            return try await connection.writeWithoutTransaction(body)
        } catch {
            throw StorageFailure(error)
        }
    }
}
