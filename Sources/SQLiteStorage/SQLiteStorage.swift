import CSQLite
import Foundation
import GRDB
package import Orders
package import SQLStorage

/// Orders in one SQLite file, for one machine.
///
/// Readers never wait for a writer (WAL). Several processes can share the file, such as a server and an import.
package final class SQLiteStorage: Sendable {
    private let path: String
    /// For buyers' reads of orders, on the caller's thread.
    private let orderReaders: OrderReaders
    /// `nil` if commits can't be detected.
    let recentOrders: WatchedOrders?
    /// For all other reads.
    private let reader: DatabaseQueue
    /// For all writes except imports.
    package let database: SQLiteDatabase
    /// Writes of orders.
    private let writes = SharedWrites(perStore: false)
    /// The accounts, which are stored in the same file.
    package var accounts: SQLAccounts<SQLiteDatabase> { SQLAccounts(database) }

    /// Opens the file; creates it, or migrates it to this version's schema, if necessary.
    /// - Parameter patience: how long a write waits for others in all, from its call to the begin of its transaction.
    /// - Throws: ``StorageFailure``.
    package init(path: String, patience: Duration = .seconds(10)) throws {
        self.path = path
        _ = Self.withoutMemoryStatistics
        do {
            if try !Self.isPrepared(path) {
                let lock = try FolderLock(of: path)
                defer { lock.release() }
                // Whoever makes a new file holds the lock, so this is what is left of another.
                if let size = try? URL(filePath: path).resourceValues(forKeys: [.fileSizeKey]).fileSize, size == 0 {
                    throw StorageFailure.empty
                }
                let writer = try Self.connect(to: path, readonly: false)
                try Self.prepareSchema(writer)
                try writer.close()
            }
            reader = try Self.connect(to: path, readonly: true)
            orderReaders = try OrderReaders(path: path)
            recentOrders = CommitWatch(databasePath: path).map { WatchedOrders($0) }
            database = SQLiteDatabase(path: path, patience: patience, reader: reader, recent: recentOrders) {
                try Self.connect(to: path, readonly: false, cacheKiB: 1024, isDurable: true)
            }
        } catch {
            throw StorageFailure(error)
        }
    }

    /// Evaluated once, before the first connection: SQLite's memory statistics take a process-wide lock for each allocation.
    /// Measured with two reading threads, that lock was where they waited most.
    private static let withoutMemoryStatistics: Void = {
        _ = csqlite_disable_memory_statistics()
    }()

    /// Whether the file exists and has this version's schema; checked without a lock that would wait for a writer.
    private static func isPrepared(_ path: String) throws -> Bool {
        guard FileManager.default.fileExists(atPath: path) else { return false }
        let migrator = SQLiteSchema.migrator
        return try connect(to: path, readonly: true).unsafeRead { db in
            guard try db.applicationID == SQLiteSchema.applicationID else { return false }
            if try migrator.hasBeenSuperseded(db) { throw StorageFailure.newerSchema }
            return try migrator.hasCompletedMigrations(db)
        }
    }

    private static func prepareSchema(_ writer: DatabaseQueue) throws {
        // The transaction that marks a new file also keeps two processes from preparing it at the same time.
        try writer.writeWithoutTransaction { db in
            try db.inTransaction(.immediate) {
                let applicationID = try db.applicationID
                if applicationID == 0, try !db.hasTables {
                    try db.execute(sql: "PRAGMA application_id = \(SQLiteSchema.applicationID)")
                } else if applicationID != SQLiteSchema.applicationID {
                    throw StorageFailure.damaged
                }
                return .commit
            }
        }
        let migrator = SQLiteSchema.migrator
        if try !writer.read(migrator.hasCompletedMigrations) { try migrator.migrate(writer) }
    }

    /// A new read-only connection.
    func connectToRead() throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.allowsUnsafeTransactions = true
        return try DatabaseQueue(path: path, configuration: configuration)
    }

    /// - Parameter isDurable: whether each commit waits for the disk, so that it outlives a loss of power.
    private static func connect(
        to path: String, readonly: Bool, cacheKiB: Int = 65536, isDurable: Bool = false
    ) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = readonly
        configuration.busyMode = .timeout(10)
        if !readonly {
            configuration.journalMode = .wal
            configuration.allowsUnsafeTransactions = true
            configuration.prepareDatabase { db in
                // Applies only to a new file. An order and its document take 15 KB: with this page size, a read or a write
                // touches half as many pages as with the default of 4 KiB.
                try db.execute(sql: "PRAGMA page_size = 8192")
                // With WAL, NORMAL loses nothing if the process dies, and at most the last moments if the machine does: right for an
                // import, which can be repeated.
                try db.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "NORMAL")")
                try db.execute(sql: "PRAGMA cache_size = -\(cacheKiB)")
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 8192")
                // Whatever a burst of writes has made of the log, it shrinks to this when it begins anew.
                try db.execute(sql: "PRAGMA journal_size_limit = \(SQLiteImport.logLimit)")
            }
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}

