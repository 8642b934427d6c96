import Foundation
import Hummingbird
import NIOCore
import Synchronization
import TestServer
import Testing

@testable import HTTPServing

@Suite struct `A stream of the direct lane` {
    /// The streams that were opened, and how many have ended.
    private final class Opened: Sendable {
        let streams = Mutex<[DirectStream]>([])
        let ended = Mutex(0)

        /// Waits for a stream, from the thread of a client.
        func stream(_ number: Int = 0) -> DirectStream {
            while true {
                if let stream = streams.withLock({ $0.count > number ? $0[number] : nil }) { return stream }
                usleep(10_000)
            }
        }

        func waitForEnds(_ count: Int) {
            for _ in 0..<1000 where ended.withLock({ $0 }) < count { usleep(10_000) }
        }
    }

    private let opened = Opened()

    private var handler: DirectAnswer.Handler {
        { [opened] request, receive in
            guard request.target == "/stream" else { return false }
            var fields = HeaderLines()
            fields.append("Content-Type", "text/event-stream")
            receive(
                DirectAnswer(fields: fields, route: "/stream") { stream in
                    stream.onEnd { opened.ended.withLock { $0 += 1 } }
                    stream.write(Array("first".utf8))
                    opened.streams.withLock { $0.append(stream) }
                })
            return true
        }
    }

    private func withServer(
        _ limits: ConnectionLimits = ConnectionLimits(),
        _ body: @Sendable @escaping (_ port: Int, _ end: @escaping @Sendable () -> Void) throws -> Void
    ) async throws {
        var routes = Routes()
        routes.get("/quick") { Response(json: Array("{}".utf8)) }
        try await serve(routes, limits, direct: handler, body)
    }

    private static func ask(_ port: Int, receiveBuffer: Int32? = nil) throws -> RawConnection {
        let connection = try RawConnection(port: port, receiveBuffer: receiveBuffer)
        try connection.write("GET /stream HTTP/1.1\r\nHost: a\r\nX-Request-Id: 7\r\n\r\n".utf8)
        return connection
    }

    @Test func `arrives piece by piece, and the connection goes on after it`() async throws {
        var limits = ConnectionLimits()
        (limits.request, limits.idle) = (.milliseconds(500), .milliseconds(500))
        try await withServer(limits) { [opened] port, _ in
            let connection = try Self.ask(port)
            let answer = try connection.answer()
            #expect(answer.status == 200 && answer["content-type"] == "text/event-stream" && answer["x-request-id"] == "7")
            #expect(try connection.chunk() == Array("first".utf8))
            // Longer than a request may take, and than a connection may be idle.
            usleep(1_500_000)
            let stream = opened.stream()
            for number in 1...100 { stream.write(Array("\(number)".utf8)) }
            for number in 1...100 { #expect(try connection.chunk() == Array("\(number)".utf8)) }
            // What is asked meanwhile is answered afterwards.
            try connection.write("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            stream.write(Array("last".utf8))
            stream.end()
            stream.write(Array("too late".utf8))
            #expect(try connection.chunk() == Array("last".utf8))
            #expect(try connection.chunk() == [])
            #expect(try connection.answer().text == "{}")
            opened.waitForEnds(1)
            #expect(opened.ended.withLock { $0 } == 1)
        }
    }

    @Test func `ends when its client goes, half or whole`() async throws {
        try await withServer { [opened] port, _ in
            do {
                let gone = try Self.ask(port)
                _ = try gone.answer()
                _ = opened.stream(0)
            }
            let half = try Self.ask(port)
            _ = try half.answer()
            _ = opened.stream(1)
            half.endWriting()
            #expect(try half.chunk() == Array("first".utf8))
            #expect(try half.chunk() == [])
            #expect(try half.isClosed())
            opened.waitForEnds(2)
            #expect(opened.ended.withLock { $0 } == 2)
            opened.stream(0).write(Array("nobody".utf8))
        }
    }

    @Test func `is cut off if its client takes nothing, and slows nobody`() async throws {
        try await withServer { [opened] port, _ in
            let slow = try Self.ask(port, receiveBuffer: 65536)
            _ = try slow.answer()
            let quick = try Self.ask(port)
            _ = try quick.answer()
            let (first, second) = (opened.stream(0), opened.stream(1))
            // More than the system buffers for a connection.
            let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 1 << 20)
            for _ in 0..<64 { first.write(piece) }
            second.write(Array("here".utf8))
            #expect(try quick.chunk() == Array("first".utf8))
            #expect(try quick.chunk() == Array("here".utf8))
            opened.waitForEnds(1)
            #expect(opened.ended.withLock { $0 } == 1)
        }
    }

    @Test func `is cut off in time if its client takes nothing of what was written at once`() async throws {
        var limits = ConnectionLimits()
        limits.request = .milliseconds(500)
        try await withServer(limits) { [opened] port, _ in
            let slow = try Self.ask(port, receiveBuffer: 65536)
            _ = try slow.answer()
            opened.stream().write([UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20))
            opened.waitForEnds(1)
            #expect(opened.ended.withLock { $0 } == 1)
            // Not only the stream has ended: the connection is closed, with what nobody has taken.
            #expect(try slow.rest().count < 64 << 20)
        }
    }

    @Test func `ends in order when the server shuts down`() async throws {
        try await withServer { [opened] port, end in
            let connection = try Self.ask(port)
            _ = try connection.answer()
            _ = opened.stream()
            end()
            #expect(try connection.chunk() == Array("first".utf8))
            #expect(try connection.chunk() == [])
            #expect(try connection.isClosed())
            opened.waitForEnds(1)
            #expect(opened.ended.withLock { $0 } == 1)
        }
    }
}
