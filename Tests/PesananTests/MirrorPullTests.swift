import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import TestServer
import Testing

@Suite struct `A pull of a mirrored shop` {
    /// A shop with the sample data, and an installation that mirrors it.
    private struct Pair {
        let shop: MerchantShop
        let shopKey: String
        let mirror: TestServer
        let environment: [String: String]
        let mirrorKey: String
        let folder: TemporaryFolder

        init(_ kind: TestServer.Kind) async throws {
            shop = try await MerchantShop(kind == .embedded ? .postgres : .embedded)
            shopKey = try await shop.newKey()
            let (storeID, key, folder) = (shop.storeID.text, shopKey, try TemporaryFolder())
            self.folder = folder
            let database = kind == .postgres ? try await Cluster.shared().makeDatabase() : nil
            let environment = try await TestServer.environment(database)
            self.environment = environment
            try Data("\(key)\n".utf8).write(to: URL(filePath: folder.path("key")))
            try Data("signing-secret-of-a-test".utf8).write(to: URL(filePath: folder.path("secret")))
            mirror = try await TestServer(["serve", "--limits", "off"], database: database) { data in
                for command in [
                    ["import", "stores", Fixture.storesFile.path],
                    ["mirror", "enable", "--store", storeID, "--secret-file", folder.path("secret")],
                ] {
                    let outcome = try Pesanan.run(command + ["--data", data], environment: environment)
                    #expect(outcome.status == 0, "\(outcome.errors)")
                }
            }
            let made = try Pesanan.run(
                "business-key", "create", "--store", storeID, "--data", mirror.folder.path("data"), environment: environment)
            mirrorKey = made.output.trimmingCharacters(in: .newlines)
            let (server, mirrorKey) = (mirror, mirrorKey)
            #expect(try await eventually { try server.ask("/v3/orders", token: mirrorKey).status == 200 })
        }

        func arguments(_ options: [String], port: Int?) -> [String] {
            [
                "mirror", "pull", "--store", shop.storeID.text, "--api-key-file", folder.path("key"), "--base-url",
                "http://127.0.0.1:\(port ?? shop.server.server.port)/v3", "--data", mirror.folder.path("data"),
            ] + options
        }

        func pull(_ options: String..., port: Int? = nil) throws -> Pesanan.Outcome {
            try Pesanan.run(arguments(options, port: port), environment: environment)
        }

        func status() throws -> String {
            try Pesanan.run(
                "mirror", "status", "--store", shop.storeID.text, "--data", mirror.folder.path("data"), environment: environment
            ).output
        }

        /// All orders of the shop, whole, by their ids: as its merchant sees them there, or in the mirror.
        func orders(inMirror: Bool) throws -> [String: JSON] {
            let (server, key) = inMirror ? (mirror, mirrorKey) : (shop.server.server, shopKey)
            var orders: [String: JSON] = [:]
            var path = "/v3/orders"
            while true {
                let page = try server.ask(path, token: key)
                guard case .array(let listed)? = page.json["data"] else {
                    Issue.record("\(page.status) \(page.text)")
                    return orders
                }
                for order in listed {
                    guard let id = order["id"] else { continue }
                    let name = if case .string(let text) = id { text } else { String(decoding: id.encoded, as: UTF8.self) }
                    orders[name] = try server.ask("/v3/orders/\(name)", token: key).json
                }
                guard case .string(let cursor)? = page.json["next_cursor"] else { return orders }
                path = "/v3/orders?next_cursor=\(cursor)"
            }
        }
    }

    /// What each installation writes in its own form: what buyers see of these is compared, except for the store.
    private static let own: Set = ["store", "customer_id", "status_history", "last_updated_at"]

    /// The fields that differ, by the ids of the orders.
    private func differences(_ there: [String: JSON], _ here: [String: JSON]) -> [String: [String]] {
        there.reduce(into: [:]) { differences, order in
            guard case .object(let left) = order.value, case .object(let right)? = here[order.key] else {
                differences[order.key] = ["is missing"]
                return
            }
            let names = Set(left.members.map(\.name) + right.members.map(\.name)).subtracting(Self.own)
            var found = names.filter { (left[$0] ?? .null) != (right[$0] ?? .null) }.sorted()
            if !isSame(order.value, here[order.key] ?? .null) { found.append("what buyers see") }
            if !found.isEmpty { differences[order.key] = found }
        }
    }

