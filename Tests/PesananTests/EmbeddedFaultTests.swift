import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

/// What becomes of requests when something is wrong with the file of the embedded database.
@Suite struct `The embedded database` {
    private let order: JSON

    init() throws { order = try Fixture.orders()[0] }

    private var store: String { order.orderPath.split(separator: "/")[2].description }
    private var me: String { "/v3/stores/\(store)/customers/me" }

    private func server() async throws -> TestServer {
        try await TestServer { data in
            for (what, file) in [("stores", Fixture.storesFile), ("orders", Fixture.ordersFile)] {
                _ = try Pesanan.run("import", what, file.path, "--data", data)
            }
        }
    }

    /// Runs Python beside the server.
    private func python(_ script: String) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-c", script]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // Until it says that it is ready.
        _ = output.fileHandleForReading.availableData
        return process
    }

    @Test func `writes nothing that it has not acknowledged, however long another program holds it`() async throws {
        let server = try await server()
        let token = try await server.token(for: order)
        let path = server.folder.path("data/pesanan.sqlite")
        let other = try python(
            """
            import sqlite3, time
            db = sqlite3.connect('\(path)', isolation_level=None); db.execute('BEGIN IMMEDIATE'); print('locked', flush=True)
            time.sleep(12)
            """)
        let waiting = try (1...8).map { number in
            let body = #"{"address":"Jl. \#(number)"}"#
            let connection = try RawConnection(port: server.port)
            try connection.write(
                "POST \(me)/addresses HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    .utf8)
            return connection
        }
        for connection in waiting { #expect(try connection.answer().status == 503) }
        other.waitUntilExit()
        #expect(try server.ask(me + "/addresses", token: token).json["data"] == [])
        #expect(try server.send("POST", me + "/addresses", ["address": "Jl. 9"], token: token).status == 200)
        #expect(try server.ask(me + "/addresses", token: token).text.contains(#""id":1,"#))
    }

    @Test func `takes no more writes once its file is gone, and says so once`() async throws {
        let server = try await server()
        let token = try await server.token(for: order)
        let (path, elsewhere) = (server.folder.path("data/pesanan.sqlite"), server.folder.path("elsewhere"))
        #expect(try server.ask("/health/ready").status == 200)
        try FileManager.default.moveItem(atPath: path, toPath: elsewhere)
        for _ in 1...5 { #expect(try server.send("PATCH", me, ["name": "Siti"], token: token).status == 503) }
        #expect(try server.ask("/health/ready").status == 503)
        #expect(try server.ask("/health/live").status == 200)
        // Not even another file at its place is taken for it.
        try Data().write(to: URL(filePath: path))
        #expect(try server.send("PATCH", me, ["name": "Siti"], token: token).status == 503)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: elsewhere, toPath: path)
        #expect(try server.send("PATCH", me, ["name": "Siti"], token: token).status == 200)
        try await Task.sleep(for: .seconds(3))
        #expect(try server.ask(me, token: token).status == 200)
        let log = try await server.log()
        #expect(log.ranges(of: "the database can't answer").count == 1)
        #expect(log.contains("the database file was moved, removed or replaced"))
        #expect(log.ranges(of: "the database answers again").count == 1)
    }

    @Test func `is made anew only where there was none, and that is said`() async throws {
        let fresh = try await TestServer()
        #expect(try await fresh.log().contains("there was no database at"))
        let folder = try TemporaryFolder()
        let data = folder.path("data")
        try FileManager.default.createDirectory(
            atPath: data, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
        try Data().write(to: URL(filePath: data + "/pesanan.sqlite"))
        for command in [["serve", "--port", "0"], ["migrate"]] {
            let outcome = try Pesanan.run(command + ["--data", data])
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("the database file is empty: restore a backup"))
            if command == ["migrate"] { #expect(outcome.errors.contains("make it private with chmod 700 '\(data)'")) }
        }
        let file = try #require(try? Data(contentsOf: URL(filePath: data + "/pesanan.sqlite")))
        #expect(file.isEmpty)
    }

    @Test func `leaves no log behind after an import, and lets people write meanwhile`() async throws {
        let server = try await server()
        let token = try await server.token(for: order)
        var orders: [UInt8] = []
        var generator = SystemRandomNumberGenerator()
        for number in 0..<3000 {
            let id = OrderID(mintedAt: Timestamp(seconds: 1_700_000_000 + Int64(number)), using: &generator)!
            orders += Fixture.order(id: .string(id.description), store: StoreID(store)!, customer: 800_000).encoded + [0x0A]
        }
        let (data, input) = (server.folder.path("data"), orders)
        async let imported = Task.detached { try Pesanan.run("import", "orders", "-", "--data", data, input: input) }.value
        var times: [Duration] = []
        for number in 0..<100 {
            let start = ContinuousClock.now
            #expect(try server.send("PATCH", me, ["name": .string("Siti \(number)")], token: token).status == 200)
            times.append(start.duration(to: .now))
        }
        #expect(try await imported.status == 0)
        print("changes beside an import: longest \(times.max()!), median \(times.sorted()[50])")
        let log = try FileManager.default.attributesOfItem(atPath: data + "/pesanan.sqlite-wal")[.size] as? Int
        // What was written since, but not the import.
        #expect(log.map { $0 < 4 << 20 } == true)
        #expect(try server.ask(me, token: token).json["name"] == "Siti 99")
    }
}
