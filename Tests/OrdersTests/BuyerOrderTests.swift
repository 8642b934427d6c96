import JSON
import TestFixtures
import Testing

@testable import Orders

@Suite struct `A buyer's order` {
    @Test func `equals the contract's answer for every sample that has one`() throws {
        let orders = try Fixture.orders()
        let expected = try Fixture.expectedAnswers()
        #expect(expected.count == 50)
        for (index, expected) in expected.enumerated() {
            if let difference = try answer(to: orders[index * 8]).firstDifference(to: expected) {
                Issue.record("order \(index * 8): \(difference)")
            }
        }
    }

    @Test func `fits the contract's schema and contains nothing internal, for every sample`() throws {
        let schema = JSONSchema(try Fixture.schema())
        for order in try Fixture.orders() {
            let answer = try answer(to: order)
            #expect(schema.violations(of: answer) == [])
            #expect(!String(decoding: answer.encoded, as: UTF8.self).contains("INTERNAL"))
        }
    }

    @Test func `comes from a table whose schema is the contract's`() throws {
        guard case .object(let contract) = try Fixture.schema() else { throw JSONSyntaxError(reason: "no object", offset: 0) }
        let schema = contract.members.filter { !["$schema", "title", "description"].contains($0.name) }
        #expect(BuyerOrder.schema == .object(JSONObject(schema.map { ($0.name, $0.value) })))
    }

