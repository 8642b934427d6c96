import HTTPTypes
import Hummingbird
import JSON
import Orders
import TestServer
import Testing

@testable import HTTPServing

@Suite struct `A route` {
    private static func ask(
        _ port: Int, _ method: String, _ path: String, body: [UInt8] = [], _ fields: String...
    ) throws -> HTTPAnswer {
        let connection = try RawConnection(port: port)
        let lines = ["\(method) \(path) HTTP/1.1", "Host: a", "Content-Length: \(body.count)"] + fields
        try connection.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body)
        return try connection.answer(hasBody: method != "HEAD")
    }

    private static func operation(
        _ method: Operation.Method, _ path: String, bodyLimit: Int = Operation.defaultBodyLimit, isCrossOrigin: Bool = false,
        emptyID: Failure? = nil
    ) -> Operation {
        Operation(
            method, path, "\(method) \(path)", tag: "Test", "A route of the tests", body: method == .post ? "Body" : nil,
            bodyLimit: bodyLimit, answers: [.init(200, "Yes")], isCrossOrigin: isCrossOrigin, emptyID: emptyID)
    }

    private static func body(of length: Int) -> [UInt8] {
        Array(#"{"a":""#.utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: length - 8) + Array(#""}"#.utf8)
    }

    @Test func `takes a body of its own limit, and no larger one`() async throws {
        var routes = Routes()
        for (path, limit) in [("/small", 100), ("/large", 1_000_000)] {
            routes.add(Self.operation(.post, path, bodyLimit: limit), .anybody) { _, call in
                guard case .string(let text)? = try await call.jsonObject()["a"] else { throw Failure.internalError }
                return Response(uncached: ["length": .number(String(text.utf8.count))])
            }
        }
        try await serve(routes) { port, _ throws in
            for (path, limit) in [("/small", 100), ("/large", 1_000_000)] {
                let answer = try Self.ask(port, "POST", path, body: Self.body(of: limit))
                #expect(answer.status == 200)
                #expect(answer.json["length"] == .number(String(limit - 8)))
                let refused = try Self.ask(port, "POST", path, body: Self.body(of: limit + 1))
                #expect(refused.status == 413)
                #expect(refused.errorCode == "body_too_large")
                #expect(refused.text.contains("\(limit) bytes"))
            }
        }
    }

    @Test func `answers its own methods, and says which they are`() async throws {
        var routes = Routes()
        routes.add(Self.operation(.get, "/things/{id}"), .anybody) { _, call in
            Response(uncached: ["id": .string(call.pathParameter("id") ?? "")])
        }
        routes.add(Self.operation(.put, "/things/{id}"), .anybody) { _, _ in .noContent }
        try await serve(routes) { port, _ throws in
            #expect(try Self.ask(port, "GET", "/things/a%20b").json["id"] == "a b")
            #expect(try Self.ask(port, "HEAD", "/things/a").status == 200)
            #expect(try Self.ask(port, "PUT", "/things/a").status == 204)
            let refused = try Self.ask(port, "DELETE", "/things/a")
            #expect(refused.status == 405)
            #expect(refused["allow"] == "GET, HEAD, PUT")
            #expect(refused.errorCode == "method_not_allowed")
            #expect(try Self.ask(port, "GET", "/things").errorCode == "not_found")
            #expect(try Self.ask(port, "GET", "/NotFound").errorCode == "not_found")
        }
    }

    @Test func `takes a slash behind a list for an empty id, if it says so`() async throws {
        var routes = Routes()
        let thingNotFound = Failure(.notFound, "thing_not_found", "Thing not found")
        routes.add(Self.operation(.get, "/things", emptyID: thingNotFound), .anybody) { _, _ in .noContent }
        routes.add(Self.operation(.get, "/others"), .anybody) { _, _ in .noContent }
        try await serve(routes) { port, _ throws in
            #expect(try Self.ask(port, "GET", "/things").status == 204)
            #expect(try Self.ask(port, "GET", "/things/").errorCode == "thing_not_found")
            #expect(try Self.ask(port, "GET", "/others/").status == 204)
        }
    }

    @Test func `is for pages of other origins only if it says so, and the first rule decides`() async throws {
        var routes = Routes()
        routes.add(Self.operation(.get, "/open/{id}", isCrossOrigin: true), .anybody) { _, _ in .noContent }
        routes.add(Self.operation(.get, "/open/{id}/closed"), .anybody) { _, _ in .noContent }
        routes.add(Self.operation(.get, "/elsewhere", isCrossOrigin: true), .anybody) { _, _ in .noContent }
        routes.add(CrossOrigin { origin, path in path.hasPrefix("/open") ? origin == "https://a.example" : nil })
        routes.add(CrossOrigin { origin, path in path.hasPrefix("/") ? origin == "https://b.example" : nil })
        try await serve(routes) { port, _ throws in
            func allowed(_ path: String, _ origin: String) throws -> Bool {
                try Self.ask(port, "GET", path, "Origin: https://\(origin).example")["access-control-allow-origin"] != nil
            }
            #expect(try allowed("/open/1", "a"))
            #expect(try !allowed("/open/1", "b"))
            #expect(try !allowed("/open/1/closed", "a"))
            #expect(try !allowed("/elsewhere", "a"))
            #expect(try allowed("/elsewhere", "b"))
            func preflight(_ path: String) throws -> Int {
                try Self.ask(
                    port, "OPTIONS", path, "Origin: https://a.example", "Access-Control-Request-Method: GET"
                ).status
            }
            #expect(try preflight("/open/1") == 204)
            #expect(try preflight("/open/1/closed") == 405)
            #expect(try preflight("/elsewhere") == 403)
        }
    }

    @Test func `may have several lanes before it, each asked in its turn`() async throws {
        var routes = Routes()
        for path in ["/a", "/b", "/c"] { routes.get(path) { Response(uncached: ["by": "route"]) } }
        for name in ["a", "b"] {
            routes.answerDirectly { request, receive in
                guard request.target == "/" + name else { return false }
                receive(DirectAnswer(fields: HeaderLines(), body: Array(#"{"by":"lane \#(name)"}"#.utf8), route: request.target))
                return true
            }
        }
        try await serve(routes) { port, _ throws in
            func by(_ path: String) throws -> String {
                let connection = try RawConnection(port: port)
                try connection.write("GET \(path) HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
                return try connection.answer().json.text("by")
            }
            #expect(try by("/a") == "lane a")
            #expect(try by("/b") == "lane b")
            #expect(try by("/c") == "route")
        }
    }
}
