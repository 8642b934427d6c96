package import JSON

/// The amounts of an order that have to add up: what the lines cost, and what the buyer has to pay.
///
/// | amount | is |
/// | --- | --- |
/// | a line's `product_price` | `variant_price` times `quantity` |
/// | `product_price` | the sum over the lines |
/// | `product_discount` | at least the sum of the lines' `discount` |
/// | `gross_revenue` | `product_price` - `product_discount` - `discount_code_discount` - `unique_code_discount` + `shipping_cost` - `shipping_discount` + `other_income` |
///
/// All in whole minor units, so nothing is ever rounded. What is left out is worked out; what is given and does not add up is an error that says by
/// how much.
package struct OrderTotals: Equatable, Sendable {
    package let productPrice: Money
    package let productDiscount: Money
    package let grossRevenue: Money
    package let totalQuantity: Int64

    private static let added = ["shipping_cost", "other_income"]
    private static let subtracted = ["discount_code_discount", "unique_code_discount", "shipping_discount"]

    /// The amounts of an order that its total is made of, beside those of its lines.
    package static let parts = added + subtracted

    /// - Parameters:
    ///   - order: an order with amounts as decimal strings or absent; `product_price`, `product_discount` and `gross_revenue` are compared if they are
    ///     there.
    ///   - errors: gets an error for each amount that does not add up.
    /// - Returns: `nil` if there are such errors.
    package init?(of order: JSON, errors: inout [FieldError]) {
        let before = errors.count
        var sum = Sum()
        // Quantities are summed as amounts are, because what is stored may have any.
        var (discounts, quantity) = (Sum(), Sum())
        if case .array(let lines)? = order["orderlines"] {
            for (position, line) in lines.enumerated() {
                let price = Self.price(of: line)
                sum.add(price)
                discounts.add(line.amount("discount") ?? Money(minorUnits: 0))
                quantity.add(Money(minorUnits: line.whole("quantity") ?? 0))
                Self.compare(line, "product_price", with: price, at: "orderlines[\(position)].", &errors)
            }
        }
        guard let productPrice = sum.money, let lineDiscount = discounts.money, let quantity = quantity.money else {
            errors.append(FieldError("product_price", "adds up to too much"))
            return nil
        }
        let productDiscount = order.amount("product_discount") ?? lineDiscount
        if productDiscount.minorUnits < lineDiscount.minorUnits {
            let missing = Self.difference(productDiscount, lineDiscount)
            errors.append(FieldError("product_discount", "is \(missing) less than the discounts of the lines"))
        }
        sum.add(productDiscount, times: -1)
        for name in Self.added { sum.add(order.amount(name) ?? Money(minorUnits: 0)) }
        for name in Self.subtracted { sum.add(order.amount(name) ?? Money(minorUnits: 0), times: -1) }
        guard let grossRevenue = sum.money else {
            errors.append(FieldError("gross_revenue", "adds up to too much"))
            return nil
        }
        if grossRevenue.minorUnits < 0 {
            errors.append(FieldError("gross_revenue", "is less than nothing: the discounts are more than the rest"))
        }
        Self.compare(order, "product_price", with: productPrice, &errors)
        Self.compare(order, "gross_revenue", with: grossRevenue, &errors)
        guard errors.count == before else { return nil }
        self.productPrice = productPrice
        self.productDiscount = productDiscount
        self.grossRevenue = grossRevenue
        totalQuantity = quantity.minorUnits
    }

    /// What a line costs before discounts.
    package static func price(of line: JSON) -> Money? {
        guard let price = line.amount("variant_price"), let quantity = line.whole("quantity") else { return Money(minorUnits: 0) }
        let (product, overflow) = price.minorUnits.multipliedReportingOverflow(by: quantity)
        return overflow ? nil : Money(minorUnits: product)
    }

    private static func compare(
        _ object: JSON, _ name: String, with sum: Money?, at path: String = "", _ errors: inout [FieldError]
    ) {
        guard let given = object.amount(name), let sum, given != sum else { return }
        let isLess = given.minorUnits < sum.minorUnits
        errors.append(
            FieldError(path + name, "is \(difference(given, sum)) \(isLess ? "less" : "more") than what it adds up to"))
    }

    /// How far two amounts are apart, for a person.
    private static func difference(_ one: Money, _ other: Money) -> String {
        let (difference, overflow) = one.minorUnits.subtractingReportingOverflow(other.minorUnits)
        return overflow ? "far" : Money(minorUnits: Int64(clamping: difference.magnitude)).description
    }

    /// A sum that notices when it gets too large.
    private struct Sum {
        private(set) var money: Money? = Money(minorUnits: 0)

        mutating func add(_ amount: Money?, times factor: Int64 = 1) {
            guard let amount, let sum = money else {
                money = nil
                return
            }
            let (added, isTooMuch) = amount.minorUnits.multipliedReportingOverflow(by: factor)
            let (result, overflow) = sum.minorUnits.addingReportingOverflow(added)
            money = overflow || isTooMuch ? nil : Money(minorUnits: result)
        }
    }
}

extension OrderTotals {
    /// What an order costs after amounts have changed whose stored total is not the sum of its parts: by as much more or less as they have.
    /// - Returns: `nil` if it is less than nothing, or too much.
    package static func grossRevenue(of order: JSON, changedTo amounts: [(name: String, value: Money)]) -> Money? {
        var sum = Sum()
        sum.add(order.amount("gross_revenue"))
        for (name, value) in amounts {
            let sign: Int64 = added.contains(name) ? 1 : -1
            sum.add(value, times: sign)
            sum.add(order.amount(name) ?? Money(minorUnits: 0), times: -sign)
        }
        return sum.money.flatMap { $0.minorUnits < 0 ? nil : $0 }
    }
}

extension JSON {
    /// An amount of money, from a text or a number; `nil` if there is none.
    package func amount(_ name: String) -> Money? {
        switch self[name] {
        case .string(let text)?, .number(let text)?: Money(text)
        default: nil
        }
    }

    /// A whole number, from a text or a number.
    fileprivate func whole(_ name: String) -> Int64? {
        switch self[name] {
        case .string(let text)?, .number(let text)?: DecimalText(text)?.whole
        default: nil
        }
    }
}
