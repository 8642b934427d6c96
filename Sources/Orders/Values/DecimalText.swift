/// A decimal number that never passes through binary floating point, so that no digit is lost.
package struct DecimalText: Sendable {
    package let isNegative: Bool
    /// The number without sign and decimal point; its value is this divided by ten to the power of ``scale``.
    private let coefficient: UInt128
    private let scale: Int

    /// The maximum number of digits, and the maximum exponent; no commercial number exceeds it.
    private static let limit = 38

    /// Parses `-12.50`, `12` and the exponent form of JSON numbers (`1.25e3`); `nil` for anything else.
    package init?(_ text: String) {
        var text = text
        guard let number = text.withUTF8({ DecimalText($0) }) else { return nil }
        self = number
    }

    /// Parses the same from UTF-8.
    init?(_ utf8: UnsafeBufferPointer<UInt8>) {
        let isNegative = utf8.first == UInt8(ascii: "-")
        var position = isNegative ? 1 : 0
        let start = position
        var coefficient: UInt128 = 0
        var (digits, scale) = (0, 0)
        var hasPoint = false
        guard utf8.count <= 3 * Self.limit else { return nil }
        while position < utf8.count {
            let byte = utf8[position]
            position += 1
            let digit = byte &- UInt8(ascii: "0")
            if digit <= 9 {
                // Leading zeros do not count as digits.
                if coefficient > 0 || digit > 0 { digits += 1 }
                guard digits <= Self.limit else { return nil }
                coefficient = coefficient * 10 + UInt128(digit)
                if hasPoint { scale += 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint, position > start + 1, position < utf8.count,
                utf8[position] &- UInt8(ascii: "0") <= 9
            {
                hasPoint = true
            } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"), position > start + 1,
                let exponent = Int(String(decoding: utf8[position...], as: UTF8.self)),
                (-Self.limit...Self.limit).contains(exponent)
            {
                scale -= exponent
                position = utf8.count
            } else {
                return nil
            }
        }
        guard position > start, scale <= Self.limit else { return nil }
        self.isNegative = isNegative && coefficient > 0
        self.coefficient = coefficient
        self.scale = scale
    }

    /// The number times ten to the given power, rounded half up (halves are rounded away from zero); `nil` if it exceeds 2^63 -
    /// 1.
    package func rounded(toUnitsOfTenTo decimals: Int) -> Int64? {
        var value = coefficient
        if scale > decimals {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: Self.power(scale - decimals))
            value = quotient + (remainder >= Self.power(scale - decimals) / 2 ? 1 : 0)
        } else if value > 0 {
            for _ in scale..<decimals {
                guard value <= Int64.max else { return nil }
                value *= 10
            }
        }
        return Int64(exactly: value).map { isNegative ? -$0 : $0 }
    }

    private static func power(_ exponent: Int) -> UInt128 { (0..<exponent).reduce(1) { power, _ in power * 10 } }

    /// The number if it is whole and fits, for example 3 for `3.0`; otherwise `nil`.
    package var whole: Int64? {
        guard scale <= 0 || coefficient.isMultiple(of: Self.power(scale)) else { return nil }
        return rounded(toUnitsOfTenTo: 0)
    }

    /// The number in plain decimal form with all its digits and at least the given number of decimals. Trailing zeros beyond
    /// those carry no information and are dropped (`0.0750` becomes `0.075`).
    package func text(atLeastDecimals minimum: Int) -> String {
        var digits = String(coefficient)
        if scale < 0, coefficient > 0 { digits += String(repeating: "0", count: -scale) }
        var decimals = max(0, scale)
        digits = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
        while decimals > minimum, digits.hasSuffix("0") {
            digits.removeLast()
            decimals -= 1
        }
        digits += String(repeating: "0", count: max(0, minimum - decimals))
        decimals = max(decimals, minimum)
        return (isNegative ? "-" : "") + digits.dropLast(decimals) + (decimals > 0 ? "." : "") + digits.suffix(decimals)
    }
}
