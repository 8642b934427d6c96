/// An amount of money in minor units: hundredths of the currency, as every amount of the API has two decimals.
package struct Money: Hashable, Sendable, CustomStringConvertible {
    package let minorUnits: Int64

    package init(minorUnits: Int64) { self.minorUnits = minorUnits }

    /// Reads a decimal number, rounding half up to two decimals (`projection.md`); `nil` where the text is none or
    /// the amount is over 92 quadrillion.
    package init?(_ text: String) {
        guard let units = DecimalText(text)?.rounded(toUnitsOfTenTo: 2) else { return nil }
        minorUnits = units
    }

    /// The amount as the wire has it: a point and exactly two decimals, for example `-12.50`.
    package var description: String {
        let (whole, hundredths) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(minorUnits < 0 ? "-" : "")\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)"
    }
}
