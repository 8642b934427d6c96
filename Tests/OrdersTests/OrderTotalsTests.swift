import JSON
import Orders
import TestFixtures
import Testing

@Suite struct `The totals of an order` {
    private func totals(_ order: JSON) -> (OrderTotals?, [FieldError]) {
        var errors: [FieldError] = []
        let totals = OrderTotals(of: order, errors: &errors)
        return (totals, errors)
    }

    @Test func `are those of every sample order`() throws {
        // A few have no lines, and are less than nothing by their unique code.
        for order in try Fixture.orders() where order["orderlines"] != [] {
            let (totals, errors) = totals(order)
            #expect(errors.isEmpty && totals != nil)
            #expect(totals?.grossRevenue == order.amount("gross_revenue"))
        }
    }

    /// An amount in one of the ways in which systems write it.
    private func written(_ units: Int64, _ generator: inout SeededGenerator) -> JSON {
        let text = Money(minorUnits: units).description
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: return .string(text)
        case 1: return .number(text)
        case 2 where units % 100 == 0: return .number(String(units / 100))
        default: return .number("\(units)e-2")
        }
    }

    @Test func `add up exactly, for any amounts in any notation`() {
        var generator = SeededGenerator(seed: 12)
        for _ in 0..<100_000 {
            // Counted in wider numbers than the totals are.
            var (product, discounts): (Int128, Int128) = (0, 0)
            let lines: [JSON] = (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                let price = Int64.random(in: 0...(Bool.random(using: &generator) ? 999 : 9_999_999_999), using: &generator)
                let quantity = Int64.random(in: 1...50, using: &generator)
                let discount = Int64.random(in: 0...max(1, price * quantity), using: &generator) / 3
                product += Int128(price) * Int128(quantity)
                discounts += Int128(discount)
                return [
                    "variant_price": written(price, &generator), "quantity": .number(String(quantity)),
                    "discount": written(discount, &generator),
                ]
            }
            let parts = OrderTotals.parts.map { ($0, Int64.random(in: 0...99_999, using: &generator)) }
            let added = parts.filter { $0.0 == "shipping_cost" || $0.0 == "other_income" }.reduce(Int128(0)) { $0 + Int128($1.1) }
            let subtracted = parts.reduce(Int128(0)) { $0 + Int128($1.1) } - added
            let gross = product - discounts + added - subtracted
            var members: [(String, JSON)] = [("orderlines", .array(lines))]
            for (name, units) in parts { members.append((name, written(units, &generator))) }
            let (totals, errors) = totals(.object(JSONObject(members)))
            guard gross >= 0 else {
                #expect(totals == nil && errors.map(\.field) == ["gross_revenue"])
                continue
            }
            guard let totals else {
                Issue.record("\(members): \(errors)")
                return
            }
            #expect(Int128(totals.productPrice.minorUnits) == product && Int128(totals.productDiscount.minorUnits) == discounts)
            #expect(Int128(totals.grossRevenue.minorUnits) == gross)
            // What was worked out is right when it is given, and a minor unit more is not.
            let given = members + [("gross_revenue", .string(totals.grossRevenue.description))]
            #expect(self.totals(.object(JSONObject(given))).1.isEmpty)
            let more = members + [("gross_revenue", .string(Money(minorUnits: totals.grossRevenue.minorUnits + 1).description))]
            #expect(
                self.totals(.object(JSONObject(more))).1
                    == [FieldError("gross_revenue", "is 0.01 more than what it adds up to")])
        }
    }

    @Test func `are refused if they are too large, less than nothing, or do not cover the discounts of the lines`() {
        let line: JSON = ["variant_price": "1000000000000.00", "quantity": 1_000_000, "discount": "5.00"]
        #expect(totals(["orderlines": [line]]).1 == [FieldError("product_price", "adds up to too much")])
        let small: JSON = ["variant_price": "10.00", "quantity": 1, "discount": "5.00"]
        #expect(
            totals(["orderlines": [small], "product_discount": "4.99"]).1
                == [FieldError("product_discount", "is 0.01 less than the discounts of the lines")])
        #expect(totals(["orderlines": [small], "shipping_discount": "5.01"]).1.map(\.field) == ["gross_revenue"])
        #expect(totals(["orderlines": [small], "product_discount": "6.00"]).0?.grossRevenue == Money(minorUnits: 400))
        #expect(totals([:]).0?.grossRevenue == Money(minorUnits: 0))
    }
}
