import Accounts
import Foundation
import JSON
import Orders
import PostgresStorage
import SQLiteStorage
import TestFixtures
import TestPostgres
import TestServer
import Testing

/// A server with the sample data on which merchants' systems work.
struct MerchantShop {
    let server: SignInServer
    let storeID: StoreID
    let otherStoreID: StoreID

    /// - Parameter options: of the server.
    init(_ kind: TestServer.Kind, _ options: [String] = []) async throws {
        server = try await SignInServer(kind, ["--limits", "off"] + options)
        let storeID = try #require(try SignInServer.samples().first).buyer.storeID
        self.storeID = storeID
        otherStoreID = try #require(server.keys.keys.first { $0 != storeID })
    }

    /// Runs `pesanan business-key`, and returns what it prints.
    func key(_ arguments: String..., store: StoreID? = nil) async throws -> Pesanan.Outcome {
        try Pesanan.run(
            ["business-key"] + arguments + ["--store", (store ?? storeID).text, "--data", server.server.folder.path("data")],
            environment: try await server.environment)
    }

    func newKey(_ options: String..., store: StoreID? = nil) async throws -> String {
        let outcome = try Pesanan.run(
            ["business-key", "create", "--store", (store ?? storeID).text, "--data", server.server.folder.path("data")] + options,
            environment: try await server.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let key = outcome.output.trimmingCharacters(in: .newlines)
        // Every server knows it within a second.
        #expect(try await eventually { try server.server.ask("/v3/orders/x", token: key).errorCode != "invalid_api_key" })
        return key
    }

    func move(_ key: String, _ body: JSON, _ fields: (String, String)...) throws -> HTTPAnswer {
        try server.server.send("POST", "/v3/orders/change-status", bytes: body.encoded, token: key, fields)
    }

    /// Sends a request to a route of the business API.
    func send(
        _ method: String, _ path: String, _ body: JSON?, _ key: String, _ fields: (String, String)...
    ) throws -> HTTPAnswer {
        try server.server.send(method, path, bytes: body?.encoded ?? [], token: key, fields)
    }

    func create(_ body: JSON, _ key: String) throws -> HTTPAnswer { try send("POST", "/v3/orders", body, key) }

    /// A body that creates an order.
    func newOrder(_ changes: [(String, JSON)] = []) -> JSON {
        let base: [(String, JSON)] = [
            ("store_unique_id", .string(storeID.text)), ("customer_name", "Putu Ayu"), ("customer_email", "putu@example.com"),
            ("orderlines", [["product_name": "Kopi", "variant_price": 85000, "quantity": 2]]), ("shipping_cost", "12000"),
        ]
        let added = changes.filter { change in !base.contains { $0.0 == change.0 } }
        return .object(JSONObject(base.map { field in changes.first { $0.0 == field.0 } ?? field } + added))
    }

    /// A token of the customer of a store with an address.
    func token(of email: String) async throws -> String {
        let outcome = try Pesanan.run(
            ["token", "--store", storeID.text, "--customer", email, "--data", server.server.folder.path("data")],
            environment: try await server.environment)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.trimmingCharacters(in: .newlines)
    }

    /// What the server stores.
    var storage: any MerchantStorage {
        get async throws {
            guard let database = server.database else {
                return try SQLiteStorage(path: server.server.folder.path("data/pesanan.sqlite")).accounts
            }
            let address = try #require(PostgresAddress(try await Cluster.shared().url(database)))
            return try await PostgresStorage(address, connections: 1).accounts
        }
    }

    func path(_ order: JSON) -> String { "/v3/stores/\(storeID)/customers/me/orders/\(order.text("id"))" }
}
