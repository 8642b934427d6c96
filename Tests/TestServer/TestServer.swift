package import Accounts
package import Foundation
package import Orders
import Synchronization
package import TestFixtures

/// A running `pesanan serve` on a free port, with a folder of its own.
package final class TestServer: Sendable {
    package let port: Int
    package let folder: TemporaryFolder
    package let tokens: AccessTokens
    /// What the server said on standard output when it was ready.
    package let greeting: String
    private let process: Process

    package struct NotStarted: Error {
        let words: String
    }

    /// - Parameters:
    ///   - fill: puts stores and orders into the data folder at the path, before the start.
    ///   - command: the command and options to start, less `--data` and `--port`.
    package init(_ command: [String] = ["serve"], fill: (_ data: String) throws -> Void = { _ in }) async throws {
        folder = try TemporaryFolder()
        try fill(folder.path("data"))
        let log = folder.path("log")
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process = Pesanan.process(
            [Pesanan.program.path] + command + ["--data", folder.path("data"), "--port", "0"], [:])
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
            found = words.firstMatch(of: /answers at http:\/\/127\.0\.0\.1:(\d+)/).flatMap { Int($0.1) }
        }
        port = found!
        greeting = words
        tokens = try await AccessTokens(
            key: SigningKey.loadOrCreate(at: folder.url.appending(components: "data", "signing-key.pem")))
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// A server that all tests share, with the stores and orders of the sample data.
    package static func shared() async throws -> TestServer { try await sharedTask.value }

    private static let sharedTask = Task {
        try await TestServer(["serve", "--public-url", Fixture.publicURL]) { data in
            _ = try Pesanan.run("import", "stores", Fixture.storesFile.path, "--data", data)
            _ = try Pesanan.run("import", "orders", Fixture.ordersFile.path, "--data", data)
        }
    }

    private static let running = Mutex<[pid_t]>([])
    private static let stopsAllAtExit: Void = {
        atexit { TestServer.running.withLock { for processID in $0 { kill(processID, SIGKILL) } } }
    }()

    /// What the server has logged so far; it writes within a tenth of a second.
    package func log() async throws -> String {
        try await Task.sleep(for: .milliseconds(300))
        return try String(contentsOfFile: folder.path("log"), encoding: .utf8)
    }

    /// Asks the server to end, and returns its exit status.
    package func stop(_ signal: Int32 = SIGTERM) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }

    package var processID: pid_t { process.processIdentifier }

    /// One request on a connection of its own.
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

    /// An access token for a customer of the sample data, by the merchant's order.
    package func token(for order: JSON, validFor seconds: Int64 = 900) async throws -> String {
        let order = try MerchantOrder(order)
        return try await tokens.issue(for: Buyer(storeID: order.storeID, customerID: order.customer.id), validFor: seconds)
    }
}

extension JSON {
    /// The path of a merchant's order for its buyer, by the id that it came with.
    package var orderPath: String {
        guard case .string(let store) = self["store"]?["unique_id"], let id = self["id"] else { return "" }
        let text = if case .string(let text) = id { text } else { String(decoding: id.encoded, as: UTF8.self) }
        return "/v3/stores/\(store)/customers/me/orders/\(text)"
    }
}
