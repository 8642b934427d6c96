import Foundation
import Hummingbird
import JSON
import Logging
import NIOCore
import NIOHTTP1
import Orders
import ServiceLifecycle
import Synchronization
import TestServer
import Testing

@testable import HTTPServing

@Suite struct `A connection` {
    /// A server in this process with a slow route.
    private func withServer(
        _ limits: ConnectionLimits, direct: DirectAnswer.Handler? = nil,
        _ body: @Sendable @escaping (_ port: Int, _ end: @escaping @Sendable () -> Void) throws -> Void
    ) async throws {
        var routes = Routes()
        routes.get("/quick") { Response(json: Array("{}".utf8)) }
        routes.get("/now") { Response(json: Array("{}".utf8)) }
        routes.get("/big") { Response(json: Self.big) }
        routes.get("/slow") {
            try await Task.sleep(for: .seconds(60))
            return Response(json: Array("{}".utf8))
        }
        routes.get("/broken") { throw StorageFailure.unavailable("INTERNAL") }
        routes.get("/odd") { throw CancellationError() }
        try await serve(routes, limits, direct: direct, body)
    }

    private func limits(idle: TimeAmount, request: TimeAmount) -> ConnectionLimits {
        var limits = ConnectionLimits()
        limits.idle = idle
        limits.request = request
        return limits
    }

