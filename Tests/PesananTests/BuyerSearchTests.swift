import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A buyer's list` {
    private struct Buyer {
        let server: TestServer
        let path: String
        let token: String
        /// All orders of the buyer as JSON, newest first.
        let all: [JSON]

        /// The buyer of the sample data who has the most orders.
        init(_ kind: TestServer.Kind) async throws {
            server = try await TestServer.shared(kind)
            let orders = try Fixture.orders()
            let counts = try Dictionary(grouping: orders) { try MerchantOrder($0).buyer }
            let own = try #require(counts.values.max { $0.count < $1.count })
            let order = own[0]
            token = try await server.token(for: order)
            path = "/" + order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
            var (found, next): ([JSON], String?) = ([], nil)
            repeat {
                let page = try server.ask(path + (next.map { "?next_cursor=" + $0 } ?? ""), token: token).json
                guard case .array(let data)? = page["data"] else { break }
                found += data
                next = page.optionalText("next_cursor")
            } while next != nil
            all = found
        }

        /// The numbers of the orders on all pages, and on the way back.
        func numbers(_ query: String) throws -> (forth: [String], back: [String]) {
            func page(_ cursor: String) throws -> JSON {
                let answer = try server.ask("\(path)?page_size=2&\(query)\(cursor)", token: token)
                #expect(answer.status == 200, "\(answer.text)")
                return answer.json
            }
            func numbers(_ page: JSON) -> [String] {
                guard case .array(let data)? = page["data"] else { return [] }
                return data.map { $0.text("order_id") }
            }
            var (forth, cursor): ([String], String?) = ([], nil)
            var last: JSON = .null
            repeat {
                last = try page(cursor.map { "&next_cursor=" + $0 } ?? "")
                forth += numbers(last)
                cursor = last.optionalText("next_cursor")
                #expect(last["has_next"] == .bool(cursor != nil))
            } while cursor != nil
            var back = numbers(last)
            while let cursor = last.optionalText("previous_cursor") {
                last = try page("&previous_cursor=" + cursor)
                back = numbers(last) + back
                if last["has_previous"] == false { break }
            }
            return (forth, back)
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `has the orders that meet every part of a filter, page by page both ways`(kind: TestServer.Kind) async throws {
        let buyer = try await Buyer(kind)
        #expect(buyer.all.count > 5)
        let middle = buyer.all[buyer.all.count / 2]
        let name =
            buyer.all.lazy.compactMap { order -> String? in
                guard case .array(let lines)? = order["orderlines"] else { return nil }
                return lines.lazy.compactMap { $0.optionalText("product_name") }.first
            }.first ?? ""
        let created = { (order: JSON) in order.optionalText("created_at").flatMap { Timestamp($0) }! }
        let word = String(name.split(separator: " ")[0])
        let filters: [(String, (JSON) -> Bool)] = [
            ("status=\(middle.text("status"))", { $0["status"] == middle["status"] }),
            ("payment_status=paid", { $0["payment_status"] == "paid" }),
            ("payment_status=settled", { $0["payment_status"] == "settled" }),
            ("created_since=\(middle.text("created_at"))", { created($0).milliseconds >= created(middle).milliseconds }),
            ("created_until=\(middle.text("created_at"))", { created($0).milliseconds <= created(middle).milliseconds }),
            (
                "search=\(middle.text("order_id").lowercased().prefix(6))",
                { $0.text("order_id").lowercased().contains(middle.text("order_id").lowercased().prefix(6)) }
            ),
            (
                "search=\(word.uppercased().addingPercentEncoding(withAllowedCharacters: .alphanumerics)!)&created_until=\(middle.text("created_at"))",
                { order in
                    guard created(order).milliseconds <= created(middle).milliseconds else { return false }
                    guard case .array(let lines)? = order["orderlines"] else { return false }
                    return order.text("order_id").lowercased().contains(word.lowercased())
                        || lines.contains { $0.optionalText("product_name")?.lowercased().contains(word.lowercased()) ?? false }
                }
            ), ("search=nothing-has-this", { _ in false }), ("status=", { _ in true }),
        ]
        for (query, isMet) in filters {
            let expected = buyer.all.filter(isMet).map { $0.text("order_id") }
            let (forth, back) = try buyer.numbers(query)
            #expect(forth == expected, "\(query)")
            #expect(back == expected, "\(query)")
        }
        let page = try buyer.server.ask("\(buyer.path)?payment_status=paid", token: buyer.token)
        guard case .array(let data)? = page.json["data"] else { return }
        // The same objects as without a filter.
        #expect(data == Array(buyer.all.filter { $0["payment_status"] == "paid" }.prefix(25)))
        let tag = try #require(page["etag"])
        #expect(
            try buyer.server.ask("\(buyer.path)?payment_status=paid", token: buyer.token, ("If-None-Match", tag)).status == 304)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `refuses what is no filter, and never has anybody else's`(kind: TestServer.Kind) async throws {
        let buyer = try await Buyer(kind)
        for (query, code) in [
            ("status=lost", "invalid_status"), ("payment_status=maybe", "invalid_payment_status"),
            ("created_since=yesterday", "invalid_created_since"), ("created_until=2026-01-01", "invalid_created_until"),
            ("search=" + String(repeating: "a", count: 101), "invalid_search"),
            ("status=draft&next_cursor=x", "invalid_next_cursor"),
        ] {
            let refused = try buyer.server.ask("\(buyer.path)?\(query)", token: buyer.token)
            #expect(refused.status == 400 && refused.errorCode == code, "\(query): \(refused.text)")
        }
        let own = Set(buyer.all.map { $0.text("order_id") })
        let others = try Fixture.orders().map { $0.text("order_id") }.filter { !own.contains($0) }
        for number in others.prefix(10) {
            #expect(try buyer.server.ask("\(buyer.path)?search=\(number)", token: buyer.token).json["data"] == [])
        }
        for text in ["%25", "%00", "'", "%F0%9F%98%80"] {
            #expect(try buyer.server.ask("\(buyer.path)?search=\(text)", token: buyer.token).status == 200, "\(text)")
        }
        #expect(try buyer.server.ask("\(buyer.path)?status=draft").status == 401)
    }
}
