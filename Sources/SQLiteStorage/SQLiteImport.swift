import Foundation
import GRDB
import Orders

/// Imports stores and orders on its own connection.
final class SQLiteImport: StorageImport {
    private let connection: DatabaseQueue
    private let reader: DatabaseQueue
    private let allOrNothing: Bool

    init(_ connection: DatabaseQueue, _ reader: DatabaseQueue, allOrNothing: Bool) async throws {
        self.connection = connection
        self.reader = reader
        self.allOrNothing = allOrNothing
        if allOrNothing {
            try await connection.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        }
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
        try await batch { db in try db.write(changes, allOrNothing: false, at: time).0 }
    }

    func commit() async throws {
        if allOrNothing { try await onConnection { try $0.commit() } }
        try connection.close()
    }

    func rollback() async throws {
        if allOrNothing { try await onConnection { db in if db.isInsideTransaction { try db.rollback() } } }
        try connection.close()
    }

    /// Runs a batch as one transaction, or as part of the one that contains everything.
    private func batch<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        try await onConnection { [allOrNothing] db in
            if allOrNothing { return try body(db) }
            try db.beginTransaction(.immediate)
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
