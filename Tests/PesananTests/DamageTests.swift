import Foundation
import JSON
import Orders
import TestFixtures
import TestPostgres
import TestServer
import Testing

@Suite struct `A damaged document` {
    private let order: JSON
    private let other: JSON

    init() throws {
        let orders = try Fixture.orders().filter { if case .string = $0["id"] { true } else { false } }
        let pair = try #require(
            try Dictionary(grouping: orders) { try MerchantOrder($0).buyer }.values.first { $0.count > 1 }.map { ($0[0], $0[1]) })
        (order, other) = pair
    }

    private func server(_ database: String?) async throws -> TestServer {
        let environment = try await TestServer.environment(database)
        return try await TestServer(database: database) { data in
            for (what, file) in [("stores", Fixture.storesFile), ("orders", Fixture.ordersFile)] {
                _ = try Pesanan.run("import", what, file.path, "--data", data, environment: environment)
            }
        }
    }

    /// Replaces a byte within the document of the order, or cuts it short, as a failing disk does.
    private func damage(_ server: TestServer, _ database: String?, cutShort: Bool) async throws {
        guard case .string(let id) = order["id"] else { throw CocoaError(.coderReadCorrupt) }
        if let database {
            let change = cutShort ? "substring(document FOR 900)" : #"overlay(document PLACING '\x04' FROM 900)"#
            _ = try await Cluster.shared().run(
                "UPDATE pesanan.order_document SET document = \(change) WHERE id = '\(id)'; UPDATE pesanan.store SET changed_at = changed_at + 1",
                in: database)
        } else {
            let change =
                cutShort ? "substr(document, 1, 900)" : "CAST(substr(document, 1, 899) || x'04' || substr(document, 901) AS BLOB)"
            let sql = "UPDATE order_document SET document = \(change) WHERE id = x'\(id.replacing("-", with: ""))'"
            let script =
                "import sqlite3; db = sqlite3.connect('\(server.folder.path("data/pesanan.sqlite"))'); db.execute(\"\(sql)\"); db.commit()"
            let process = Process()
            process.executableURL = URL(filePath: "/usr/bin/env")
            process.arguments = ["python3", "-c", script]
            try process.run()
            process.waitUntilExit()
            #expect(process.terminationStatus == 0)
        }
    }

    @Test(arguments: TestServer.Kind.allCases, [false, true])
    func `is a 500 that the log explains, and can be made again`(kind: TestServer.Kind, cutShort: Bool) async throws {
        let database = kind == .postgres ? try await Cluster.shared().makeDatabase() : nil
        let server = try await server(database)
        let token = try await server.token(for: order)
        let good = try server.ask(order.orderPath, token: token)
        #expect(good.status == 200)
        try await damage(server, database, cutShort: cutShort)
        for method in ["GET", "HEAD"] {
            let answer = try server.ask(order.orderPath, method: method, token: token)
            #expect(answer.status == 500)
            if method == "GET" { #expect(answer.errorCode == "internal_error") }
        }
        #expect(try server.ask(other.orderPath, token: token).status == 200)
        let log = try await server.log()
        guard case .string(let id) = order["id"], case .string(let store) = order["store"]?["unique_id"] else { return }
        #expect(log.contains("the stored document of order \(id) of store \(store) is damaged"))

        let environment = try await TestServer.environment(database)
        let repair = { try Pesanan.run("repair", "documents", "--data", server.folder.path("data"), environment: environment) }
        let first = try repair()
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains(" 1 made again"), "\(first.output)")
        #expect(try !repair().output.contains(" 1 made again"))
        let mended = try server.ask(order.orderPath, token: token)
        #expect(mended.status == 200)
        #expect(mended.body == good.body)
    }
}
