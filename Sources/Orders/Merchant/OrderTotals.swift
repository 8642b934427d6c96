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
        var (discounts, quantity) = (Sum(), Int64(0))
        if case .array(let lines)? = order["orderlines"] {
            for (position, line) in lines.enumerated() {
                let price = Self.price(of: line)
                sum.add(price)
                discounts.add(line.amount("discount") ?? Money(minorUnits: 0))
                quantity += line.whole("quantity") ?? 0
                Self.compare(line, "product_price", with: price, at: "orderlines[\(position)].", &errors)
            }
        }
        guard let productPrice = sum.money, let lineDiscount = discounts.money else {
            errors.append(FieldError("product_price", "adds up to too much"))
            return nil
        }
        let productDiscount = order.amount("product_discount") ?? lineDiscount
        if productDiscount.minorUnits < lineDiscount.minorUnits {
            let missing = Money(minorUnits: lineDiscount.minorUnits - productDiscount.minorUnits)
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
        totalQuantity = quantity
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
        let (difference, overflow) = given.minorUnits.subtractingReportingOverflow(sum.minorUnits)
        let amount = overflow ? "far" : Money(minorUnits: difference < 0 ? -difference : difference).description
        errors.append(FieldError(path + name, "is \(amount) \(difference < 0 ? "less" : "more") than what it adds up to"))
    }

    /// A sum that notices when it gets too large.
    private struct Sum {
        private(set) var money: Money? = Money(minorUnits: 0)

        mutating func add(_ amount: Money?, times factor: Int64 = 1) {
            guard let amount, let sum = money else {
                money = nil
                return
            }
            let (result, overflow) = sum.minorUnits.addingReportingOverflow(amount.minorUnits * factor)
            money = overflow ? nil : Money(minorUnits: result)
        }
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
