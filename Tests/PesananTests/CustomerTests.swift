import Accounts
import Foundation
import JSON
import Orders
import TestFixtures
import TestServer
import Testing

@Suite struct `A customer` {
    @Test(arguments: TestServer.Kind.allCases)
    func `views and changes their own data, and must prove a new address`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let samples = try SignInServer.samples()
        let sample = samples[10]
        let other = try #require(samples.last { $0.buyer.storeID == sample.buyer.storeID })
        let path = server.path(sample.buyer.storeID, "customers/me")
        let token = try await server.server.token(for: sample.order)
        let before = try server.server.ask(path, token: token)
        #expect(before.status == 200)
        #expect(before.json["email"] == .string(sample.email))
        #expect(before.json["pending_email"] == .null)
        #expect(!before.text.contains("INTERNAL"))
        let change = { (body: JSON) in try server.server.send("PATCH", path, body, token: token) }
        let named = try change(["name": " Siti ☕ Baru ", "phone": .null])
        #expect(named.status == 200)
        #expect(named.json["name"] == "Siti ☕ Baru")
        #expect(named.json["phone"] == .null)
        #expect(named.json["email"] == .string(sample.email))
        #expect(try server.server.ask(sample.order.orderPath, token: token).json["customer"]?["name"] == "Siti ☕ Baru")

        let details = try change(["date_of_birth": "2001-12-31", "sex": "female", "is_unsubscribe": true, "phone": 62_811])
        #expect(details.status == 200)
        #expect(details.json["date_of_birth"] == "2001-12-31" && details.json["sex"] == "female")
        #expect(details.json["is_unsubscribe"] == true && details.json["phone"] == "62811")
        let wrongDetails = try change(["date_of_birth": "2001-02-29", "is_unsubscribe": "yes"])
        #expect(wrongDetails.status == 400)
        #expect(wrongDetails.json["errors"]?["date_of_birth"] == ["is not a date such as 2001-12-31"])
        #expect(wrongDetails.json["errors"]?["is_unsubscribe"] == ["is neither true nor false"])

        let new = "new.\(kind.rawValue)@example.com"
        let asked = try change(["email": .string(new)])
        #expect(asked.status == 200)
        #expect(asked.json["email"] == .string(sample.email))
        #expect(asked.json["pending_email"] == .string(new))
        let mail = try await server.server.mail(to: new)
        // Nothing that the customer chose: the address may be a stranger's.
        #expect(!mail.contains("Siti") && mail.contains("Halo,\n"))
        let code = try server.server.code(in: mail)
        let wrong = code == "000000" ? "000001" : "000000"
        #expect(try change(["email": .string(new), "otp": .string(wrong)]).errorCode == "wrong_code")
        #expect(try change(["email": "another@example.com", "otp": .string(code)]).errorCode == "wrong_code")
        let proven = try change(["email": .string(new.uppercased()), "otp": .string(code)])
        #expect(proven.status == 200, "\(proven.text)")
        #expect(proven.json["email"] == .string(new))
        #expect(proven.json["pending_email"] == .null)
        #expect(try change(["email": .string(new), "otp": .string(code)]).status == 200)
        let order = try server.server.ask(sample.order.orderPath, token: token)
        #expect(order.json["customer"]?["email"] == .string(new))

