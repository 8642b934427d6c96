import Foundation
package import JSON
import Synchronization

/// A server of another kind in a process of its own: one of `scripts/`, which prints its port and then lines of JSON, until its standard input ends.
package final class ScriptedServer: Sendable {
    package let port: Int
    private let process: Process
    private let input = Pipe()
    private let received = Received()

    private final class Received: Sendable {
        let lines = Mutex<[JSON]>([])
    }

    package struct NotStarted: Error {}

    /// - Parameter name: of the script.
    package init(_ name: String, _ arguments: [String]) throws {
        process = Process()
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/\(name)")
        process.executableURL = script.standardizedFileURL
        process.arguments = arguments
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
                    if let json = try? JSON(parsing: Array(rest[..<end])) { received.lines.withLock { $0.append(json) } }
                    rest.removeFirst(end + 1)
                }
            }
        }.start()
    }

    /// What it has printed after its port.
    package var lines: [JSON] { received.lines.withLock { $0 } }

    /// Writes a line to its standard input.
    package func say(_ line: String) { try? input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

    /// Ends it, so that it does not answer any more.
    package func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.terminate()
    }
}
