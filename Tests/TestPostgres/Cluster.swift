package import Foundation
import Synchronization
import TestFixtures

/// A PostgreSQL server for tests, with its own folder and port; it ends with the process at the latest.
package final class Cluster: Sendable {
    package struct Failed: Error {
        let words: String
    }

    package let port: Int
    private let folder: TemporaryFolder
    private let databases = Atomic<Int>(0)

    /// Creates and starts a server.
    /// - Parameters:
    ///   - settings: settings for `postgresql.conf`, as `name=value`.
    ///   - primary: the server to replicate; `nil` for a primary.
    /// - Throws: ``Failed`` if PostgreSQL is missing or does not start.
    package init(_ settings: [String] = [], following primary: Cluster? = nil) async throws {
        _ = Self.endsWithProcess
        let folder = try TemporaryFolder()
        // If started as root, the server runs as another user, who must be able to reach the folder.
        chmod(folder.url.path, 0o711)
        Self.running.withLock { $0.append(folder.url) }
        let command = primary.map { ["standby", folder.path("data"), $0.folder.path("data")] } ?? ["start", folder.path("data")]
        port = try await Self.startedPort(command + Self.settings + settings)
        self.folder = folder
    }

    deinit { stopForGood() }

    /// No test needs durability across a machine crash.
    private static let settings = ["fsync=off", "shared_buffers=64MB"]

    /// A shared server for all tests that only need their own database.
    package static func shared() async throws -> Cluster { try await sharedTask.value }

    private static let sharedTask = Task { try await Cluster(["max_connections=1000"]) }

    /// Creates an empty database and returns its name.
    package func makeDatabase() async throws -> String {
        let name = "test_\(databases.add(1, ordering: .relaxed).newValue)"
        try await run("CREATE DATABASE \(name)")
        return name
    }

    /// The address of a database in libpq's format.
    package func url(_ database: String = "postgres") -> String {
        "postgres://pesanan:pesanan@127.0.0.1:\(port)/\(database)"
    }

    /// Runs statements with `psql` and returns one line per row, with the columns separated by `|`.
    /// - Throws: ``Failed`` if one of them fails.
    @discardableResult
    package func run(_ sql: String, in database: String = "postgres") async throws -> String {
        try await Self.run(
            [
                "psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", sql,
                url(database),
            ])
    }

    /// Stops the server as a crash would.
    package func crash() throws { kill(try processID, SIGKILL) }

    /// Suspends or resumes the server's processes.
    package func pause(_ isPaused: Bool) async throws {
        let children = try await Self.run(["ps", "-o", "pid=", "--ppid", String(processID)]).split(separator: "\n")
        for process in children.compactMap({ pid_t($0.trimmingCharacters(in: .whitespaces)) }) + [try processID] {
            kill(process, isPaused ? SIGSTOP : SIGCONT)
        }
    }

    package func start() async throws { _ = try await Self.startedPort(["start", folder.path("data")] + Self.settings) }

    package func stop(_ mode: String = "fast") async throws { try await Self.cluster(["stop", folder.path("data"), mode]) }

    package func promote() async throws { try await Self.cluster(["promote", folder.path("data")]) }

    /// A file in the server's folder.
    package func file(_ name: String) -> URL { folder.url.appending(components: "data", name) }

    private func stopForGood() { Self.stopAll(in: folder.url) }

    private var processID: pid_t {
        get throws {
            let text = try String(contentsOf: file("postmaster.pid"), encoding: .utf8)
            guard let number = text.split(separator: "\n").first.flatMap({ pid_t($0) }) else { throw Failed(words: text) }
            return number
        }
    }

    private static let running = Mutex<[URL]>([])
    private static let endsWithProcess: Void = {
        atexit { for folder in Cluster.running.withLock({ $0 }) { Cluster.stopAll(in: folder) } }
    }()

    private static func stopAll(in folder: URL) { _ = try? run(now: [script, "stop-all", folder.path]) }

    private static let script = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../scripts/postgres-cluster").standardizedFileURL.path

    private static func startedPort(_ arguments: [String]) async throws -> Int {
        let words = try await cluster(arguments)
        guard let port = Int(words.trimmingCharacters(in: .whitespacesAndNewlines)) else { throw Failed(words: words) }
        return port
    }

    @discardableResult
    private static func cluster(_ arguments: [String]) async throws -> String { try await run([script] + arguments) }

    /// On a separate thread: others need the few threads of tasks.
    @discardableResult
    static func run(_ command: [String]) async throws -> String {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try run(now: command) }) }.start()
        }
    }

    private static func run(now command: [String]) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = command
        let folder = try TemporaryFolder()
        for name in ["output", "errors"] { _ = FileManager.default.createFile(atPath: folder.path(name), contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: folder.path("output"))
        process.standardError = FileHandle(forWritingAtPath: folder.path("errors"))
        process.standardInput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failed(words: try String(contentsOfFile: folder.path("errors"), encoding: .utf8))
        }
        return try String(contentsOfFile: folder.path("output"), encoding: .utf8)
    }
}
