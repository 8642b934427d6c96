import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A signed-in buyer` {
    @Test(arguments: TestServer.Kind.allCases)
    func `gets the contract's answer for every sample that has one`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let orders = try Fixture.orders()
        for (index, expected) in try Fixture.expectedAnswers().enumerated() {
            let order = orders[index * 8]
            let token = try await server.token(for: order)
            // The second time the token is cached, and the answer is a direct one.
            let answers = try (1...2).map { _ in try server.ask(order.orderPath, token: token) }
            #expect(answers.map(\.status) == [200, 200])
            #expect(answers[0].comparable == answers[1].comparable)
            #expect(answers[0]["content-type"] == "application/json")
            if let difference = try JSON(parsing: answers[0].body).firstDifference(to: expected) {
                Issue.record("order \(index * 8): \(difference)")
            }
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `finds nothing internal in answers, nor does the operator in the log`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let schema = JSONSchema(try Fixture.schema())
        for order in try Fixture.orders() {
            let answer = try server.ask(order.orderPath, token: try await server.token(for: order))
            #expect(answer.status == 200)
            #expect(!answer.text.contains("INTERNAL"))
            #expect(schema.violations(of: try JSON(parsing: answer.body)) == [])
        }
        let log = try await server.log()
        #expect(log.contains(#""message":"request""#))
        for secret in ["INTERNAL", "eyJ", "@example.com", "01958825-f1d8"] { #expect(!log.contains(secret)) }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `gets a migrated order by its old id or its new one`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let order = try #require(try Fixture.orders().first { if case .number = $0["id"] { true } else { false } })
        let token = try await server.token(for: order)
        let byOldID = try server.ask(order.orderPath, token: token)
        guard case .string(let id) = try JSON(parsing: byOldID.body)["id"], case .string(let createdAt) = order["created_at"]
        else {
            Issue.record("no id")
            return
        }
        let list = order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
        for form in [id, id.uppercased(), id.replacing("-", with: "%2D")] {
            #expect(try server.ask("/\(list)/\(form)", token: token).comparable == byOldID.comparable)
        }
        let milliseconds = try #require(Int64(id.replacing("-", with: "").prefix(12), radix: 16))
        #expect(Timestamp(createdAt)?.milliseconds == milliseconds)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `pages through all orders, forward and back`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let buyers = Dictionary(grouping: try Fixture.orders()) { (try? MerchantOrder($0))?.customer.id }
        let orders = try #require(buyers.values.max { $0.count < $1.count })
        let token = try await server.token(for: orders[0])
        let list = orders[0].orderPath.split(separator: "/").dropLast().joined(separator: "/")
        var pages: [JSON] = []
        var query = "?page_size=3"
        while true {
            let page = try JSON(parsing: server.ask("/\(list)\(query)", token: token).body)
            pages.append(page)
            guard case .string(let cursor) = page["next_cursor"] else { break }
            query = "?page_size=3&next_cursor=\(cursor)"
        }
        let forth = pages.flatMap(ids)
        #expect(forth.count == orders.count)
        #expect(forth == forth.sorted(by: >))
        #expect(pages.map { $0["has_next"] } == pages.indices.map { .bool($0 < pages.count - 1) })
        #expect(pages.map { $0["has_previous"] } == pages.indices.map { .bool($0 > 0) })
        var back = pages.last!
        for earlier in pages.dropLast().reversed() {
            guard case .string(let cursor) = back["previous_cursor"] else { break }
            back = try JSON(parsing: server.ask("/\(list)?page_size=3&previous_cursor=\(cursor)", token: token).body)
            #expect(ids(back) == ids(earlier))
        }
        #expect(back["previous_cursor"] == .null)
        let whole = try JSON(parsing: server.ask("/\(list)", token: token).body)
        #expect(whole["page_size"] == 25)
        // An empty parameter is one that is not there.
        let empty = try server.ask("/\(list)?page_size=&next_cursor=&previous_cursor=", token: token)
        #expect(empty.status == 200 && empty.json == whole)
        #expect(ids(whole) == Array(forth.prefix(25)))
        guard case .array(let first) = whole["data"] else { return }
        let single = try JSON(parsing: server.ask("/\(list)/\(forth[0])", token: token).body)
        #expect(first.first == single)
    }

    @Test(arguments: [
        ("page_size=0", "invalid_page_size"), ("page_size=26", "invalid_page_size"), ("page_size=-1", "invalid_page_size"),
        ("page_size=x", "invalid_page_size"), ("page_size=%2B5", "invalid_page_size"), ("page_size=05", "invalid_page_size"),
        ("page_size=99999999999999999999", "invalid_page_size"), ("next_cursor=x", "invalid_next_cursor"),
        ("previous_cursor=%00", "invalid_previous_cursor"), ("next_cursor=AAAAAAAAAAAAAAAAAAAAAA", "invalid_next_cursor"),
        ("next_cursor=AZWIJfHYe4Cxm-zfIUQovw&previous_cursor=AZWIJfHYe4Cxm-zfIUQovw", "invalid_previous_cursor"),
    ])
    func `is told which parameter is invalid`(query: String, code: String) async throws {
        let server = try await TestServer.shared()
        let order = try Fixture.orders()[0]
        let list = order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
        let answer = try server.ask("/\(list)?\(query)", token: try await server.token(for: order))
        #expect(answer.status == 400)
        #expect(try JSON(parsing: answer.body)["error_code"] == .string(code))
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `does not get unchanged orders again`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let order = try Fixture.orders()[0]
        let token = try await server.token(for: order)
        let list = "/" + order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
        for path in [order.orderPath, list] {
            let tag = try #require(try server.ask(path, token: token)["etag"])
            if path == list { #expect(try server.ask("\(path)?page_size=24", token: token)["etag"] != tag) }
            for known in [tag, "W/\(tag)", "\"other\", \(tag)", "*"] {
                let answer = try server.ask(path, token: token, ("If-None-Match", known))
                #expect(answer.status == 304)
                #expect(answer.body == [])
                #expect(answer["etag"] == tag)
                #expect(answer["cache-control"] == "private, no-cache")
                #expect(answer["vary"] == "Authorization, Origin")
            }
            for known in ["\"other\"", tag.dropLast().description, ""] {
                #expect(try server.ask(path, token: token, ("If-None-Match", known)).status == 200)
            }
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `gets only the headers with HEAD`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let order = try Fixture.orders()[0]
        let token = try await server.token(for: order)
        let list = "/" + order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
        for path in [order.orderPath, list, "/openapi.json", "/health/ready"] {
            let get = try server.ask(path, token: token)
            for _ in 1...2 {
                let head = try server.ask(path, method: "HEAD", token: token)
                #expect(head.status == 200)
                #expect(head.comparable + get.text == get.comparable)
            }
        }
    }

    private func ids(_ page: JSON) -> [String] {
        guard case .array(let orders) = page["data"] else { return [] }
        return orders.compactMap { if case .string(let id) = $0["id"] { id } else { nil } }
    }
}