    @Test func `that sends nothing, or too little, is closed`() async throws {
        try await withServer(limits(idle: .milliseconds(1500), request: .seconds(60))) { port, _ in
            #expect(try RawConnection(port: port).isClosed())
            let half = try RawConnection(port: port)
            try half.write("GET /quick HTTP/1.1\r\nHo".utf8)
            #expect(try half.isClosed())
            let used = try RawConnection(port: port)
            try used.write("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            #expect(try used.answer().status == 200)
            #expect(try used.isClosed())
        }
    }

    @Test func `whose request takes too long to arrive or to be answered is closed`() async throws {
        try await withServer(limits(idle: .seconds(60), request: .milliseconds(1500))) { port, _ in
            let slow = try RawConnection(port: port)
            try slow.write("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            #expect(try slow.isClosed())
            let unfinished = try RawConnection(port: port)
            try unfinished.write("GET /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc".utf8)
            #expect(try unfinished.isClosed())
        }
    }

    /// Answers `/now`, immediately or from another thread some milliseconds later.
    private static func handler(_ answer: DirectAnswer?, isLate: Bool, after delay: Int = 1)
        -> DirectAnswer.Handler
    {
        { head, receive in
            guard head.target == "/now" else { return false }
            guard isLate else {
                receive(answer)
                return true
            }
            // A thread instead of a task, because other tests keep the threads of tasks busy.
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(delay)) { receive(answer) }
            return true
        }
    }

    @Test(arguments: [false, true])
    func `with constant direct answers is not idle`(isLate: Bool) async throws {
        let answer = DirectAnswer(fields: HeaderLines(), body: Array("now".utf8), route: "/now")
        let handler = Self.handler(answer, isLate: isLate)
        try await withServer(
            limits(idle: .milliseconds(1500), request: .seconds(60)), direct: handler
        ) { port, _ in
            let connection = try RawConnection(port: port)
            for turn in 0..<8 {
                let field = turn % 2 == 0 ? "Connection: Keep-Alive\r\n" : ""
                try connection.write("GET /now HTTP/1.1\r\nHost: a\r\n\(field)\r\n".utf8)
                #expect(try connection.answer().text == "now")
                usleep(250_000)
            }
            #expect(try connection.isClosed())
        }
    }

    @Test(arguments: [(false, true), (true, true), (true, false)])
    func `keeps answers in order, direct or not`(isLate: Bool, hasAnswer: Bool) async throws {
        let answer = DirectAnswer(fields: HeaderLines(), body: Array("now".utf8), route: "/now")
        let handler = Self.handler(hasAnswer ? answer : nil, isLate: isLate)
        try await withServer(ConnectionLimits(), direct: handler) { port, _ in
            let connection = try RawConnection(port: port)
            let requests = (0..<200).map { number in
                let path = number % 3 == 0 ? "quick" : "now"
                let body = number % 5 == 0 ? "Content-Length: 2\r\n\r\nab" : "\r\n"
                return "GET /\(path) HTTP/1.1\r\nHost: a\r\nX-Request-Id: \(number)\r\n\(body)"
            }
            // In chunks that start with either kind, and once all together.
            for numbers in [0..<1, 1..<4, 4..<9, 9..<14, 14..<200] {
                try connection.write(requests[numbers].joined().utf8)
                for number in numbers { #expect(try connection.answer()["x-request-id"] == "\(number)") }
            }
        }
    }

    @Test(arguments: [(false, true), (true, true), (true, false)])
    func `delivers all answers to a client that has closed its side`(isLate: Bool, hasAnswer: Bool) async throws {
        let answer = DirectAnswer(fields: HeaderLines(), body: Array("{}".utf8), route: "/now")
        // After the client has closed its side.
        let handler = Self.handler(hasAnswer ? answer : nil, isLate: isLate, after: 50)
        try await withServer(ConnectionLimits(), direct: handler) { port, _ in
            for paths in [["/now"], ["/quick"], ["/now", "/now"], ["/now", "/quick", "/now"], ["/quick", "/now"]] {
                let connection = try RawConnection(port: port)
                try connection.write(paths.map { "GET \($0) HTTP/1.1\r\nHost: a\r\n\r\n" }.joined().utf8)
                connection.endWriting()
                for _ in paths { #expect(try connection.answer().status == 200) }
                #expect(try connection.isClosed())
            }
        }
    }

    @Test(arguments: [false, true])
    func `reports invalid HTTP in its turn`(isLate: Bool) async throws {
        let answer = DirectAnswer(fields: HeaderLines(), body: Array("{}".utf8), route: "/now")
        try await withServer(ConnectionLimits(), direct: Self.handler(answer, isLate: isLate, after: 50)) { port, _ in
            for rest in [
                "NONSENSE\r\n\r\n", "GET /now HTTP/1.1\r\n\r\n", "GET /now HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
            ] {
                let connection = try RawConnection(port: port)
                try connection.write("GET /now HTTP/1.1\r\nHost: a\r\n\r\n\(rest)".utf8)
                #expect(try connection.answer().status == 200)
                #expect(try connection.answer().status == 400)
                #expect(try connection.isClosed())
            }
        }
    }

    @Test func `may take longer for a large body, as long as it comes`() async throws {
        var routes = Routes()
        let upload = Operation(
            .put, "/upload", "upload", tag: "Test", "A large body", bodyLimit: 1 << 20, answers: [.init(200, "Yes")])
        routes.add(upload, .anybody) { _, call in Response(json: Array("\(try await call.body().count)".utf8)) }
        try await serve(routes, limits(idle: .seconds(60), request: .milliseconds(1500))) { port, _ in
            let head = "PUT /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 262144\r\n\r\n"
            let piece = [UInt8](repeating: 0, count: 32768)
            let slow = try RawConnection(port: port)
            try slow.write(head.utf8)
            for _ in 0..<8 {
                usleep(400_000)
                try slow.write(piece)
            }
            #expect(try slow.answer().text == "262144")
            let tooSlow = try RawConnection(port: port)
            try tooSlow.write(head.utf8)
            try tooSlow.write(piece.prefix(100))
            #expect(try tooSlow.isClosed())
        }
    }

    @Test func `is told to send the body after Expect, whatever the method`() async throws {
        try await withServer(ConnectionLimits(), direct: Self.handler(nil, isLate: true)) { port, _ in
            let connection = try RawConnection(port: port)
            for _ in 1...2 {
                try connection.write("GET /quick HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".utf8)
                #expect(try connection.answer().status == 100)
                try connection.write("ab".utf8)
                #expect(try connection.answer().status == 200)
            }
        }
    }

    @Test(arguments: [("/big", false), ("/now", false), ("/now", true)])
    func `gets its complete answer before the server ends, however slow it is`(path: String, isLate: Bool) async throws {
        let answer = DirectAnswer(fields: HeaderLines(), body: Self.big, route: "/now")
        // After the server was asked to stop.
        let handler = Self.handler(answer, isLate: isLate, after: 700)
        try await withServer(ConnectionLimits(), direct: handler) { port, end in
            let connection = try RawConnection(port: port)
            try connection.write("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            usleep(300_000)
            end()
            usleep(300_000)
            #expect(try connection.answer().body == Self.big)
            #expect(try connection.isClosed())
        }
    }

    @Test func `is told to retry if the server ends before a request goes to the router`() async throws {
        let waiting = Waiting()
        let handler: DirectAnswer.Handler = { _, receive in
            waiting.receivers.withLock { $0.append(receive) }
            return true
        }
        try await withServer(ConnectionLimits(), direct: handler) { port, end in
            let connection = try RawConnection(port: port)
            try connection.write("GET /quick HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            while waiting.receivers.withLock({ $0.isEmpty }) { usleep(10_000) }
            end()
            // The server stops with its listening socket first.
            while (try? RawConnection(port: port)) != nil { usleep(10_000) }
            usleep(700_000)
            for receive in waiting.receivers.withLock({ $0 }) { receive(nil) }
            // Usually the former; the latter on a machine so busy that the server has not reached its connections yet.
            #expect([503, 200].contains(try connection.answer().status))
            #expect(try connection.isClosed())
        }
    }

    @Test func `never gets the answer to an earlier request`() async throws {
        let waiting = Waiting()
        let handler: DirectAnswer.Handler = { _, receive in
            waiting.receivers.withLock { $0.append(receive) }
            return true
        }
        let answer = { @Sendable (text: String) in DirectAnswer(fields: HeaderLines(), body: Array(text.utf8), route: "/now") }
        try await withServer(ConnectionLimits(), direct: handler) { port, _ in
            let connection = try RawConnection(port: port)
            for (turn, text) in ["first", "second"].enumerated() {
                try connection.write("GET /now HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                while waiting.receivers.withLock({ $0.count }) <= turn { usleep(10_000) }
                let receivers = waiting.receivers.withLock { $0 }
                if turn > 0 { receivers[0](answer("again")) }
                receivers[turn](answer(text))
                #expect(try connection.answer().text == text)
            }
        }
    }

    /// The requests that wait for a direct answer.
    private final class Waiting: Sendable {
        let receivers = Mutex<[@Sendable (DirectAnswer?) -> Void]>([])
    }

    @Test func `is told to retry if the storage fails, by direct answers too`() async throws {
        let failure = DirectAnswer(StorageFailure.unavailable("INTERNAL"), route: "/now")
        try await withServer(ConnectionLimits(), direct: Self.handler(failure, isLate: true)) { port, _ in
            let connection = try RawConnection(port: port)
            for path in ["/now", "/broken"] {
                try connection.write("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            }
            let (direct, ordinary) = (try connection.answer(), try connection.answer())
            #expect(direct.status == 503)
            #expect(direct.comparable == ordinary.comparable)
            try connection.write("HEAD /now HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            #expect(try connection.answer(hasBody: false).status == 503)
        }
    }

    /// More than the system buffers for the server before the other side reads.
    private static let big = [UInt8](repeating: UInt8(ascii: "x"), count: 30_000_000)

    @Test func `learns nothing internal from an error`() async throws {
        try await withServer(ConnectionLimits()) { port, _ in
            for (path, status, code) in [("/broken", 503, "unavailable"), ("/odd", 500, "internal_error")] {
                let connection = try RawConnection(port: port)
                try connection.write("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                let answer = try connection.answer()
                #expect(answer.status == status)
                #expect(try JSON(parsing: answer.body)["error_code"] == .string(code))
                #expect(!answer.text.contains("INTERNAL"))
                #expect(answer["retry-after"] == (status == 503 ? "1" : nil))
            }
        }
    }

    @Test(
        arguments: [
            ("Thu, 01 Jan 1970 00:00:00 GMT", 0), ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777),
            ("Mon, 29 Feb 2044 23:59:59 GMT", 2_340_403_199),
        ] as [(String, Int64)])
    func `gets the date in the format of HTTP`(text: String, seconds: Int64) {
        #expect(HTTPDate.text(for: Timestamp(microseconds: seconds * 1_000_000 + 999_999)) == text)
    }
}
