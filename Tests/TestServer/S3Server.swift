import Foundation
import TestFixtures

/// A running S3 server with an empty bucket (`scripts/s3-server`).
package final class S3Server: Sendable {
    package let port: Int
    package let bucket = "pictures"
    private let process: Process
    private let input: Pipe

    package struct NotStarted: Error {}

    package init() throws {
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/s3-server")
        process.arguments = [bucket]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let line = String(data: output.fileHandleForReading.availableData, encoding: .utf8),
            let port = Int(line.trimmingCharacters(in: .newlines))
        else { throw NotStarted() }
        self.port = port
    }

    /// The URL of the server.
    package var endpoint: String { "http://127.0.0.1:\(port)" }

    /// The names of the files in the bucket.
    package func names() throws -> [String] {
        let connection = try RawConnection(port: port)
        try connection.write("GET /\(bucket)?list-type=2 HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".utf8)
        let answer = String(decoding: try connection.rest(), as: UTF8.self)
        return answer.matches(of: /<Key>([^<]*)<\/Key>/).map { String($0.1) }
    }

    /// Ends it, so that it does not answer any more.
    package func stop() {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    deinit { try? input.fileHandleForWriting.close() }
}
