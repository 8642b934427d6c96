/// An amount of money in minor units: hundredths of the currency, because all amounts of the API have two decimals.
package struct Money: Hashable, Sendable, CustomStringConvertible {
    package let minorUnits: Int64

    package init(minorUnits: Int64) { self.minorUnits = minorUnits }

    /// Parses a decimal number and rounds it half up to two decimals (`projection.md`); `nil` if the text is not a number or the
    /// amount exceeds 92 quadrillion.
    package init?(_ text: String) {
        guard let units = DecimalText(text)?.rounded(toUnitsOfTenTo: 2) else { return nil }
        minorUnits = units
    }

    /// Whether the UTF-8 already equals the ``description`` of its amount; always `false` for negative amounts.
    static func isCanonical(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        guard (4...18).contains(utf8.count) else { return false }
        let point = utf8.count - 3
        return utf8[point] == UInt8(ascii: ".")
            && utf8.indices.allSatisfy { $0 == point || utf8[$0] &- UInt8(ascii: "0") <= 9 }
            && (utf8[0] != UInt8(ascii: "0") || utf8.count == 4)
    }

    /// The amount in the API's format: a decimal point and exactly two decimals, for example `-12.50`.
    package var description: String {
        let (whole, hundredths) = minorUnits.magnitude.quotientAndRemainder(dividingBy: 100)
        return "\(minorUnits < 0 ? "-" : "")\(whole).\(hundredths < 10 ? "0" : "")\(hundredths)"
    }
}
