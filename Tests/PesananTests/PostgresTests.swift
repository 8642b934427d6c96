import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import TestServer
import Testing

@Suite(.serialized) struct `With PostgreSQL` {
    private let store = "store_Zl2CePvzZaqLXj4sxrvXFcqg"

    private func run(_ arguments: String..., database: String) async throws -> Pesanan.Outcome {
        try Pesanan.run(arguments, environment: try await TestServer.environment(database))
    }

    /// A PostgreSQL of the test's own with the sample data, one of the orders, and a token of its buyer.
    private func filledCluster() async throws -> (Cluster, order: JSON, token: String) {
        let cluster = try await Cluster()
        let environment = ["PESANAN_DATABASE": cluster.url()]
        for (what, file) in [("stores", Fixture.storesFile), ("orders", Fixture.ordersFile)] {
            _ = try Pesanan.run("import", what, file.path, environment: environment)
        }
        let token = try Pesanan.run("token", "--store", store, "--customer", "200050", environment: environment)
        return (cluster, try Fixture.orders()[0], token.output.trimmingCharacters(in: .newlines))
    }

    @Test func `the commands work as without it, and need no folder`() async throws {
        let database = try await Cluster.shared().makeDatabase()
        let folder = try TemporaryFolder()
        let migrated = try await run("migrate", "--data", folder.path("data"), database: database)
        #expect(migrated.status == 0, "\(migrated.errors)")
        let partitions = try await Cluster.shared().run(
            "SELECT count(*) FROM pg_inherits WHERE inhparent = 'pesanan.order_document'::regclass", in: database)
        #expect(partitions == "4\n")
        for (new, unchanged) in [(2, 0), (0, 2)] {
            let stores = try await run(
                "import", "stores", Fixture.storesFile.path, "--data", folder.path("data"), database: database)
            #expect(stores.output == "2 stores: \(new) new, 0 replaced, \(unchanged) unchanged, 0 refused\n", "\(stores.errors)")
        }
        for (new, unchanged) in [(400, 0), (0, 400)] {
            let orders = try await run(
                "import", "orders", Fixture.ordersFile.path, "--strict", "--data", folder.path("data"), database: database)
            #expect(
                orders.output == "400 orders: \(new) new, 0 replaced, \(unchanged) unchanged, 0 refused\n", "\(orders.errors)")
        }
        let token = try await run(
            "token", "--store", store, "--customer", "200050", "--data", folder.path("data"), database: database)
        #expect(token.status == 0)
        #expect(!FileManager.default.fileExists(atPath: folder.path("data")))
        // Two servers with one signing key.
        let servers = [try await TestServer(database: database), try await TestServer(database: database)]
        let order = try Fixture.orders()[0]
        for server in servers {
            let answer = try server.ask(order.orderPath, token: token.output.trimmingCharacters(in: .newlines))
            #expect(answer.status == 200)
            #expect(server.stop() == 0)
        }
    }

    @Test func `the demo needs an empty database`() async throws {
        let database = try await Cluster.shared().makeDatabase()
        let server = try await TestServer(["demo"], database: database)
        #expect(server.greeting.contains("Get the newest order of"))
        #expect(server.stop() == 0)
        // Many times: it is refused while connections are being opened, and must still exit cleanly.
        for _ in 0..<30 {
            let again = try await run("demo", "--port", "0", database: database)
            #expect(again.status == 1)
            #expect(again.errors == "Error: the demo needs an empty database, but this one already has stores\n")
        }
    }

    @Test(
        arguments: [
            (["--database", "mysql://a@b/SECRET"], "the setting database"), (["--database", "sqlite:"], "the setting database"),
            (["--database", "postgres://a:SECRET@[b/"], "the setting database"),
            (["--database", "postgres://a:SECRET@/b?service=c"], "the setting database"),
            (["--database-replicas", "postgres://a@b/c"], "database-replicas needs the setting database"),
            (["--database", "postgres://a@b/c", "--database-replicas", "x"], "the setting database-replicas"),
            (["--database", "postgres://a@b/c", "--database-connections", "0"], "the setting database-connections"),
        ])
    func `an invalid setting is refused, and no password is shown`(options: [String], words: String) throws {
        let outcome = try Pesanan.run(["serve", "--port", "0"] + options)
        #expect(outcome.status == 1)
        #expect(outcome.errors.contains(words), "\(outcome.errors)")
        #expect(!outcome.errors.contains("SECRET"))
    }

    @Test func `a copy includes everything, and buyers stay signed in`() async throws {
        let signIn = try await SignInServer(.embedded, ["--limits", "off"])
        let source = signIn.server
        let sample = try SignInServer.samples()[0]
        let tokens = try await signIn.signIn(sample)
        let database = try await Cluster.shared().makeDatabase()
        let url = try await Cluster.shared().url(database)
        let path = source.folder.path("data/pesanan.sqlite")
        #expect(try await run("migrate", database: database).status == 0)
        // While the source is serving.
        let outcome = try await run("copy", "--from", "sqlite:\(path)", database: database)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("customer_order: 400 rows, checksum "))
        #expect(outcome.output.contains("signing keys: copied"))
        let target = try await TestServer(["serve", "--public-url", Fixture.publicURL], database: database)
        for order in try Fixture.orders().prefix(50) {
            let token = try await source.token(for: order)
            let (left, right) = (try source.ask(order.orderPath, token: token), try target.ask(order.orderPath, token: token))
            #expect(left.comparable == right.comparable)
        }
        // Sessions, keys and audit records too.
        let refreshed = try target.send(
            "POST", signIn.path(sample.buyer.storeID, "public/auth/jwt/refresh"), ["refresh": tokens["refresh"] ?? .null],
            ("X-Scalev-Storefront-Api-Key", signIn.keys[sample.buyer.storeID] ?? ""))
        #expect(refreshed.status == 200, "\(refreshed.text)")
        #expect(try target.ask(sample.order.orderPath, token: refreshed.json.text("access")).status == 200)
        let audit = try await run("audit", "--store", sample.buyer.storeID.text, "--customer", sample.email, database: database)
        #expect(audit.output.contains("signed_in_with_code"))
        let again = try Pesanan.run("copy", "--from", "sqlite:\(path)", "--to", url)
        #expect(again.status == 1)
        #expect(again.errors.contains("nothing was copied: the database holds stores already"))
        for (from, to, words) in [
            ("sqlite:/absent/x", url, "there is no database"), ("x", url, "--from must be"),
            ("sqlite:\(path)", "x", "--to or the setting database must be"),
        ] {
            let refused = try Pesanan.run("copy", "--from", from, "--to", to)
            #expect(refused.status != 0)
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
    }

    @Test func `a server waits for its database at the start, but not for what only its operator can mend`() async throws {
        let (cluster, order, token) = try await filledCluster()
        try await cluster.stop("immediate")
        let command = try Pesanan.run("migrate", environment: ["PESANAN_DATABASE": cluster.url()])
        #expect(command.status == 1 && command.errors.hasPrefix("Error: the database can't be opened: "))
        #expect(!command.errors.contains("pesanan:pesanan"))
        let waiting = try await TestServer(url: cluster.url())
        let server = try await TestServer(url: cluster.url())
        for path in [order.orderPath, "/health/ready", "/openapi.json", "/"] {
            let answer = try server.ask(path, token: token)
            #expect(answer.status == 503, "\(path)")
            #expect(answer["retry-after"] == "1")
            #expect(answer.errorCode == "unavailable")
            #expect(answer["x-request-id"] != nil)
        }
        #expect(try server.ask("/health/live").status == 200)
        let log = try await server.log()
        #expect(log.contains("waiting for it") && !log.contains("pesanan:pesanan"))
        #expect(waiting.stop() == 0)
        // Asked to end when the database is there again, and before the next attempt: it does not begin to serve.
        let last = try await TestServer(url: cluster.url())
        try await Task.sleep(for: .seconds(4))
        try await cluster.start()
        #expect(last.stop() == 0)
        #expect(try await eventually { (try? server.ask("/health/ready").status) == 200 })
        #expect(try server.ask(order.orderPath, token: token).status == 200)
        #expect(server.stop() == 0)

        for (url, words) in [
            (cluster.url().replacing("pesanan:pesanan", with: "pesanan:SECRET"), "password authentication failed"),
            (cluster.url().replacing("pesanan:pesanan", with: "nobody:SECRET"), "authentication failed"),
            (cluster.url("absent"), "does not exist"),
            ("postgres://a:SECRET@absent.invalid/b", "could not translate host name"),
        ] {
            let outcome = try Pesanan.run("serve", "--port", "0", environment: ["PESANAN_DATABASE": url])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(words) && !outcome.errors.contains("SECRET"), "\(outcome.errors)")
        }
    }

    @Test func `a buyer is told to retry while the database is down, and nothing else`() async throws {
        let (cluster, order, token) = try await filledCluster()
        let server = try await TestServer(url: cluster.url())
        #expect(try server.ask(order.orderPath, token: token).status == 200)
        try await cluster.stop("immediate")
        for path in [order.orderPath, "/v3/stores/\(store)/customers/me/orders", "/health/ready"] {
            let answer = try server.ask(path, token: token)
            #expect(answer.status == 503)
            #expect(answer["retry-after"] == "1")
            #expect(try JSON(parsing: answer.body)["error_code"] == "unavailable")
            #expect(!answer.text.contains("127.0.0.1") && !answer.text.contains("postgres"))
        }
        #expect(try server.ask("/health/live").status == 200)
        try await cluster.start()
        #expect(try await eventually { try server.ask(order.orderPath, token: token).status == 200 })
        #expect(try await !server.log().contains("pesanan:pesanan"))
    }
}