extension SQLiteStorage: OrderStorage, SQLOrders {
    package func settle() async {}

    // Both answer on the caller's thread, because they wait for nothing except, at worst, a disk.

    package func readVersion(
        of reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<OrderVersion?, StorageFailure>) -> Void
    ) {
        receive(
            Result {
                if let version = recentOrders?.version(of: reference, for: buyer) { return version }
                return try orderReaders.read { try $0.version(of: reference, for: buyer) }
            }.mapError { StorageFailure($0) })
    }

    package func readOrder(
        _ reference: OrderReference, for buyer: Buyer,
        receive: @escaping @Sendable (Result<StoredOrder?, StorageFailure>) -> Void
    ) {
        receive(
            Result {
                let read = { try self.orderReaders.read { try $0.order(reference, for: buyer) } }
                guard let recentOrders else { return try read() }
                return try recentOrders.order(reference, for: buyer, read: read)
            }.mapError { StorageFailure($0) })
    }

    package func outline(of page: PageRequest, for buyer: Buyer) async throws -> PageOutline {
        try orderReaders.read { try $0.outlines.page(page, for: buyer).outline }
    }

    package func page(_ page: PageRequest, for buyer: Buyer) async throws -> StoredPage {
        try orderReaders.read { try $0.pages.page(page, for: buyer) }
    }

    package func customers(of storeID: StoreID, with email: EmailAddress) async throws -> [CustomerID] {
        try await read { try $0.customers(of: storeID, with: email) }
    }

    package func others(sharingAddressWith buyer: Buyer) async throws -> [Buyer] {
        try await read { try $0.others(sharingAddressWith: buyer) }
    }

    package func hasCustomer(_ buyer: Buyer) async throws -> Bool {
        try await read { try $0.hasCustomer(buyer) }
    }

    package func isEmpty() async throws -> Bool {
        try await read { try !$0.hasAnyStore() }
    }

    package func hasStore(_ storeID: StoreID) async throws -> Bool {
        try await read { try $0.hasStore(storeID) }
    }

    package func currentOrders(_ names: [OrderName], in storeID: StoreID) async throws -> [CurrentOrder?] {
        try await read { db in try names.map { try db.currentOrder($0, in: storeID) } }
    }

    package func storeIDs() async throws -> [StoreID] {
        try await read { try $0.storeIDs() }
    }

    package func orders(of storeID: StoreID, after id: OrderID?, limit: Int) async throws -> [StoredMerchantOrder] {
        try await read { try $0.orders(of: storeID, after: id, limit: limit) }
    }

    package func write(_ write: OrderWrite) async throws -> OrderWriteResult {
        try await writes.write(write) { [database] writes in try await database.write { try $0.write(writes) } }
    }

    package func beginImport(allOrNothing: Bool) async throws -> any StorageImport {
        do {
            return try await SQLiteImport(
                Self.connect(to: path, readonly: false), reader, path: path, allOrNothing: allOrNothing)
        } catch {
            throw StorageFailure(error)
        }
    }

    package func prepareAhead(of time: Timestamp) async throws {
        // One file contains the orders of all months.
    }

    package func check() async throws {
        try database.checkPlace()
        try await read { _ = try $0.hasAnyStore() }
    }

    private func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do { return try await reader.read(body) } catch { throw StorageFailure(error) }
    }
}

extension Database {
    fileprivate var applicationID: Int32 {
        get throws { try Int32.fetchOne(self, sql: "PRAGMA application_id") ?? 0 }
    }

    fileprivate var hasTables: Bool {
        get throws { try Bool.fetchOne(self, sql: "SELECT EXISTS (SELECT 1 FROM sqlite_schema)") ?? false }
    }
}
