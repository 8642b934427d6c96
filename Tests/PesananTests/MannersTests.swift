import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `The server` {
    @Test func `rejects unknown routes and methods in JSON`() async throws {
        let server = try await TestServer.shared()
        for path in ["/", "/x", "/v3", "/v3/stores/a/customers/me/orders/b/c", "/health", "//", "/%00", "/docs/x"] {
            let answer = try server.ask(path)
            #expect(answer.status == 404)
            #expect(
                answer.text
                    == #"{"error":"There is nothing at this address","error_code":"not_found","message":"There is nothing at this address"}"#
            )
        }
        for path in ["/v3/stores/a/customers/me/orders", "/v3/stores/a/customers/me/orders/b", "/health/live", "/openapi.json"] {
            for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"] {
                let answer = try server.ask(path, method: method, ("Content-Length", "0"))
                #expect(answer.status == 405)
                #expect(answer["allow"] == "GET, HEAD")
                #expect(try JSON(parsing: answer.body)["error_code"] == "method_not_allowed")
            }
        }
    }

    @Test func `uses a request's id or generates one, and logs it with the route`() async throws {
        let server = try await TestServer.shared()
        let order = try Fixture.orders()[3]
        let token = try await server.token(for: order)
        for _ in 1...2 {
            let given = UUID().uuidString
            #expect(try server.ask(order.orderPath, token: token, ("X-Request-Id", given))["x-request-id"] == given)
            let line = try #require(try await server.log().split(separator: "\n").first { $0.contains(given) })
            let entry = try JSON(parsing: Array(line.utf8))
            #expect(entry["message"] == "request")
            #expect(entry["method"] == "GET")
            #expect(entry["route"] == "/v3/stores/{store_id}/customers/me/orders/{id}")
            #expect(entry["status"] == 200)
        }
        for odd in ["", "a b", String(repeating: "x", count: 65), "\"}"] {
            let made = try #require(try server.ask("/health/live", ("X-Request-Id", odd))["x-request-id"])
            #expect(made != odd)
            #expect(!made.isEmpty)
        }
    }

    @Test func `reports that it is live and ready`() async throws {
        let server = try await TestServer.shared()
        for path in ["/health/live", "/health/ready"] { #expect(try server.ask(path).text == #"{"status":"ok"}"#) }
        let keys = try server.ask("/.well-known/jwks.json")
        #expect(keys.text.contains(#""alg":"ES256""#))
        #expect(keys["cache-control"] == "no-cache")
    }

    @Test func `answers pipelined requests in order`() async throws {
        let server = try await TestServer.shared()
        let order = try Fixture.orders()[0]
        let token = try await server.token(for: order)
        _ = try server.ask(order.orderPath, token: token)
        let connection = try RawConnection(port: server.port)
        let paths = (0..<30).map { [order.orderPath, "/health/ready", "/x"][$0 % 3] }
        try connection.write(
            paths.enumerated().map {
                "GET \($1) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(token)\r\nX-Request-Id: \($0)\r\n\r\n"
            }
            .joined().utf8)
        for number in 0..<30 {
            let answer = try connection.answer()
            #expect(answer["x-request-id"] == "\(number)")
            #expect(answer.status == [200, 200, 404][number % 3])
        }
    }

    @Test(arguments: ["1.1\r\nConnection: close", "1.1\r\nConnection: Close", "1.0"])
    func `closes a connection on request`(version: String) async throws {
        let server = try await TestServer.shared()
        let order = try Fixture.orders()[0]
        let token = try await server.token(for: order)
        for _ in 1...2 {
            let connection = try RawConnection(port: server.port)
            try connection.write(
                "GET \(order.orderPath) HTTP/\(version)\r\nHost: a\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8)
            #expect(try connection.answer().status == 200)
            #expect(try connection.isClosed())
        }
    }

    @Test(arguments: [
        "NONSENSE\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "a", count: 70_000))\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\((0..<500).map { "X-\($0): a\r\n" }.joined())\r\n",
        "GET /\(String(repeating: "a", count: 100_000)) HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET /health/live HTTP/1.1\r\n\r\n", "GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "POST /health/live HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /health/live HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET \(try! Fixture.orders()[0].orderPath) HTTP/1.1\r\n\r\n",
    ])
    func `refuses invalid or oversized HTTP in JSON, and hangs up`(request: String) async throws {
        let server = try await TestServer.shared()
        let connection = try RawConnection(port: server.port)
        try? connection.write(request.utf8)
        let answer = try connection.answer()
        // A header that is far too large is not even read.
        #expect([400, 431].contains(answer.status))
        #expect(answer.errorCode == (answer.status == 400 ? "unreadable_request" : "header_too_large"))
        #expect(answer.json["message"] == answer.json["error"])
        #expect(answer["x-request-id"] != nil && answer["x-request-id"] == answer["x-scalev-request-id"])
        #expect(try connection.isClosed())
    }

    @Test(arguments: [
        ("POST", "customers/me/addresses", 401, "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        ("GET", "customers/me/orders", 401, "Transfer-Encoding: chunked\r\n\r\n3\r\nabcNONSENSE\r\n"),
        ("GET", "customers/me/orders", 400, "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\nzz\r\n"),
    ])
    func `answers a request with an unreadable body once`(method: String, path: String, status: Int, rest: String) async throws {
        let server = try await TestServer.shared()
        let connection = try RawConnection(port: server.port)
        let head = "\(method) /v3/stores/store_Zl2CePvzZaqLXj4sxrvXFcqg/\(path) HTTP/1.1\r\nHost: a\r\n"
        try connection.write((head + rest).utf8)
        #expect(try connection.answer().status == status)
        #expect(try connection.isClosed())
    }

    @Test func `describes every route, and every answer fits its description`() async throws {
        let server = try await TestServer.shared()
        let document = try JSON(parsing: server.ask("/openapi.json").body)
        #expect(document["openapi"] == "3.1.0")
        let order = try Fixture.orders()[0]
        let token = try await server.token(for: order)
        guard case .object(let paths) = document["paths"] else {
            Issue.record("no paths")
            return
        }
        #expect(paths.members.count >= 18)
        let description = Description(document)
        for (template, operations) in paths.members where operations["get"] != nil {
            let path =
                template.replacing("{store_id}", with: "store_Zl2CePvzZaqLXj4sxrvXFcqg")
                .replacing("{id}", with: order.orderPath.split(separator: "/").last!)
            #expect(operations["head"] != nil)
            // Signed in, not signed in, and with a request for something that does not exist.
            let answers = [
                try server.ask(path, token: token), try server.ask(path), try server.ask(path + "?page_size=99", token: token),
                try server.ask(path + "0", token: token),
            ]
            for answer in answers where answer.status != 404 || template.hasSuffix("{id}") {
                try description.expect(answer, "get", template)
            }
        }
        #expect(document["components"]?["schemas"]?["CustomerOrder"]?["properties"] == (try Fixture.schema()["properties"]))
    }

    @Test func `tells a waiting client to send the body`() async throws {
        let server = try await TestServer.shared()
        let connection = try RawConnection(port: server.port)
        let path = "/v3/stores/store_A/public/auth/login"
        try connection.write("POST \(path) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".utf8)
        #expect(try connection.answer().status == 100)
        try connection.write("{}".utf8)
        #expect(try connection.answer().status == 404)
        try connection.write("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
        #expect(try connection.answer().status == 200)
    }

    @Test func `serves its description as a self-contained page`() async throws {
        let server = try await TestServer.shared()
        let page = try server.ask("/docs")
        #expect(page["content-type"] == "text/html; charset=utf-8")
        #expect(page["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
        for text in ["/v3/stores/{store_id}/customers/me/orders/{id}", "gross_revenue", "next_cursor", "CustomerOrderPage"] {
            #expect(page.text.contains(text))
        }
        // Its only link to another page is by the public URL.
        let link = #"href="\#(Fixture.publicURL)/openapi.json""#
        #expect(page.text.contains(link))
        let rest = page.text.replacing(link, with: "")
        for text in ["http://", "https://", "<script", "src=", "@import", "url("] {
            #expect(!rest.contains(text), "\(text)")
        }
    }

    @Test func `finishes requests in progress when asked to stop, and exits with 0`() async throws {
        for signal in [SIGTERM, SIGINT] {
            let server = try await TestServer()
            let connection = try RawConnection(port: server.port)
            try connection.write("GET /health/ready HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab".utf8)
            let idle = try RawConnection(port: server.port)
            try idle.write("GET /health/live HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            #expect(try idle.answer().status == 200)
            let stopped = Task.detached { server.stop(signal) }
            try await Task.sleep(for: .milliseconds(300))
            try connection.write("cde".utf8)
            #expect(try connection.answer().status == 200)
            #expect(try idle.isClosed())
            #expect(await stopped.value == 0)
            #expect(throws: RawConnection.Broken.self) { try RawConnection(port: server.port) }
        }
    }
}
