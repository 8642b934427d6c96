import Foundation
import Hummingbird
import JSON
import NIOCore
import Orders
import Synchronization
import TestServer
import Testing

@testable import HTTPServing

@Suite struct `A stream` {
    private final class Watched: Sendable {
        let written = Mutex(0)
        let isOver = Mutex(false)
        let lines = Mutex<[JSON]>([])

        /// Waits until a condition is true, for at most 20 seconds.
        func wait(_ isSo: () -> Bool) {
            for _ in 0..<2000 where !isSo() { usleep(10_000) }
            #expect(isSo())
        }

        func waitForEnd() { wait { !lines("stream ended").isEmpty } }

        /// The log lines with a message.
        func lines(_ message: String) -> [JSON] { lines.withLock { $0.filter { $0["message"] == .string(message) } } }
    }

    private let watched = Watched()

    private func limits(request: TimeAmount) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.request = request
        return limits
    }

    /// Serves a route that streams what `produce` writes.
    private func withStream(
        _ limits: ConnectionLimits = ConnectionLimits(), lasting duration: Duration = .seconds(60),
        _ produce: @escaping @Sendable (StreamWriter, Watched) async throws -> Void,
        _ body: @Sendable @escaping (_ port: Int, _ end: @escaping @Sendable () -> Void) throws -> Void
    ) async throws {
        var routes = Routes()
        let watched = watched
        routes.add(
            Operation(.get, "/stream", "stream", tag: "Test", "A stream", answers: [.init(200, "It")]), .anybody
        ) { _, call in
            call.stream("text/event-stream", lasting: duration) { writer in
                defer { watched.isOver.withLock { $0 = true } }
                try await produce(writer, watched)
            }
        }
        try await serve(
            routes, limits,
            log: { line in
                let json = (try? JSON(parsing: line)) ?? .null
                watched.lines.withLock { $0.append(json) }
            }, body)
    }

    private static func ask(_ port: Int, receiveBuffer: Int32? = nil) throws -> RawConnection {
        let connection = try RawConnection(port: port, receiveBuffer: receiveBuffer)
        try connection.write("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        return connection
    }

    private static func ticks(_ writer: StreamWriter, _ watched: Watched) async throws {
        for number in 1... {
            try await writer.write(Array("tick \(number)\n".utf8))
            watched.written.withLock { $0 = number }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    @Test func `outlasts the time limit of a request, and arrives incrementally`() async throws {
        try await withStream(limits(request: .milliseconds(500)), Self.ticks) { port, _ in
            let connection = try Self.ask(port)
            let answer = try connection.answer()
            #expect(answer.status == 200)
            #expect(answer["content-type"] == "text/event-stream")
            #expect(answer["content-length"] == nil)
            #expect(answer["x-request-id"] != nil)
            for number in 1...15 { #expect(try connection.chunk() == Array("tick \(number)\n".utf8)) }
        }
    }

    @Test func `may be silent for longer than a request may take`() async throws {
        let produce: @Sendable (StreamWriter, Watched) async throws -> Void = { writer, _ in
            try await writer.write(Array("a".utf8))
            try await Task.sleep(for: .milliseconds(2000))
            try await writer.write(Array("b".utf8))
        }
        try await withStream(limits(request: .milliseconds(500)), produce) { port, _ in
            let connection = try Self.ask(port)
            _ = try connection.answer()
            #expect(try connection.chunk() == Array("a".utf8))
            #expect(try connection.chunk() == Array("b".utf8))
            #expect(try connection.chunk() == [])
            // The connection is reusable, as after any other answer.
            try connection.write("GET /stream HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            #expect(try connection.answer().status == 200)
        }
    }

    @Test func `waits for a slow client, and disconnects one that does not read`() async throws {
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
        let watched = watched
        // More than the system buffers for a connection, wherever the test runs.
        let pieces = 512
        let produce: @Sendable (StreamWriter, Watched) async throws -> Void = { writer, watched in
            for number in 1...pieces {
                try await writer.write(piece)
                watched.written.withLock { $0 = number }
            }
        }
        try await withStream(limits(request: .milliseconds(1000)), produce) { port, _ in
            let connection = try Self.ask(port, receiveBuffer: 65536)
            _ = try connection.answer()
            watched.wait { watched.isOver.withLock { $0 } }
            #expect(watched.written.withLock { $0 } < pieces)
            watched.waitForEnd()
            #expect(watched.lines("stream ended").first?["reason"] == "disconnected")
        }
    }

    @Test func `ends when the client has disconnected`() async throws {
        let watched = watched
        try await withStream(limits(request: .seconds(60)), Self.ticks) { port, _ in
            do {
                let connection = try Self.ask(port)
                _ = try connection.answer()
                _ = try connection.chunk()
            }
            watched.waitForEnd()
            #expect(watched.isOver.withLock { $0 })
            #expect(watched.lines("stream ended").first?["reason"] == "disconnected")
        }
    }

    @Test func `ends properly at its deadline`() async throws {
        let watched = watched
        try await withStream(lasting: .milliseconds(700), Self.ticks) { port, _ in
            let connection = try Self.ask(port)
            _ = try connection.answer()
            var chunks = 0
            while try !connection.chunk().isEmpty { chunks += 1 }
            #expect(chunks > 0)
            #expect(chunks == watched.written.withLock { $0 } || chunks + 1 == watched.written.withLock { $0 })
            watched.waitForEnd()
            #expect(watched.lines("stream ended").first?["reason"] == "deadline")
        }
    }

    @Test func `refuses what is written after its end, even by a task of its own`() async throws {
        let watched = watched
        let produce: @Sendable (StreamWriter, Watched) async throws -> Void = { writer, watched in
            let other = Task {
                while true {
                    try await writer.write(Array("a".utf8))
                    watched.written.withLock { $0 += 1 }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            await #expect(throws: CancellationError.self) { try await other.value }
        }
        try await withStream(lasting: .milliseconds(300), produce) { port, _ in
            let connection = try Self.ask(port)
            _ = try connection.answer()
            while try !connection.chunk().isEmpty {}
            watched.waitForEnd()
            #expect(watched.isOver.withLock { $0 })
            #expect(watched.written.withLock { $0 } > 0)
            #expect(watched.lines("stream ended").first?["reason"] == "deadline")
        }
    }

    @Test func `ends properly when the server shuts down`() async throws {
        let watched = watched
        try await withStream(ConnectionLimits(), Self.ticks) { port, end in
            let connection = try Self.ask(port)
            _ = try connection.answer()
            _ = try connection.chunk()
            end()
            while try !connection.chunk().isEmpty {}
            #expect(try connection.isClosed())
            watched.waitForEnd()
            #expect(watched.lines("stream ended").first?["reason"] == "shutdown")
        }
    }

    @Test func `breaks off if it fails, so that the client notices`() async throws {
        let watched = watched
        let produce: @Sendable (StreamWriter, Watched) async throws -> Void = { writer, _ in
            try await writer.write(Array("a".utf8))
            throw StorageFailure.busy
        }
        try await withStream(ConnectionLimits(), produce) { port, _ in
            let connection = try Self.ask(port)
            _ = try connection.answer()
            #expect(try connection.chunk() == Array("a".utf8))
            #expect(throws: RawConnection.Broken.self) { _ = try connection.chunk() }
            watched.waitForEnd()
            #expect(watched.lines("stream ended").first?["reason"] == "failed")
        }
    }

    @Test func `has one log line for its beginning and one for its end`() async throws {
        let watched = watched
        let produce: @Sendable (StreamWriter, Watched) async throws -> Void = { writer, _ in
            try await writer.write(Array("abc".utf8))
        }
        try await withStream(ConnectionLimits(), produce) { port, _ in
            let connection = try Self.ask(port)
            let answer = try connection.answer()
            while try !connection.chunk().isEmpty {}
            watched.waitForEnd()
            let (began, ended) = (watched.lines("stream began"), watched.lines("stream ended"))
            #expect(began.count == 1 && ended.count == 1)
            for line in began + ended {
                #expect(line["request_id"] == .string(answer["x-request-id"] ?? ""))
                #expect(line["route"] == "/stream")
                #expect(line["status"] == 200)
            }
            #expect(ended.first?["bytes"] == 3)
            #expect(ended.first?["reason"] == "complete")
            #expect(watched.lines("request").isEmpty)
        }
    }
}