    private func isSame(_ left: JSON, _ right: JSON) -> Bool {
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let views = [left, right].map { order in
            (try? JSONText.read(order.encoded)).flatMap { try? BuyerOrder.document(of: $0, id: id).template }
        }
        return views[0] != nil && views[0] == views[1]
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `fills a store, reads what changed since, and names what is gone`(kind: TestServer.Kind) async throws {
        let pair = try await Pair(kind)
        let there = try pair.orders(inMirror: false)
        #expect(there.count > 25)
        let first = try pair.pull()
        #expect(
            first.output == "\(there.count) orders seen, \(there.count) read, 0 deleted, 0 missing, 0 can't be used\n", "\(first)"
        )
        let here = try pair.orders(inMirror: true)
        #expect(here.count == there.count)
        #expect(differences(there, here) == [:])

        let ids = there.keys.sorted()
        #expect(try pair.shop.send("PATCH", "/v3/orders/\(ids[3])", ["notes": "Titip di pos"], pair.shopKey).status == 200)
        #expect(try pair.shop.send("POST", "/v3/orders/delete", ["ids": [.string(ids[7])]], pair.shopKey).status == 200)
        let added = try pair.shop.create(pair.shop.newOrder(), pair.shopKey).json
        let second = try pair.pull()
        #expect(second.output == "\(there.count) orders seen, 2 read, 0 deleted, 1 missing, 0 can't be used\n", "\(second)")
        #expect(try pair.mirror.ask("/v3/orders/\(ids[3])", token: pair.mirrorKey).json["notes"] == "Titip di pos")
        #expect(
            try pair.mirror.ask("/v3/orders/\(added.text("id"))", token: pair.mirrorKey).json["order_id"] == added["order_id"])
        #expect(try pair.mirror.ask("/v3/orders/\(ids[7])", token: pair.mirrorKey).status == 200)
        let third = try pair.pull("--delete-missing")
        #expect(third.output == "\(there.count) orders seen, 0 read, 1 deleted, 0 missing, 0 can't be used\n", "\(third)")
        #expect(try pair.mirror.ask("/v3/orders/\(ids[7])", token: pair.mirrorKey).status == 404)
        let fourth = try pair.pull("--delete-missing")
        #expect(fourth.output == "\(there.count) orders seen, 0 read, 0 deleted, 0 missing, 0 can't be used\n", "\(fourth)")
        #expect(try pair.status().contains("pull        finished at "))