        // Only one code a minute is allowed, unless it was used; the refused request must have no other effect.
        #expect(try change(["email": "third@example.com"]).status == 200)
        let another = try change(["email": .string(other.email), "name": "Lain"])
        #expect(another.status == 429)
        #expect(try change([:]).json["email"] == .string(new))
        #expect(try change([:]).json["name"] == "Siti ☕ Baru")
        #expect(try server.server.ask(path).status == 401)
        #expect(try server.server.send("PATCH", path, ["name": "x"]).status == 401)
    }

    @Test(arguments: TestServer.Kind.allCases)
    func `manages their own addresses only`(kind: TestServer.Kind) async throws {
        let server = try await SignInServer.shared(kind)
        let (sample, stranger) = (try SignInServer.samples()[11], try SignInServer.samples()[12])
        let path = server.path(sample.buyer.storeID, "customers/me/addresses")
        let token = try await server.server.token(for: sample.order)
        let others = try await server.server.token(for: stranger.order)
        #expect(
            try server.server.ask(path, token: token).text
                == #"{"data":[],"is_paginated":true,"has_next":false,"has_previous":false,"next_cursor":null,"previous_cursor":null,"page_size":50}"#
        )
        let body: JSON = [
            "name": "Siti", "address": "Jalan Merdeka 17\r\nRT 3", "city": "Bandung", "postal_code": "40111", "location": 3273,
            "INTERNAL": "x",
        ]
        let added = try server.server.send("POST", path, body, token: token)
        #expect(added.status == 200)
        #expect(
            added.text
                == #"{"id":1,"name":"Siti","phone":null,"email":null,"location":{"id":3273,"subdistrict_name":null,"city_name":"Bandung","province_name":null},"address":"Jalan Merdeka 17\nRT 3","postal_code":"40111","notes":null}"#
        )
        #expect(try server.server.ask("\(path)/1", token: token).json == added.json)
        let changed = try server.server.send(
            "PATCH", "\(path)/1",
            [
                "city": "Cimahi", "location_id": "3277", "phone": 6_281_234_567, "email": "Siti@Example.com",
                "notes": "Pagar\rhijau",
            ], token: token)
        #expect(changed.status == 200)
        #expect(changed.json["location"]?["city_name"] == "Cimahi" && changed.json["location"]?["id"] == 3277)
        #expect(changed.json["name"] == "Siti" && changed.json["phone"] == "6281234567")
        #expect(changed.json["email"] == "siti@example.com" && changed.json["notes"] == "Pagar\nhijau")
        // What an answer gives is taken as well.
        #expect(try server.server.send("PATCH", "\(path)/1", changed.json, token: token).json == changed.json)
        let refused = try server.server.send(
            "PATCH", "\(path)/1", ["name": [], "phone": .number("7.5"), "email": "x", "location": ["city_name": 1]], token: token)
        #expect(refused.status == 400)
        #expect(
            refused.json["errors"] == [
                "name": ["is not text"], "phone": ["is not a phone number"], "email": ["is not an e-mail address"],
                "location.city_name": ["is not text"],
            ])
        #expect(try server.server.send("POST", path, [:], token: token).json["errors"] == ["address": ["is required"]])
        #expect(try server.server.ask("\(path)/1", token: token).json == changed.json)
        // Another customer's, another store's, or malformed: not found.
        let theirs = server.path(stranger.buyer.storeID, "customers/me/addresses")
        for (path, token) in [
            ("\(theirs)/1", others), ("\(path)/2", token), ("\(path)/0", token), ("\(path)/x", token), ("\(path)/01", token),
            ("\(path)/99999999999999999999", token), ("\(path)/", token),
        ] {
            #expect(try server.server.ask(path, token: token).errorCode == "address_not_found", "\(path)")
        }
        for method in ["PATCH", "DELETE"] {
            #expect(try server.server.send(method, "\(theirs)/1", [:], token: others).errorCode == "address_not_found")
            #expect(try server.server.send(method, "\(path)/1", [:]).status == 401)
        }
        #expect(try server.server.send("POST", "\(path)/", body, token: token).errorCode == "address_not_found")
        #expect(try server.server.send("DELETE", "\(path)/1", nil, token: token).status == 204)
        #expect(try server.server.send("DELETE", "\(path)/1", nil, token: token).status == 404)
        for _ in 1...50 { #expect(try server.server.send("POST", path, body, token: token).status == 200) }
        #expect(try server.server.send("POST", path, body, token: token).errorCode == "too_many_addresses")
        guard case .array(let all)? = try server.server.ask(path, token: token).json["data"] else {
            Issue.record("no list")
            return
        }
        #expect(all.count == 50)
        #expect(all.first?["id"] == 2)
    }
}
