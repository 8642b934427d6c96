import Foundation
package import JSON
import Synchronization
import TestFixtures

/// A real receiver of webhooks, `scripts/webhook-receiver`, in another process.
package final class WebhookReceiver: Sendable {
    package let port: Int
    private let process: Process
    private let input = Pipe()
    private let received = Received()

    private final class Received: Sendable {
        let webhooks = Mutex<[JSON]>([])
    }

    package struct NotStarted: Error {}

    package init(_ options: String...) throws {
        process = Process()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/webhook-receiver")
        process.executableURL = script.standardizedFileURL
        process.arguments = options
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        let reading = output.fileHandleForReading
        var line = ""
        while !line.contains("\n") {
            let data = reading.availableData
            guard !data.isEmpty else { throw NotStarted() }
            line += String(decoding: data, as: UTF8.self)
        }
        port = Int(line.trimmingCharacters(in: .newlines)) ?? 0
        let received = self.received
        Thread {
            var rest: [UInt8] = []
            while case let data = reading.availableData, !data.isEmpty {
                rest += data
                while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                    if let webhook = try? JSON(parsing: Array(rest[..<end])) {
                        received.webhooks.withLock { $0.append(webhook) }
                    }
                    rest.removeFirst(end + 1)
                }
            }
        }.start()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
    }

    /// A URL of the receiver; the path says what it does.
    package func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    /// Gives it a secret for the paths that end with `?` and a name.
    package func know(_ secret: String, as name: String) { obey("secret \(name) \(secret)") }

    /// What `/switch` answers from now on.
    package func answer(_ status: Int) { obey("switch \(status)") }

    private func obey(_ line: String) { try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

    /// What has come so far, to a path if one is given.
    package func webhooks(to path: String? = nil) -> [JSON] {
        received.webhooks.withLock { webhooks in webhooks.filter { path == nil || $0["path"] == path.map { .string($0) } } }
    }

    /// Waits until this many have come.
    package func webhooks(_ count: Int, to path: String? = nil) async throws -> [JSON] {
        _ = try await eventually { webhooks(to: path).count >= count }
        return webhooks(to: path)
    }
}
