import NIOHTTP1
import Testing

@testable import HTTPServing

@Suite struct `A direct request` {
    private func read(_ fields: [(String, String)], _ method: HTTPMethod = .GET, _ version: HTTPVersion = .http1_1)
        -> DirectRequest?
    {
        DirectRequest(HTTPRequestHead(version: version, method: method, uri: "/a?b", headers: HTTPHeaders(fields)))
    }

    @Test func `has the fields that answers depend on, whatever the case of their names`() throws {
        let request = try #require(
            read([
                ("hOST", "a"), ("AUTHORIZATION", "Bearer x"), ("origin", "https://a"), ("If-None-Match", "\"1\""),
                ("X-Request-ID", "r"), ("Connection", "Keep-Alive"), ("X-Authorization", "y"), ("If-Not-Match!", "z"),
            ]))
        #expect(request.target == "/a?b")
        #expect(request.authorization == "Bearer x")
        #expect(request.origin == "https://a")
        #expect(request.ifNoneMatch == "\"1\"")
        #expect(request.requestID == "r")
        #expect(!request.isHead)
    }

    @Test func `ignores repeated single fields, but joins lists`() throws {
        let request = try #require(
            read(
                [
                    ("Host", "a"), ("Authorization", "x"), ("Authorization", "x"), ("Origin", "a"), ("Origin", "b"),
                    ("If-None-Match", "\"1\""), ("If-None-Match", "\"2\""), ("X-Request-Id", "r"), ("X-Request-Id", "s"),
                ], .HEAD))
        #expect(request.authorization == nil)
        #expect(request.origin == nil)
        #expect(request.ifNoneMatch == "\"1\", \"2\"")
        #expect(request.requestID == "r")
        #expect(request.isHead)
    }

    @Test func `does not exist for requests that need the router`() {
        #expect(read([("Host", "a")]) != nil)
        #expect(read([("Host", "a")], .POST) == nil)
        #expect(read([("Host", "a")], .GET, .http1_0) == nil)
        #expect(read([]) == nil)
        #expect(read([("Host", "a"), ("host", "a")]) == nil)
        for connection in ["close", "Keep-Alive, x", "upgrade", ""] {
            #expect(read([("Host", "a"), ("Connection", connection)]) == nil)
        }
    }
}