    @Test func `has all fields even if the merchant's order has next to none`() throws {
        let answer = try answer(to: Fixture.order(id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b"), store: Fixture.store())
        #expect(JSONSchema(try Fixture.schema()).violations(of: answer) == [])
        #expect(answer["orderlines"] == [])
        #expect(answer["final_variants"] == [:])
        #expect(answer["pg_payment_info"] == [:])
        #expect(answer["total_quantity"] == 0)
        #expect(answer["notes"] == .null)
    }

    @Test func `sums up quantities by product name, byte for byte`() throws {
        let lines = ["Kopi", "Caf\u{E9}", "Kopi", "", "Cafe\u{301}", "Kopi"].enumerated().map { number, name in
            ["id": .number("\(number)"), "product_name": .string(name), "quantity": .number("\(number + 1)")] as JSON
        }
        let order = Fixture.order(id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", ["orderlines": .array(lines)])
        let answer = try answer(to: order, store: Fixture.store())
        #expect(
            String(decoding: answer["final_variants"]!.encoded, as: UTF8.self)
                == "{\"Kopi\":10,\"Caf\u{E9}\":2,\"Cafe\u{301}\":5}")
    }

    @Test func `shows no unknown field, at any depth`() throws {
        let secret: JSON = ["INTERNAL": "INTERNAL"]
        let order = Fixture.order(
            id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b",
            [
                "INTERNAL": "INTERNAL", "destination_address": ["city": "Solo", "INTERNAL": secret],
                "orderlines": [["id": 1, "quantity": 1, "INTERNAL": secret]],
                "status_history": [["status": "draft", "at": "2026-02-01T08:00:00Z", "by": "INTERNAL"]],
                "courier_service": ["courier": ["name": "JNE", "INTERNAL": 1]],
                "pg_payment_info": [
                    "amount": secret, "status": [secret], "actions": [secret, "INTERNAL", ["url": "x", "INTERNAL": 1]],
                    "payment_method": ["type": "EWALLET", "ewallet": ["channel_code": secret, "channel_properties": secret]],
                    "INTERNAL": secret,
                ],
            ])
        let answer = try answer(to: order, store: Fixture.store())
        #expect(!String(decoding: answer.encoded, as: UTF8.self).contains("INTERNAL"))
        #expect(
            answer["pg_payment_info"] == [
                "actions": [[:], ["url": "x"]],
                "payment_method": ["type": "EWALLET", "ewallet": ["channel_properties": [:]]],
            ])
    }

    @Test func `links to the public URL, to its own URLs, or nowhere`() throws {
        let id: JSON = "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b"
        let plain = Fixture.order(id: id, slug: "a/ü?")
        #expect(try answer(to: plain, store: Fixture.store(), publicURL: nil)["public_order_url"] == .null)
        let linked = try answer(to: plain, store: Fixture.store(), publicURL: "https://shop.example.com/x/")
        #expect(linked["public_order_url"] == "https://shop.example.com/x/o/a%2F%C3%BC%3F")
        #expect(linked["payment_url"] == "https://shop.example.com/x/o/a%2F%C3%BC%3F/success")
        let own = Fixture.order(id: id, ["public_order_url": "https://own.example.com/1", "payment_url": "javascript:alert(1)"])
        #expect(try answer(to: own, store: Fixture.store(), publicURL: nil)["public_order_url"] == "https://own.example.com/1")
        #expect(try answer(to: own, store: Fixture.store(), publicURL: nil)["payment_url"] == .null)
    }

    @Test(
        arguments: [
            ("status", JSON.null, "status is required"), ("status", "lost", "status is none of draft, pending"),
            ("product_price", JSON.null, "product_price is required"),
            ("gross_revenue", "Rp 5", "gross_revenue is not a decimal number"),
            ("shipping_cost", "1e38", "shipping_cost is too large"),
            ("created_at", "2026-02-30T00:00:00Z", "created_at is not a time"),
            ("orderlines", [["id": 1]], "orderlines[0].quantity is required"),
            ("orderlines", [["id": 1, "quantity": -1]], "orderlines[0].quantity is less than 0"),
            ("orderlines", [["id": "x", "quantity": 1]], "orderlines[0].id is neither a UUID"),
            ("orderlines", [7], "orderlines[0] is not an object"), ("orderlines", "x", "orderlines is not a list"),
            ("status_history", [["status": "draft"]], "status_history[0].at is required"),
            ("destination_address", "Solo", "destination_address is not an object"),
            ("courier_service", ["courier": ["id": "1.5"]], "courier_service.courier.id is not a whole number"),
            ("is_dropshipping", "yes", "is_dropshipping is neither true nor false"), ("notes", [:], "notes is not text"),
            ("pg_payment_info", "x", "pg_payment_info is not an object"),
            ("final_variants", ["Kopi": "many"], "final_variants.Kopi is not a whole number"),
        ] as [(String, JSON, String)])
    func `is refused with the field and the reason`(field: String, value: JSON, reason: String) throws {
        let order = Fixture.order(id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", [field: value])
        let refusal = #expect(throws: Refusal.self) { try answer(to: order, store: Fixture.store()) }
        #expect(refusal?.description.hasPrefix(reason) == true, "\(refusal?.description ?? "")")
    }

    @Test func `takes an empty list for an object without members, as PHP writes it`() throws {
        let empty: JSON = []
        let order = Fixture.order(
            id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b",
            [
                "final_variants": empty, "destination_address": empty, "courier_service": empty, "pg_payment_info": empty,
                "orderlines": [["id": 1, "quantity": 2, "product_name": "Kopi"]],
            ])
        let answer = try answer(to: order, store: Fixture.store())
        #expect(answer["final_variants"] == [:] && answer["pg_payment_info"] == [:])
        #expect(answer["destination_address"]?["address"] == .null && answer["courier_service"]?["courier"] == .null)
        #expect(JSONSchema(try Fixture.schema()).violations(of: answer) == [])
    }

    @Test func `shows settled as paid only if its store asks for it`() throws {
        for (asked, status, shown) in [
            (JSON.null, "settled", "settled"), (true, "settled", "paid"), (false, "settled", "settled"),
            (true, "unpaid", "unpaid"),
        ] as [(JSON, JSON, JSON)] {
            let order = Fixture.order(id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", ["payment_status": status])
            let store: JSON = ["unique_id": "store_A", "name": "Toko", "buyer_sees_settled_as_paid": asked]
            let answer = try answer(to: order, store: store)
            #expect(answer["payment_status"] == shown)
            #expect(JSONSchema(try Fixture.schema()).violations(of: answer) == [])
        }
    }

    @Test func `has the URLs that can be made right`() throws {
        let urls: [(JSON, JSON)] = [
            ("https://cdn.example.id/bukti transfer 1.jpg", "https://cdn.example.id/bukti%20transfer%201.jpg"),
            (" HTTPS://cdn.example.id/a ", "https://cdn.example.id/a"), ("cdn.example.id/a", .null), (7, .null),
        ]
        for (given, sent) in urls {
            let order = Fixture.order(
                id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", ["transferproof_url": given, "payment_url": given])
            let answer = try answer(to: order, store: Fixture.store(), publicURL: nil)
            #expect(answer["transferproof_url"] == sent && answer["payment_url"] == sent)
            #expect(JSONSchema(try Fixture.schema()).violations(of: answer) == [])
        }
    }

    @Test func `has no payment status if the merchant's is empty`() throws {
        let order = Fixture.order(id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b", ["payment_status": ""])
        #expect(try MerchantOrder(order).paymentStatus == nil)
        #expect(try answer(to: order, store: Fixture.store())["payment_status"] == .null)
    }

    @Test func `does not depend on how its JSON is written`() throws {
        let order = Fixture.order(
            id: "0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b",
            [
                "notes": "a/\u{1F64F}\n\"", "total_weight": "0500",
                "orderlines": [["id": 1, "quantity": "2", "product_name": "Kopi é"]],
            ])
        let plain = String(decoding: order.encoded, as: UTF8.self)
        let escaped = plain.replacing("\"notes\"", with: "\"\\u006eotes\"").replacing("/\u{1F64F}", with: "\\/\\ud83d\\uDE4F")
            .replacing("é", with: "\\u00e9").replacing("\"2\"", with: "\"\\u0032\"").replacing("0500", with: "\\u0030500")
            .replacing("pending", with: "pend\\u0069ng").replacing("10000.00", with: "1\\u0030000.00").replacing(
                "T0", with: "T\\u0030")
        let blanks = plain.replacing(",\"", with: " ,\n\t\"").replacing("\":", with: "\" : ").replacing("{", with: "{ ")
        #expect(escaped != plain && blanks != plain)
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let document = try BuyerOrder.document(of: JSONText(Array(plain.utf8)), id: id)
        #expect(try BuyerOrder.document(of: JSONText(Array(escaped.utf8)), id: id) == document)
        #expect(try BuyerOrder.document(of: JSONText(Array(blanks.utf8)), id: id) == document)
        #expect(try MerchantOrder(JSONText(Array(escaped.utf8))).customer.document == MerchantOrder(order).customer.document)
    }

    @Test func `gives its lines stable and distinct ids`() throws {
        let id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
        let uuids = (0..<1000).map { id.uuid(ofLine: $0)! }
        #expect(Set(uuids).count == 1000)
        #expect(uuids.allSatisfy { $0.version == 8 && $0.hasStandardVariant })
        #expect(uuids[7].description == "0197a0b1-c2d3-8e4f-8a5b-6c7d8e9f0a1c")
        #expect(id.uuid(ofLine: -1) == nil)
        #expect(id.uuid(ofLine: 1 << 62) == nil)
    }
}

/// The order as its buyer gets it, derived from a merchant's order.
/// - Parameter store: the merchant's store; that of the sample data if `nil`.
private func answer(to order: JSON, store: JSON? = nil, publicURL: String? = Fixture.publicURL) throws -> JSON {
    let merchantOrder = try MerchantOrder(order)
    let store = try #require(try store ?? Fixture.stores().first { $0["unique_id"] == order["store"]?["unique_id"] })
    var id = OrderID("0197a0b1-c2d3-7e4f-8a5b-6c7d8e9f0a1b")!
    if case .id(let own) = merchantOrder.reference { id = own }
    var bytes: [UInt8] = []
    try BuyerOrder.document(of: JSONText(order.encoded), id: id).join(
        store: MerchantStore(store).document, customer: merchantOrder.customer.document,
        publicURL: publicURL.flatMap { PublicURL($0) }, onto: &bytes)
    return try JSON(parsing: bytes)
}
