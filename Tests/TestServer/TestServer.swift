package import Accounts
package import Foundation
package import JSON
import Orders
import Synchronization
package import TestFixtures
import TestPostgres

/// A running `pesanan serve` on a free port, with its own folder.
package final class TestServer: Sendable {
    package let port: Int
    package let folder: TemporaryFolder
    package let signingKey: SigningKey
    package let tokens: AccessTokens
    /// The server's standard output when it was ready, or when it began to wait for its database.
    package let greeting: String
    private let process: Process

    package struct NotStarted: Error {
        let words: String
    }

    /// - Parameters:
    ///   - fill: called before the start with the path of the data folder, to add stores and orders.
    ///   - command: the command and its options, without `--data` and `--port`.
    ///   - database: the name of the database in the tests' PostgreSQL; `nil` for the embedded database in the folder.
    ///   - given: more variables of its environment.
    ///   - data: the data folder of an earlier server; `nil` for a new one.
    ///   - wrapper: a command that receives the program and its arguments as further arguments.
    ///   - url: the address of a database in the test's own PostgreSQL; ``tokens`` can't be used then.
    package init(
        _ command: [String] = ["serve"], database: String? = nil, url: String? = nil, environment given: [String: String] = [:],
        data: String? = nil, through wrapper: [String] = [],
        fill: (_ data: String) throws -> Void = { _ in }
    ) async throws {
        folder = try TemporaryFolder()
        try fill(folder.path("data"))
        let log = folder.path("log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        var environment = try await Self.environment(database)
        environment.merge(given) { $1 }
        if let url { environment["PESANAN_DATABASE"] = url }
        process = Pesanan.process(
            wrapper + [Pesanan.program.path] + command + ["--data", data ?? folder.path("data"), "--port", "0"], environment)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: log)
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let processID = process.processIdentifier
        Self.running.withLock { $0.append(processID) }
        _ = Self.stopsAllAtExit
        var words = ""
        var found: Int?
        let reading = output.fileHandleForReading
        while found == nil {
            let data = reading.availableData
            guard !data.isEmpty else { throw NotStarted(words: words + (try String(contentsOfFile: log, encoding: .utf8))) }
            words += String(decoding: data, as: UTF8.self)
            found = words.firstMatch(of: /(?:is listening|answers) on http:\/\/(?:127\.0\.0\.1|\[::1\]):(\d+)/).flatMap {
                Int($0.1)
            }
        }
        port = found!
        greeting = words
        if let database {
            let pem = try await Cluster.shared().run("SELECT pem FROM pesanan.signing_key", in: database)
            guard let kept = SigningKey(pem: pem) else { throw NotStarted(words: "no signing key") }
            signingKey = kept
        } else if url != nil {
            signingKey = SigningKey()
        } else {
            signingKey = try await SigningKeyFolder(URL(filePath: data ?? folder.path("data"))).keyRing(orElse: SigningKey())
                .current(at: .now)
        }
        tokens = try await AccessTokens(key: signingKey)
    }

    /// The environment that selects a database in the tests' PostgreSQL.
    package static func environment(_ database: String?) async throws -> [String: String] {
        guard let database else { return [:] }
        return ["PESANAN_DATABASE": try await Cluster.shared().url(database)]
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The storage of a server.
    package enum Kind: String, CaseIterable, Sendable {
        case embedded, postgres
    }

    /// A server with the sample stores and orders, shared by all tests.
    package static func shared(_ kind: Kind = .embedded) async throws -> TestServer {
        switch kind {
        case .embedded: try await embedded.value
        case .postgres: try await postgres.value
        }
    }

    private static let embedded = Task { try await filled(database: nil) }
    private static let postgres = Task { try await filled(database: Cluster.shared().makeDatabase()) }

    private static func filled(database: String?) async throws -> TestServer {
        let environment = try await environment(database)
        return try await TestServer(["serve", "--public-url", Fixture.publicURL], database: database) { data in
            for (what, file) in [("stores", Fixture.storesFile), ("orders", Fixture.ordersFile)] {
                _ = try Pesanan.run("import", what, file.path, "--data", data, environment: environment)
            }
        }
    }

    private static let running = Mutex<[pid_t]>([])
    private static let stopsAllAtExit: Void = {
        atexit { TestServer.running.withLock { for processID in $0 { kill(processID, SIGKILL) } } }
    }()

    /// The server's log so far; the server writes it within a tenth of a second.
    package func log() async throws -> String {
        try await Task.sleep(for: .milliseconds(300))
        return try String(contentsOfFile: folder.path("log"), encoding: .utf8)
    }

    /// Asks the server to stop, and returns its exit status.
    package func stop(_ signal: Int32 = SIGTERM) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// The processor time that the server has used, in seconds.
    package func processorTime() throws -> Double {
        let fields = try String(contentsOfFile: "/proc/\(processID)/stat", encoding: .utf8).split(separator: " ")
        return (Double(fields[13]) ?? 0) / 100 + (Double(fields[14]) ?? 0) / 100
    }

    package var processID: pid_t { process.processIdentifier }

    /// Sends one request on a new connection.
    package func ask(
        _ path: String, method: String = "GET", token: String? = nil, _ fields: (String, String)...
    ) throws -> HTTPAnswer {
        var request = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        if let token { request += "Authorization: Bearer \(token)\r\n" }
        for (name, value) in fields { request += "\(name): \(value)\r\n" }
        let connection = try RawConnection(port: port)
        try connection.write((request + "\r\n").utf8)
        return try connection.answer(hasBody: method != "HEAD")
    }

    /// An access token for the customer of an order in the sample data.
    package func token(for order: JSON, validFor seconds: Int64 = 900) async throws -> String {
        let order = try MerchantOrder(order)
        return try await tokens.issue(for: order.buyer, validFor: seconds)
    }
}

extension JSON {
    /// The path of a merchant's order for its buyer, with the original id.
    package var orderPath: String {
        guard case .string(let store) = self["store"]?["unique_id"], let id = self["id"] else { return "" }
        let text = if case .string(let text) = id { text } else { String(decoding: id.encoded, as: UTF8.self) }
        return "/v3/stores/\(store)/customers/me/orders/\(text)"
    }
}
