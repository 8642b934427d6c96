import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `Anyone who is not the buyer` {
    @Test(arguments: TestServer.Kind.allCases)
    func `is asked to sign in, and learns nothing else`(kind: TestServer.Kind) async throws {
        let server = try await TestServer.shared(kind)
        let order = try Fixture.orders()[0]
        let list = "/" + order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
        let merchants = try MerchantOrder(order)
        let other = Buyer(storeID: StoreID("store_wEQHfwcepYyNGfB51YbmwxAs")!, customerID: merchants.customer.id)
        let past = try await AccessTokens(
            key: server.signingKey, now: { Timestamp(seconds: Timestamp.now.seconds - 1000) })
        let stranger = try await AccessTokens(key: SigningKey())
        let me = merchants.buyer
        let good = try await server.token(for: order)
        let cases: [(field: String?, code: String)] = [
            (nil, "not_signed_in"), ("", "not_signed_in"), ("Basic dXNlcjpwYXNz", "not_signed_in"), ("Bearer", "not_signed_in"),
            ("Bearer x", "invalid_token"), ("Bearer \(good)x", "invalid_token"),
            ("Bearer \(good), Bearer \(good)", "invalid_token"),
            ("Bearer \(try await server.tokens.issue(for: other, validFor: 900))", "invalid_token"),
            ("Bearer \(try await past.issue(for: me, validFor: 900))", "expired_token"),
            ("Bearer \(try await stranger.issue(for: me, validFor: 900))", "invalid_token"),
            ("Bearer \(String(repeating: "a", count: 9000))", "invalid_token"),
        ]
        for path in [order.orderPath, list, "\(list)/x"] {
            for (field, code) in cases {
                for _ in 1...2 {
                    let answer =
                        try field.map { try server.ask(path, ("Authorization", $0)) } ?? server.ask(path)
                    #expect(answer.status == 401)
                    #expect(answer["www-authenticate"]?.hasPrefix("Bearer ") == true)
                    #expect(try JSON(parsing: answer.body)["error_code"] == .string(code))
                    #expect(answer["cache-control"] == "no-store")
                }
            }
        }
        #expect(try server.ask(order.orderPath, ("authorization", "bearer  \(good)")).status == 200)
        let twice = try server.ask(order.orderPath, token: good, ("Authorization", "Bearer \(good)"))
        #expect(twice.status == 401)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `finds nothing: another's order, an unknown one and an odd id get the same 404`(kind: TestServer.Kind)
        async throws
    {
        let server = try await TestServer.shared(kind)
        let orders = try Fixture.orders()
        let order = orders[0]
        let list = "/" + order.orderPath.split(separator: "/").dropLast().joined(separator: "/")
        let token = try await server.token(for: order)
        func id(_ order: JSON) -> String { order.orderPath.split(separator: "/").last.map(String.init) ?? "" }
        let me = try MerchantOrder(order)
        let others = try orders.filter {
            let other = try MerchantOrder($0)
            return other.storeID != me.storeID || other.customer.id != me.customer.id
        }
        let odd = [
            "", "/", "0", "-1", "1e3", "007", "9223372036854775808", "123456789012345678901234567890", "x", "%20", "%00", "%2F",
            "%ff",
            "%zz",
            "..%2f..", "019ada79-b668-7ae6-8117-2a5f565f49ec", "019ada79-b668-4ae6-8117-2a5f565f49eb", "%7B\(id(order))%7D",
            "urn:uuid:\(id(order))", id(order).replacing("-", with: ""), "\(id(order))%20", "'%20OR%20'1'='1", "%E2%80%A8",
            String(repeating: "1", count: 3000), String(repeating: "%31", count: 1000),
        ]
        let unknown = try server.ask("\(list)/019ada79-0000-7ae6-8117-2a5f565f49eb", token: token)
        #expect(unknown.status == 404)
        #expect(unknown.text == #"{"error":"Order not found","error_code":"order_not_found","message":"Order not found"}"#)
        for id in others.prefix(40).map(id) + odd {
            for _ in 1...2 {
                #expect(try server.ask("\(list)/\(id)", token: token).comparable == unknown.comparable, "\(id)")
            }
        }
    }
}
