import Accounts
import Foundation
import JSON
import Orders
import PostgresStorage
import SQLiteStorage
import Synchronization
import TestFixtures
import TestPostgres
import TestServer
import Testing

/// A server that is killed while merchants' systems write, again and again.
@Suite struct `A server that is killed under load` {
    private static let rounds = 50
    private static let clients = 8
    /// Names of customers begin with it, unlike numbers of orders.
    private static let customerPrefix = "C"

    /// What a client has sent in a round.
    private struct Sent {
        var acknowledged: [String] = []
        /// Sent, and not answered.
        var uncertain: [String] = []
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has all that it has acknowledged, and nothing half done`(kind: TestServer.Kind) async throws {
        let database = kind == .postgres ? try await Cluster.shared().makeDatabase() : nil
        let environment = try await TestServer.environment(database)
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        #expect(
            try Pesanan.run("import", "stores", Fixture.storesFile.path, "--data", data, environment: environment).status == 0)
        let stores = try Fixture.stores()
        let storeID = try #require(StoreID(stores[0].text("unique_id")))
        let made = try Pesanan.run(
            "business-key", "create", "--store", storeID.text, "--data", data, environment: environment)
        let key = made.output.trimmingCharacters(in: .newlines)
        var generator = SeededGenerator(seed: 50)
        var (acknowledged, uncertain): ([String], [String]) = ([], [])
        for round in 0..<Self.rounds {
            let server = try await TestServer(["serve", "--limits", "off"], database: database, data: data)
            // What was cut off is sent again, and done once.
            for number in uncertain { #expect(try create(number, storeID, key, server.port) == 200, "\(number)") }
            acknowledged += uncertain
            let pause = Duration.milliseconds(Int.random(in: 20...150, using: &generator))
            // Each has a thread of its own, because it blocks.
            let clients = (0..<Self.clients).map { client in
                let prefix = client % 4 == 0 ? Self.customerPrefix : "R"
                return Client { send(as: "\(prefix)\(round)-\(client)", storeID, key, server.port) }
            }
            try await Task.sleep(for: pause)
            #expect(server.stop(SIGKILL) == SIGKILL)
            let sent = clients.map { $0.wait() }
            acknowledged += sent.flatMap(\.acknowledged)
            uncertain = sent.flatMap(\.uncertain)
        }
        #expect(acknowledged.count > Self.rounds)
        let server = try await TestServer(["serve", "--limits", "off"], database: database, data: data)
        for number in uncertain { #expect(try create(number, storeID, key, server.port) == 200) }
        acknowledged += uncertain
        _ = server.stop()
        try await check(Set(acknowledged), of: storeID, database: database, data)
    }

    /// A thread that sends until the server is gone.
    private final class Client: Sendable {
        private let sent = Mutex(Sent())
        private let end = DispatchSemaphore(value: 0)

        init(_ send: @escaping @Sendable () -> Sent) {
            Thread.detachNewThread { [self] in
                let all = send()
                sent.withLock { $0 = all }
                end.signal()
            }
        }

        func wait() -> Sent {
            end.wait()
            return sent.withLock { $0 }
        }
    }

    /// Creates orders, or adds customers, one after the other until the server is gone.
    private func send(as name: String, _ storeID: StoreID, _ key: String, _ port: Int) -> Sent {
        var sent = Sent()
        for count in 0..<10_000 {
            let number = "\(name)-\(count)"
            guard let status = try? create(number, storeID, key, port) else {
                sent.uncertain.append(number)
                return sent
            }
            guard status == 200 else { return sent }
            sent.acknowledged.append(number)
        }
        return sent
    }

    /// Creates an order, or adds a customer: without an address, so that nothing but the key tells a second one.
    private func create(_ number: String, _ storeID: StoreID, _ key: String, _ port: Int) throws -> Int {
        let isCustomer = number.hasPrefix(Self.customerPrefix)
        let order: JSON = [
            "store_unique_id": .string(storeID.text), "order_id": .string(number), "customer_name": "Putu",
            "customer_email": .string("putu.\(number.utf8.count % 7)@example.com"), "shipping_cost": 1,
            "orderlines": [["product_name": "Kopi", "variant_price": 2, "quantity": 3]],
        ]
        let bytes = (isCustomer ? ["name": .string(number), "phone": "0811"] : order).encoded
        let connection = try RawConnection(port: port)
        try connection.write(
            Array(
                """
                POST /v3/\(isCustomer ? "customers" : "orders") HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(key)\r
                Idempotency-Key: \(number)\r\nContent-Length: \(bytes.count)\r\n\r\n
                """.utf8) + bytes)
        return try connection.answer().status
    }

    /// Compares everything that is stored with what was acknowledged.
    private func check(_ written: Set<String>, of storeID: StoreID, database: String?, _ data: String) async throws {
        let (storage, accounts): (any OrderStorage, any AccountStorage)
        if let database {
            let postgres = try await PostgresStorage(
                #require(PostgresAddress(try await Cluster.shared().url(database))), connections: 1)
            (storage, accounts) = (postgres, postgres.accounts)
        } else {
            let sqlite = try SQLiteStorage(path: data + "/pesanan.sqlite")
            (storage, accounts) = (sqlite, sqlite.accounts)
        }
        let numbers = written.filter { !$0.hasPrefix(Self.customerPrefix) }
        let customers = try await accounts.customers(of: storeID, after: nil, search: nil, limit: .max)
        let names = try customers.map { try JSON(parsing: $0.document).text("name") }.filter { $0.hasPrefix(Self.customerPrefix) }
        #expect(!names.isEmpty && names.sorted() == written.subtracting(numbers).sorted())
        var found: [String] = []
        var last: OrderID?
        while case let page = try await storage.orders(of: storeID, after: last, limit: 200), !page.isEmpty {
            for stored in page {
                let order = try MerchantOrder(JSONText(try #require(stored.order).document))
                #expect(stored.document != nil)
                #expect(try await storage.order(.id(stored.id), for: order.buyer) != nil)
                let name = try #require(order.number)
                #expect(try await storage.currentOrder(.number(name), in: storeID)?.id == stored.id)
                let events = try await storage.events(of: stored.id, in: storeID, after: 0, limit: 9)
                #expect(events.map(\.kind) == [.created])
                found.append(name)
            }
            last = page.last?.id
        }
        #expect(Set(found) == numbers && found.count == numbers.count)
        var positions: [Int64] = []
        while case let page = try await storage.events(of: storeID, after: positions.last ?? 0, limit: 500), !page.isEmpty {
            positions += page.map(\.position)
        }
        #expect(positions == Array(1...Int64(found.count)))
        var (listed, position): (Int, PageRequest.Position) = (0, .newest)
        var filter = OrderFilter()
        filter.status = .draft
        while case let page = try await storage.list(PageRequest(position: position), of: storeID, where: filter),
            let last = page.ids.last
        {
            listed += page.ids.count
            position = .olderThan(last)
        }
        #expect(listed == found.count)
    }
}
