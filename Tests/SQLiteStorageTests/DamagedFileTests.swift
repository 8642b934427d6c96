import Accounts
import Foundation
import GRDB
import JSON
import Orders
import SQLStorage
import SQLiteStorage
import TestFixtures
import Testing

/// What is read of a file with damages: everything as it was, nothing, or a failure. Never a crash, other bytes, or another buyer's.
@Suite struct `A damaged file` {
    enum Damage: CaseIterable {
        case byte, page, cutShort, swappedRows
    }

    private static let count = 300
    private static let pageSize = 16384
    private let folder: TemporaryFolder
    private let path: String
    private let orders: [(id: OrderID, buyer: Buyer)]
    private let buyers: [Buyer]

    init() async throws {
        folder = try TemporaryFolder()
        path = folder.path("good.sqlite")
        var generator = SeededGenerator(seed: 1)
        var changes: [OrderChange] = []
        for number in 1...60 {
            let id = OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + Int64(number)), using: &generator)!
            let order = Fixture.order(id: .string(id.description), customer: number % 12, ["notes": .string("Order \(number)")])
            changes.append(try OrderChange(order, id: id))
        }
        orders = changes.map { ($0.id, $0.after.buyer) }
        buyers = Array(Set(orders.map(\.buyer)))
        try await Self.fill(path, changes)
        // Everything is in the file itself, and nothing in the write-ahead log.
        let database = try DatabaseQueue(path: path)
        try await database.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try database.close()
    }

    private static func fill(_ path: String, _ changes: [OrderChange]) async throws {
        let storage = try SQLiteStorage(path: path)
        let session = try await storage.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1_800_000_000))
        _ = try await session.write(changes, at: Timestamp(seconds: 1_800_000_001))
        try await session.commit()
    }

    /// What can be read, each piece by its name; a piece that can't be read is absent.
    private func contents(_ path: String) async -> [String: [UInt8]] {
        guard let storage = try? SQLiteStorage(path: path) else { return [:] }
        var contents: [String: [UInt8]] = [:]
        for (id, buyer) in orders {
            contents["order \(id)"] = (try? await storage.order(.id(id), for: buyer))?.json(publicURL: nil)
        }
        for buyer in buyers {
            for order in (try? await storage.page(PageRequest(), for: buyer))?.orders ?? [] {
                let json = order.json(publicURL: nil)
                contents["order in a page of \(buyer.customerID) \(json.hashValue)"] = json
            }
            contents["profile \(buyer.customerID)"] = (try? await storage.accounts.profile(of: buyer, at: .now))?.document
        }
        return contents
    }

    private func damage(_ path: String, _ damage: Damage, _ generator: inout SeededGenerator) throws {
        guard damage != .swappedRows else { return try swapRows(path, &generator) }
        var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        switch damage {
        case .byte: bytes[Int.random(in: bytes.indices, using: &generator)] ^= UInt8.random(in: 1...255, using: &generator)
        case .page:
            let start = Int.random(in: 0..<bytes.count / Self.pageSize, using: &generator) * Self.pageSize
            // Another page in its place, or noise.
            let other = Int.random(in: 0..<bytes.count / Self.pageSize, using: &generator) * Self.pageSize
            let isNoise = Bool.random(using: &generator)
            for offset in 0..<Self.pageSize {
                bytes[start + offset] = isNoise ? .random(in: 0...255, using: &generator) : bytes[other + offset]
            }
        default: bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
        }
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// Exchanges the documents of two rows, or the owners of two orders.
    private func swapRows(_ path: String, _ generator: inout SeededGenerator) throws {
        let table = ["order_document", "customer", "customer_order"].randomElement(using: &generator)!
        let number = Int.random(in: 0..<12, using: &generator)
        let database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(sql: "PRAGMA defer_foreign_keys = 1")
            let ids = try Int64.fetchAll(
                db, sql: table == "customer" ? "SELECT id FROM customer" : "SELECT rowid FROM \(table) ORDER BY rowid")
            let (one, other) = (ids[number], ids[(number + 1 + Int.random(in: 0..<10, using: &generator)) % ids.count])
            let (key, column) = (
                table == "customer" ? "id" : "rowid",
                table == "order_document" && Bool.random(using: &generator) ? "customer_id" : "document"
            )
            try db.execute(
                sql: """
                    UPDATE \(table) SET \(column) = (SELECT \(column) FROM \(table) t WHERE t.\(key) = ?1 + ?2 - \(table).\(key))
                    WHERE \(key) IN (?1, ?2)
                    """, arguments: [one, other])
        }
        try database.close()
    }

    @Test(arguments: Damage.allCases) func `never gives anything but what was stored`(damage: Damage) async throws {
        let good = await contents(path)
        #expect(good.count == orders.count + orders.count + buyers.count)
        let copy = folder.path("damaged.sqlite")
        var whole = 0
        for seed in 0..<Self.count {
            var generator = SeededGenerator(seed: UInt64(seed))
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: copy + suffix) }
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            try self.damage(copy, damage, &generator)
            let found = await contents(copy)
            for (name, bytes) in found { #expect(good[name] == bytes, "\(damage) \(seed): \(name)") }
            if found.count == good.count { whole += 1 }
        }
        // Most damages are somewhere that matters.
        print("\(damage): \(whole) of \(Self.count) files could be read completely")
    }
}
