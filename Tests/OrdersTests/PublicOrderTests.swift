import Foundation
import JSON
import TestFixtures
import Testing

@testable import Orders

@Suite struct `An order's public view` {
    private static let time = Timestamp("2026-03-01T00:00:00Z")!
    private static let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!

    private func view(_ order: JSON, store: JSON, isProven: Bool = false) throws -> JSON {
        let id = order.optionalText("id").flatMap { OrderID($0) } ?? Self.id
        return try JSON(
            parsing: PublicOrder.json(
                of: order, id: id, store: store, customer: try #require(order["customer"]), isProven: isProven,
                publicURL: PublicURL(Fixture.publicURL), at: Self.time))
    }

    private func samples() throws -> [(order: JSON, store: JSON)] {
        let stores = try Fixture.stores()
        return try Fixture.orders().map { order in
            (order, try #require(stores.first { $0["unique_id"] == order["store"]?["unique_id"] }))
        }
    }

    /// Every fortieth sample, as strangers see it and then as its customer does. To accept changes: `GOLDEN=write swift test --filter PublicOrder`.
    @Test func `equals its golden file`() throws {
        let file = Fixture.file("public-orders.ndjson")
        var lines: [JSON] = []
        for (order, store) in try samples().enumerated().filter({ $0.offset.isMultiple(of: 40) }).map(\.element) {
            lines += [try view(order, store: store), try view(order, store: store, isProven: true)]
        }
        if ProcessInfo.processInfo.environment["GOLDEN"] == "write" {
            try Data(lines.flatMap { $0.encoded + [UInt8(ascii: "\n")] }).write(to: file)
        }
        let golden = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: [UInt8]($0)) }
        #expect(golden.count == 20)
        for (line, expected) in zip(lines, golden) {
            if let difference = line.firstDifference(to: expected) { Issue.record("\(difference)") }
        }
    }

    @Test func `has nothing internal, and of its customer only what a stranger may see, for every sample`() throws {
        let schema = JSONSchema(PublicOrder.schema)
        for (order, store) in try samples() {
            let (stranger, customer) = (try view(order, store: store), try view(order, store: store, isProven: true))
            for answer in [stranger, customer] {
                #expect(schema.violations(of: answer) == [])
                #expect(!String(decoding: answer.encoded, as: UTF8.self).contains("INTERNAL"))
            }
            let text = String(decoding: stranger.encoded, as: UTF8.self)
            for (object, field) in [
                ("customer", "email"), ("customer", "phone"), ("destination_address", "phone"),
                ("destination_address", "address"),
            ] {
                guard let secret = order[object]?.optionalText(field), secret.count > 3 else { continue }
                #expect(!text.contains(secret), "\(object).\(field)")
            }
            #expect(stranger["destination_address"]?["city"] == customer["destination_address"]?["city"])
            let street = order["destination_address"]?.optionalText("address")
            #expect(
                customer["destination_address"] == .null || customer["destination_address"]?.optionalText("address") == street)
        }
    }

    @Test func `shows no unknown field, at any depth`() throws {
        let secret: JSON = ["INTERNAL": "INTERNAL"]
        let order = Fixture.order(
            id: .string(Self.id.description),
            [
                "INTERNAL": "INTERNAL", "destination_address": ["city": "Solo", "postal_code": "INTERNAL", "INTERNAL": secret],
                "orderlines": [["id": 1, "quantity": 1, "variant_sku": "INTERNAL", "INTERNAL": secret]], "business": secret,
                "variants": secret, "handler_phone": "INTERNAL", "chat_message": "INTERNAL",
                "page": ["slug": "kopi", "name": "INTERNAL"],
                "courier_service": ["code": "INTERNAL", "courier": ["name": "JNE", "code": "INTERNAL"]], "notes": "INTERNAL",
                "payment_instructions": secret, "post_payment_redirect_url": "https://INTERNAL.example",
            ])
        let store = Fixture.store().replacing([("chatbot_system_prompt", "INTERNAL"), ("logo", "https://INTERNAL.example")])
        let answer = try view(order, store: store)
        #expect(!String(decoding: answer.encoded, as: UTF8.self).contains("INTERNAL"))
        #expect(answer["page"] == ["slug": "kopi"] && answer["customer_id"] == .null && answer["business"] == .null)
        let paid = try view(order.replacing([("payment_status", "paid")]), store: store)
        #expect(paid["post_payment_redirect_url"] == "https://INTERNAL.example")
    }

    @Test func `shows settled as paid where the store wants it so`() throws {
        let order = Fixture.order(id: .string(Self.id.description), ["payment_status": "settled"])
        #expect(try view(order, store: Fixture.store())["payment_status"] == "settled")
        let marked = Fixture.store().replacing([("buyer_sees_settled_as_paid", true)])
        #expect(try view(order, store: marked)["payment_status"] == "paid")
    }

    @Test(arguments: [
        ("siti@example.com", "s***@e***.com"), ("a@b", "a***@b***"), ("@", "***@***"), ("none", "***"),
        ("\u{1F600}x@toko.co.id", "\u{1F600}***@t***.id"),
    ])
    func `masks addresses`(address: String, masked: String) { #expect(Masking.email(address) == masked) }

    @Test(arguments: [("6287576832383", "***383"), ("+62 811-234", "***234"), ("0811", "***"), ("", "***")])
    func `masks phone numbers`(number: String, masked: String) { #expect(Masking.phone(number) == masked) }
}
