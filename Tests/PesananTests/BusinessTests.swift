import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A merchant's own system` {
    /// Orders of a store with a UUID and a status.
    private func orders(of storeID: StoreID, _ status: String) throws -> [JSON] {
        try Fixture.orders().filter {
            guard case .string? = $0["id"] else { return false }
            return try MerchantOrder($0).storeID == storeID && $0["status"] == .string(status)
        }
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `moves an order, and its buyer sees it at once`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let order = try #require(try orders(of: shop.storeID, "confirmed").first)
        let id = order.text("id")
        let buyer = try await shop.server.server.token(for: order)
        let before = try shop.server.server.ask("/v3/orders/\(id)", token: key)
        #expect(before.status == 200)
        #expect(before.json["status"] == "confirmed" && before.json["advertiser"] == order["advertiser"])
        let tag = try #require(before["etag"])
        #expect(try shop.server.server.ask("/v3/orders/\(id)", token: key, ("If-None-Match", tag)).status == 304)
        let actions = try shop.server.server.ask("/v3/orders/\(id)/actions", token: key).json
        #expect(
            actions["allowed_statuses"] == ["draft", "pending", "in_process", "ready", "shipped", "completed", "canceled"])

        #expect(try shop.server.server.ask(order.orderPath, token: buyer).json["status"] == "confirmed")
        // Tags as proxies that compress make them, and lists, are tags too.
        let odd = "\"x\", W/\(tag), \"\""
        #expect(try shop.move(key, ["ids": [.string(id)], "status": "ready"], ("If-Match", "\"x\"")).status == 412)
        let moved = try shop.move(key, ["ids": [.string(id)], "status": "shipped", "by": "Budi"], ("If-Match", odd))
        #expect(moved.status == 200, "\(moved.text)")
        guard case .array(let data)? = moved.json["data"] else { return }
        #expect(data.count == 1 && data[0]["id"] == .string(id) && data[0]["status"] == "shipped")
        #expect(moved.json["is_paginated"] == false)
        let seen = try shop.server.server.ask(order.orderPath, token: buyer).json
        #expect(seen["status"] == "shipped")
        #expect(seen["shipped_time"] != .null)

        // What came with it is the order's.
        let proof: JSON = [
            "ids": [.string(id)], "status": "shipped", "transfer_time": "2026-02-03T04:05:06+07:00", "payment_method": "qris",
        ]
        #expect(try shop.move(key, proof).status == 200)
        let proven = try shop.server.server.ask(order.orderPath, token: buyer).json
        #expect(proven["transfer_time"] == "2026-02-02T21:05:06Z" && proven["payment_method"] == "qris")
        #expect(try shop.move(key, ["ids": [.string(id)], "status": "shipped", "transfer_time": .null]).status == 200)
        #expect(try shop.server.server.ask(order.orderPath, token: buyer).json["transfer_time"] == .null)

        // The order has moved on; the same again changes nothing.
        let late = try shop.move(key, ["ids": [.string(id)], "status": "rts"], ("If-Match", tag))
        #expect(late.status == 412 && late.errorCode == "order_changed")
        let again = try shop.move(key, ["ids": [.string(id)], "status": "shipped"])
        let newest = try #require(try shop.server.server.ask("/v3/orders/\(id)", token: key)["etag"])
        #expect(again.status == 200 && again["etag"] == newest)
        let refused = try shop.move(key, ["ids": [.string(id)], "status": "closed"])
        #expect(refused.status == 409 && refused.errorCode == "status_not_allowed")
        #expect(refused.text.contains("allowed is draft, pending, confirmed, in_process, ready, completed, rts"))

        let events = try shop.server.server.ask("/v3/orders/\(id)/events", token: key).json
        guard case .array(let list)? = events["data"] else { return }
        #expect(list.count == 4 && events["has_next"] == false)
        #expect(try shop.server.server.ask("/v3/orders/change-status", token: key)["allow"] == "POST")
        #expect(list[1]["event"] == "order.status_changed" && list[1]["status"] == ["from": "confirmed", "to": "shipped"])
        let listed = try await shop.key("list").output
        let keyID = try #require(listed.split(separator: " ").first)
        #expect(list[1]["actor"] == .string("key:\(keyID)"))
        #expect(listed.contains("active") && !listed.contains(key))
        let log = try await shop.server.server.log()
        #expect(!log.contains(key) && !log.contains(id))
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `changes many orders or none`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let key = try await shop.newKey()
        let ready = try orders(of: shop.storeID, "confirmed").prefix(3).map { JSON.string($0.text("id")) }
        let closed = try #require(try orders(of: shop.storeID, "closed").first ?? orders(of: shop.storeID, "canceled").first)
        let theirs = try #require(try orders(of: shop.otherStoreID, "confirmed").first)
        let status = { (id: JSON) in try shop.server.server.ask("/v3/orders/\(id.textValue)", token: key).json["status"] }
        for (ids, answer, words) in [
            (ready + [.string(closed.text("id"))], 409, "status_not_allowed"),
            (ready + [.string(theirs.text("id"))], 400, "ids[\(ready.count)] is no order of this store"),
            (ready + ["x"], 400, "ids[\(ready.count)] is no order of this store"),
        ] as [([JSON], Int, String)] {
            let refused = try shop.move(key, ["ids": .array(ids), "status": "shipped"])
            #expect(refused.status == answer && refused.text.contains(words), "\(refused.text)")
            for id in ready { #expect(try status(id) == "confirmed") }
        }
        let moved = try shop.move(key, ["ids": .array(ready + ready), "status": "shipped", "payment_status": "paid"])
        #expect(moved.status == 200, "\(moved.text)")
        guard case .array(let data)? = moved.json["data"] else { return }
        #expect(data.map { $0["id"] } == ready)
        for id in ready { #expect(try status(id) == "shipped") }

        // Of two moves at once both are made, one after the other.
        let id = ready[0]
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for word in ["ready", "completed", "ready", "shipped"] as [JSON] {
                group.addTask { try shop.move(key, ["ids": [id], "status": word]).status }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 || $0 == 409 })
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `may do what its key says, for its own store, until it ends`(kind: TestServer.Kind) async throws {
        let shop = try await MerchantShop(kind)
        let order = try #require(try orders(of: shop.storeID, "confirmed").first)
        let path = "/v3/orders/\(order.text("id"))"
        let reading = try await shop.newKey("--scopes", "order:read")
        #expect(try shop.server.server.ask(path, token: reading).status == 200)
        let forbidden = try shop.move(reading, ["ids": [order["id"] ?? .null], "status": "shipped"])
        #expect(forbidden.status == 403 && forbidden.text.contains("order:change_status"))
        let other = try await shop.newKey(store: shop.otherStoreID)
        for path in [path, path + "/events", path + "/actions", "/v3/orders/x", "/v3/orders/0"] {
            #expect(try shop.server.server.ask(path, token: other).errorCode == "order_not_found", "\(path)")
        }
        let buyer = try await shop.server.server.token(for: order)
        for token in [nil, "", "x", buyer, reading.replacing("rk_", with: "sk_"), BusinessKey(isRestricted: false).text] {
            let answer = try shop.server.server.ask(path, token: token)
            #expect(answer.status == 401 && answer.errorCode == "invalid_api_key" && answer["www-authenticate"] != nil)
        }
        // It is for machines: not in an address, and not for a buyer's routes.
        #expect(try shop.server.server.ask("\(path)?api_key=\(reading)").status == 401)
        #expect(try shop.server.server.ask(order.orderPath, token: reading).status == 401)

        let ending = try await shop.newKey("--until", Timestamp.now.adding(seconds: 3).description)
        #expect(try await eventually { try shop.server.server.ask(path, token: ending).errorCode == "expired_api_key" })
        let id = try #require(try await shop.key("list").output.split(separator: "\n").first?.split(separator: " ").first)
        #expect(try await shop.key("revoke", String(id)).status == 0)
        #expect(try await eventually { try shop.server.server.ask(path, token: reading).errorCode == "invalid_api_key" })
        #expect(try await shop.key("revoke", String(id)).status == 1)
        let unknown = try await shop.key("create", "--scopes", "order:read,order:raed")
        #expect(unknown.status != 0 && unknown.errors.contains("there is no scope 'order:raed'"))
    }

    @Test func `is told everything that is wrong with a change`() async throws {
        let shop = try await MerchantShop(.embedded)
        let key = try await shop.newKey()
        let cases: [(JSON, [String: JSON])] = [
            ([:], ["ids": ["is required"], "status": ["is required, or payment_status"]]),
            (["ids": [], "status": "paid"], ["ids": ["must have from 1 to 500 elements"]]),
            (
                [
                    "ids": ["1"], "status": "ready", "transfer_time": "yesterday", "transferproof_url": "x",
                    "financial_entity_id": "y",
                ],
                [
                    "transfer_time": ["is not a time with its offset from UTC (RFC 3339)"],
                    "transferproof_url": ["is no http(s):// URL"], "financial_entity_id": ["is not a whole number"],
                ]
            ),
            (["ids": "x", "status": "shipped_rts"], ["ids": ["is not a list"], "status": ["can't be set by hand"]]),
            (
                ["ids": [.number("1.5"), .null, "1"], "payment_status": 1, "statsu": "paid", "zzzzzzzz": 1],
                [
                    "ids[0]": ["is no order of this store"], "ids[1]": ["is no order of this store"],
                    "payment_status": ["is none of unpaid, paid, conflict, settled"],
                    "statsu": ["is not known: is status meant?"], "zzzzzzzz": ["is not known"],
                ]
            ),
        ]
        for (body, errors) in cases {
            let answer = try shop.move(key, body)
            #expect(answer.status == 400)
            for (field, words) in errors { #expect(answer.json["errors"]?[field] == words, "\(field): \(answer.text)") }
        }
        let many = JSON.array(Array(repeating: "1", count: 501))
        #expect(try shop.move(key, ["ids": many, "status": "ready"]).json["errors"]?["ids"] != nil)
        #expect(
            try shop.server.server.send("POST", "/v3/orders/change-status", bytes: Array("{".utf8), token: key, []).status == 400)
        let huge = try shop.server.server.send(
            "POST", "/v3/orders/change-status", bytes: Array(repeating: 0x20, count: 1_200_000), token: key, [])
        #expect(huge.status == 413)
        for after in ["x", "-1", "99999999999999999999"] {
            #expect(try shop.server.server.ask("/v3/orders/1/events?after=\(after)", token: key).errorCode == "invalid_after")
        }
    }
}

extension JSON {
    fileprivate var textValue: String { if case .string(let text) = self { text } else { "" } }
}
