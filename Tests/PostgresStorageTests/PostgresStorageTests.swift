import Accounts
import Foundation
import JSON
import Orders
import SQLStorage
import StorageContract
import TestFixtures
import TestPostgres
import Testing

@testable import PostgresStorage

/// A storage in its own database.
func emptyStorage(connections: Int = 2) async throws -> (storage: PostgresStorage, database: String) {
    let database = try await Cluster.shared().makeDatabase()
    let url = try await Cluster.shared().url(database)
    let address = try #require(PostgresAddress(url))
    return (try await PostgresStorage(address, connections: connections, patience: .seconds(300)), database)
}

@Suite(.serialized) struct `The storage in PostgreSQL` {
    @Test(arguments: StorageContract.clauses)
    func `keeps the contract`(clause: StorageContract.Clause) async throws {
        try await clause.check(emptyStorage().storage)
    }

    @Test(arguments: AccountContract.clauses)
    func `keeps the contract of accounts`(clause: AccountContract.Clause) async throws {
        let storage = try await emptyStorage().storage
        try await clause.check(storage, storage.accounts)
    }

    @Test func `rotates signing keys one at a time, even for concurrent callers`() async throws {
        let (storage, _) = try await emptyStorage()
        let first = try await storage.keyRing(orElse: SigningKey()).ids
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 1...6 { group.addTask { _ = try await storage.rotate(revoking: false) } }
            try await group.waitForAll()
        }
        let all = try await storage.keyRing(orElse: SigningKey())
        #expect(all.ids.count == 7)
        #expect(all.ids.first == first.first)
        #expect(try await storage.rotate(revoking: true).ids.count == 1)
    }

    @Test func `counts accepted requests, not refused ones`() async throws {
        let (storage, _) = try await emptyStorage()
        let spend = { @Sendable (amount: Int64) in
            try await storage.spend(amount, by: "a", in: Fixture.storeID, most: 1_000_000_000)
        }
        #expect(try await spend(400_000_000) == 400_000_000)
        #expect(try await (790_000_000...800_000_000).contains(spend(400_000_000)))
        for _ in 1...5 { #expect(try await spend(400_000_000) > 1_000_000_000) }
        #expect(try await spend(100_000_000) <= 900_000_000)
        try await storage.forgetSpentLimits()
        #expect(try await storage.spend(1, by: "b", in: Fixture.storeID, most: 10) == 1)
    }

    /// During a `--strict` import, however long it takes.
    @Test func `signs in and revokes during an import`() async throws {
        let (storage, _) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        let accounts: any AccountStorage = storage.accounts
        let session = try await storage.beginImport(allOrNothing: true)
        _ = try await session.write([MerchantStore(Fixture.store(name: "Toko Baru"))], at: .now)
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 1...20 {
                group.addTask {
                    do { return try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now) } catch StorageFailure
                        .busy
                    {
                        return false
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(100))
            let request = MailRequest(
                .signInCode, to: EmailAddress("customer.7@example.com")!, in: Fixture.storeID, language: .english)
            #expect(try await accounts.request(request, pause: 60, at: .now) == 0)
            let mail = try #require(try await accounts.claimMail(lease: 60, at: .now))
            let code = OneTimeCodeHash(OneTimeCode())
            let expires = Timestamp.now.adding(seconds: 600)
            #expect(try await accounts.setCode(code, of: mail, customerID: buyer.customerID, expires: expires))
            let tried = try #require(
                try await accounts.tryCode(.signInCode, request.subject, in: Fixture.storeID, at: .now))
            let account = try await accounts.beginSession(
                SessionID(), using: tried, with: request.address, expires: expires, at: .now, from: nil)
            #expect(account?.buyer == buyer)
            _ = try await accounts.accessNews(since: -1, at: .now)
            let key = RequestKey(storeID: Fixture.storeID, text: "k")
            await #expect(throws: StorageFailure.busy) {
                _ = try await storage.accounts.once(key, at: .now) { _ in throw StorageFailure.damaged }
            }
            group.cancelAll()
            var changed = 0
            for try await isChanged in group where isChanged { changed += 1 }
            #expect(changed == 0)
        }
        try await session.commit()
        #expect(try await accounts.change(ProfileChange([.name: "x"]), of: buyer, at: .now))
    }

    @Test func `reports errors without revealing the password`() async throws {
        let cluster = try await Cluster.shared()
        for (url, words) in [
            ("postgres://pesanan:SECRET@127.0.0.1:\(cluster.port)/postgres", "password authentication failed"),
            ("postgres://pesanan:SECRET@127.0.0.1:1/postgres", "Connection refused"),
            ("postgres://pesanan:pesanan@127.0.0.1:\(cluster.port)/absent", "does not exist"),
            ("postgres://pesanan:SECRET@no-such-host.invalid/postgres", "could not translate host name to address"),
        ] {
            let address = try #require(PostgresAddress(url))
            let failure = await #expect(throws: StorageFailure.self) { _ = try await PostgresStorage(address, connections: 1) }
            #expect(failure?.description.contains(words) == true, "\(failure?.description ?? "")")
            #expect(failure?.description.contains("SECRET") == false)
        }
        #expect(PostgresAddress("postgres://a:b@[c/") == nil)
    }

    @Test func `renews the addresses that an earlier version stored in another form`() async throws {
        let (storage, database) = try await emptyStorage()
        try await storage.add([order(OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!)])
        try await Cluster.shared().run("UPDATE pesanan.customer SET email = 'mia@müller.example'", in: database)
        let accounts: any AccountStorage = storage.accounts
        let mia = try #require(EmailAddress("mia@xn--mller-kva.example"))
        #expect(try await accounts.account(of: mia, in: Fixture.storeID).account == nil)
        #expect(try await accounts.renewAddresses(of: Fixture.storeID) == 1)
        #expect(try await accounts.account(of: mia, in: Fixture.storeID).account?.buyer == buyer)
        #expect(try await accounts.renewAddresses(of: Fixture.storeID) == 0)
    }

    @Test func `finds the ids of migrated orders that others import concurrently`() async throws {
        let (first, database) = try await emptyStorage()
        let second = try await PostgresStorage(first.address, connections: 1)
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let writing = try await first.beginImport(allOrNothing: false)
        _ = try await writing.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let reading = try await second.beginImport(allOrNothing: false)
        _ = try await writing.write([order(id, legacy: 77)], at: Timestamp(seconds: 1))
        #expect(try await reading.orderIDs(of: [LegacyOrderID(77)!], in: Fixture.storeID) == [LegacyOrderID(77)!: id])
        // The second storage does not know the partition.
        #expect(try await second.order(.legacy(LegacyOrderID(77)!), for: buyer) != nil)
        #expect(try await second.order(.id(id), for: buyer) != nil)
        try await Cluster.shared().run(
            "DROP TABLE pesanan.order_document_2025_06; UPDATE pesanan.store SET changed_at = changed_at + 1", in: database)
        #expect(try await second.order(.id(id), for: buyer) == nil)
        #expect(try await first.order(.id(id), for: buyer) == nil)
    }

    @Test func `answers many concurrent lookups, each with its own result`() async throws {
        let (storage, _) = try await emptyStorage()
        var generator = SystemRandomNumberGenerator()
        let ids = (0..<300).map { OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + $0 * 100_000), using: &generator)! }
        try await storage.add(ids.enumerated().map { try order($1, notes: "\($0)") })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for turn in 0..<1500 {
                group.addTask {
                    // One in between that does not exist.
                    let number = turn % (ids.count + 1)
                    let id = number < ids.count ? ids[number] : OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
                    let notes = try await storage.notes(id)
                    #expect(notes == (number < ids.count ? .string("\(number)") : nil))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `returns the latest immediately, whoever wrote it`() async throws {
        let (reader, _) = try await emptyStorage()
        let writer = try await PostgresStorage(reader.address, connections: 1)
        let session = try await writer.beginImport(allOrNothing: false)
        _ = try await session.write([MerchantStore(Fixture.store())], at: Timestamp(seconds: 1))
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        for turn in 1...100 {
            let write = try order(id, notes: "\(turn)", updated: Timestamp(seconds: Int64(turn)))
            // The writer's clock stands still.
            #expect(try await session.write([write], at: Timestamp(seconds: 1)) == [turn == 1 ? .created : .replaced])
            // Twice: once from the database, once from the cache.
            for _ in 1...2 {
                let read = try #require(try await reader.order(.id(id), for: buyer))
                #expect(read.document == write.document)
                #expect(try await reader.version(of: .id(id), for: buyer) == read.version)
            }
        }
        let store = try MerchantStore(Fixture.store(name: "Toko Baru"))
        #expect(try await session.write([store], at: Timestamp(seconds: 1)) == [.replaced])
        #expect(try await reader.order(.id(id), for: buyer)?.store == store.document)
        try await session.commit()
    }
}