        // Who was forgotten here stays so.
        let email = try #require(here[ids[3]]?["customer"]?["email"])
        guard case .string(let address) = email else { return }
        let forgotten = try Pesanan.run(
            "customer", "forget", address, "--data", pair.mirror.folder.path("data"), environment: pair.environment)
        #expect(forgotten.status == 0, "\(forgotten.errors)")
        #expect(try pair.shop.send("PATCH", "/v3/orders/\(ids[3])", ["notes": "Rahasia"], pair.shopKey).status == 200)
        #expect(try pair.pull().output.contains("orders seen, 0 read, 0 deleted, 0 missing, 0 can't be used"))
        #expect(try pair.mirror.ask("/v3/orders/\(ids[3])", token: pair.mirrorKey).json["notes"] == nil)
    }

    @Test func `waits as it is asked to, and goes on where it was interrupted`() async throws {
        let pair = try await Pair(.embedded)
        let there = try pair.orders(inMirror: false)
        let log = pair.folder.path("log")
        let proxy = Process()
        proxy.executableURL = URL(filePath: "/usr/bin/env")
        proxy.arguments = [
            "python3", URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Clients/unreliable-proxy.py").path,
            "\(pair.shop.server.server.port)", log, pair.folder.path("gate"),
        ]
        let output = Pipe()
        proxy.standardOutput = output
        try proxy.run()
        defer { kill(proxy.processIdentifier, SIGKILL) }
        let port = Int(
            String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).trimmingCharacters(in: .newlines))
        let requests = { try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map(String.init) }

        // Killed once it has noted the first page, and can't go on to the end.
        let interrupted = Pesanan.process()
        interrupted.arguments = [Pesanan.program.path] + pair.arguments([], port: port)
        try interrupted.run()
        #expect(try await eventually { try pair.status().contains("not finished, back to") })
        kill(interrupted.processIdentifier, SIGKILL)
        interrupted.waitUntilExit()
        try Data().write(to: URL(filePath: pair.folder.path("gate")))
        // With the key of another store nothing is concluded from what its list lacks.
        let other = try await pair.shop.newKey(store: pair.shop.otherStoreID)
        let file = pair.folder.path("other")
        try Data(other.utf8).write(to: URL(filePath: file))
        let foreign = try Pesanan.run(
            pair.arguments(["--delete-missing"], port: port).map { $0 == pair.folder.path("key") ? file : $0 },
            environment: pair.environment)
        #expect(foreign.status == 1 && foreign.errors.contains("lists no order of the store"), "\(foreign)")
        #expect(try pair.orders(inMirror: true).count >= 25)
        let before = try requests().count
        let pulled = try pair.pull(port: port)
        #expect(pulled.output.hasSuffix("0 deleted, 0 missing, 0 can't be used\n"), "\(pulled)")
        #expect(pulled.output.hasPrefix("\(there.count) orders seen"))
        #expect(differences(there, try pair.orders(inMirror: true)) == [:])
        #expect(try pair.status().contains("pending     0"))
        let all = try requests()
        // Not from the beginning, and not what it had read.
        let first = try #require(all.dropFirst(before).first { $0.hasPrefix("/") })
        #expect(first.contains("next_cursor="), "\(first)")
        let whole = all.filter { $0.hasPrefix("/v3/orders/") }.map { $0.split(separator: " ")[0] }
        #expect(Set(whole).count == there.count && whole.count <= there.count + 25)
        // After a 429 nothing comes for the two seconds that it asks for, but for what was under way.
        let times = all.map { ($0.hasPrefix("429"), Double($0.split(separator: " ")[1])!) }
        for (index, (isRefused, time)) in times.enumerated() where isRefused {
            #expect(!times.dropFirst(index + 1).contains { $0.1 > time + 0.5 && $0.1 < time + 1.9 })
        }
    }

    @Test func `says what is wrong with the other side, and keeps what it has`() async throws {
        let pair = try await Pair(.embedded)
        func failure(_ options: [String], _ words: String) throws {
            let outcome = try Pesanan.run(options, environment: pair.environment)
            #expect(outcome.status == 1 && outcome.errors.contains(words), "\(options): \(outcome.errors)")
            #expect(!outcome.errors.contains(pair.shopKey))
        }
        func arguments(_ changes: [String: String]) -> [String] {
            var arguments = pair.arguments([], port: nil)
            for (name, value) in changes { arguments[arguments.firstIndex(of: name)! + 1] = value }
            return arguments
        }
        for address in [
            "http://shop.example", "https://user:x@shop.example", "shop.example", "ftp://127.0.0.1", "https://shop.example/?x",
        ] {
            try failure(arguments(["--base-url": address]), "must be an https URL")
        }
        try failure(arguments(["--api-key-file": pair.folder.path("none")]), "can't read")
        try failure(arguments(["--api-key-file": Fixture.ordersFile.path]), "visible ASCII characters")
        try failure(arguments(["--api-key-file": pair.folder.path("secret")]), "refuses the API key")
        let narrow = try await pair.shop.newKey("--scopes", "order:list")
        let file = pair.folder.path("narrow")
        try Data(narrow.utf8).write(to: URL(filePath: file))
        try failure(arguments(["--api-key-file": file]), "order:read")
        try failure(
            arguments(["--base-url": "http://127.0.0.1:\(pair.shop.server.server.port)/somewhere"]), "is the base URL right?")
        try failure(arguments(["--store": pair.shop.otherStoreID.text]), "the store is not mirrored")
        #expect(try pair.mirror.ask("/v3/orders", token: pair.mirrorKey).json["data"] == [])
        // A key of another store shows none of this one's orders, and deletes none.
        #expect(try pair.pull().status == 0)
        let other = try await pair.shop.newKey(store: pair.shop.otherStoreID)
        try Data(other.utf8).write(to: URL(filePath: file))
        let foreign = try Pesanan.run(
            arguments(["--api-key-file": file]) + ["--delete-missing"], environment: pair.environment)
        #expect(foreign.status == 1 && foreign.errors.contains("lists no order of the store"), "\(foreign)")
        #expect(try pair.mirror.ask("/v3/orders", token: pair.mirrorKey).json["data"] != [])
    }
}
