import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import TestServer
import Testing

/// A server with the sample data on which customers sign in, different ones in each test.
struct SignInServer {
    let server: TestServer
    /// The first store requires no code in addition to the password; the second one does.
    let keys: [StoreID: String]
    /// The name of the database; `nil` if it is in the data folder.
    let database: String?

    /// The environment for commands on the same data.
    var environment: [String: String] {
        get async throws { try await TestServer.environment(database) }
    }

    static let origin = "https://shop.example"

    static func shared(_ kind: TestServer.Kind) async throws -> SignInServer {
        switch kind {
        case .embedded: try await embedded.value
        case .postgres: try await postgres.value
        }
    }

    private static let embedded = Task { try await SignInServer(.embedded, ["--limits", "off"]) }
    private static let postgres = Task { try await SignInServer(.postgres, ["--limits", "off"]) }

    /// Another server of the same database.
    private var peer: TestServer?

    private init(server: TestServer, keys: [StoreID: String], database: String?, peer: TestServer) {
        self.peer = peer
        self.server = server
        self.keys = keys
        self.database = database
    }

    /// Starts another server of the same database.
    func another(_ options: [String]) async throws -> SignInServer {
        let server = try await TestServer(["serve", "--public-url", Fixture.publicURL] + options, database: database)
        return SignInServer(server: server, keys: keys, database: database, peer: self.server)
    }

    init(_ kind: TestServer.Kind, _ options: [String] = []) async throws {
        let name = kind == .postgres ? try await Cluster.shared().makeDatabase() : nil
        database = name
        let environment = try await TestServer.environment(name)
        let stores = try Fixture.orders().reduce(into: Set<StoreID>()) { $0.insert(try MerchantOrder($1).storeID) }
        let keys = KeysMade()
        server = try await TestServer(["serve", "--public-url", Fixture.publicURL] + options, database: name) { data in
            for (what, file) in [("stores", Fixture.storesFile), ("orders", Fixture.ordersFile)] {
                _ = try Pesanan.run("import", what, file.path, "--data", data, environment: environment)
            }
            for store in stores {
                let made = try Pesanan.run(
                    "storefront-key", "create", "--store", store.text, "--data", data, environment: environment)
                #expect(made.status == 0, "\(made.errors)")
                keys.all[store] = made.output.trimmingCharacters(in: .newlines)
                _ = try Pesanan.run(
                    "origin", "create", Self.origin, "--store", store.text, "--data", data, environment: environment)
            }
        }
        self.keys = keys.all
    }

    private final class KeysMade {
        var all: [StoreID: String] = [:]
    }

    /// A customer of the sample data with an e-mail address, and one of their orders.
    struct Sample {
        let buyer: Buyer
        let email: String
        let order: JSON
    }

    /// The customers with a unique address, of a store that requires a code or of one that does not.
    static func samples(requiringCode: Bool = false) throws -> [Sample] {
        guard case .array(let stores) = try JSON(parsing: Array(Data(contentsOf: Fixture.storesFile))) else { return [] }
        let wanted = Set(stores.filter { ($0["is_customer_otp_required"] == true) == requiringCode }.map { $0.text("unique_id") })
        var all: [Buyer: Sample] = [:]
        for order in try Fixture.orders() {
            let merchants = try MerchantOrder(order)
            let buyer = merchants.buyer
            guard wanted.contains(buyer.storeID.text), let email = merchants.customer.email else { continue }
            all[buyer] = Sample(buyer: buyer, email: email.text, order: order)
        }
        let counts = all.values.reduce(into: [:]) { $0[$1.email, default: 0] += 1 }
        return all.values.filter { counts[$0.email] == 1 }.sorted { $0.email < $1.email }
    }

    /// The path of a public route of the store.
    func path(_ storeID: StoreID, _ route: String) -> String { "/v3/stores/\(storeID)/\(route)" }

    func post(_ route: String, _ storeID: StoreID, _ body: JSON, _ fields: (String, String)...) throws -> HTTPAnswer {
        try server.send(
            "POST", path(storeID, "public/auth/" + route), bytes: body.encoded,
            [("X-Scalev-Storefront-Api-Key", keys[storeID] ?? "")] + fields)
    }

    /// Signs a customer in with a code.
    func signIn(_ sample: Sample, mail number: Int = 1) async throws -> JSON {
        let storeID = sample.buyer.storeID
        let sent = try post("otp/send", storeID, ["email": .string(sample.email)])
        #expect(sent.status == 200, "\(sent.text)")
        let code = try server.code(in: try await server.mail(to: sample.email, number: number))
        let answer = try post("otp/verify", storeID, ["email": .string(sample.email), "otp": .string(code)])
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    /// Sets a customer's password through a link.
    func setPassword(_ sample: Sample, _ password: String, mail number: Int = 1) async throws {
        let storeID = sample.buyer.storeID
        #expect(try post("forget-password", storeID, ["email": .string(sample.email)]).status == 204)
        let link = try server.link(in: try await server.mail(to: sample.email, number: number, after: peer))
        let token = try #require(link.split(separator: "=").last)
        let saved = try post("save-password", storeID, ["token": .string(String(token)), "password": .string(password)])
        #expect(saved.status == 204, "\(saved.text)")
    }
}
