/// A decimal number held as its digits, so that no digit is lost on the way through binary floating point.
package struct DecimalText: Equatable, Sendable {
    package let isNegative: Bool
    /// The digits before and after the point, without sign, point or leading zeros; zero has none.
    private let digits: [UInt8]
    /// How many of the digits stand after the point; more than there are where zeros follow the point.
    private let scale: Int

    /// More digits than this, or a point further away than this, is no number of commerce.
    private static let limit = 40

    /// Reads `-12.50`, `12` and the exponent form of JSON numbers (`1.25e3`); `nil` for anything else.
    package init?(_ text: String) {
        var digits: [UInt8] = []
        var scale = 0
        var exponent = 0
        var hasPoint = false
        var remaining = text[...].utf8
        let isNegative = remaining.first == UInt8(ascii: "-")
        if isNegative { remaining.removeFirst() }
        guard remaining.first.map(Self.isDigit) ?? false, remaining.count <= 3 * Self.limit else { return nil }
        while let byte = remaining.popFirst() {
            if Self.isDigit(byte) {
                digits.append(byte - UInt8(ascii: "0"))
                if hasPoint { scale += 1 }
            } else if byte == UInt8(ascii: "."), !hasPoint, remaining.first.map(Self.isDigit) ?? false {
                hasPoint = true
            } else if byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E"), let value = Int(Substring(remaining)) {
                exponent = value
                remaining = Substring().utf8
            } else {
                return nil
            }
        }
        guard (-Self.limit...Self.limit).contains(exponent) else { return nil }
        scale -= exponent
        if scale < 0 {
            digits.append(contentsOf: repeatElement(0, count: -scale))
            scale = 0
        }
        digits.removeFirst(digits.prefix { $0 == 0 }.count)
        guard digits.count <= Self.limit, scale <= Self.limit else { return nil }
        self.isNegative = isNegative && !digits.isEmpty
        self.digits = digits
        self.scale = scale
    }

    /// The number times ten to the given power, rounded half up (a half goes away from zero); `nil` where it is over 2^63 - 1.
    package func rounded(toUnitsOfTenTo decimals: Int) -> Int64? {
        let dropped = scale - decimals
        var value: Int64 = 0
        for digit in digits.dropLast(max(0, dropped)) {
            guard let next = value.timesTen(plus: Int64(digit)) else { return nil }
            value = next
        }
        if dropped > 0, dropped <= digits.count, digits[digits.count - dropped] >= 5 {
            guard value < .max else { return nil }
            value += 1
        }
        for _ in 0..<max(0, -dropped) {
            guard let next = value.timesTen(plus: 0) else { return nil }
            value = next
        }
        return isNegative ? -value : value
    }

    /// The number where it is whole and fits, for example 3 for `3.0`; otherwise `nil`.
    package var whole: Int64? {
        let padded = repeatElement(0, count: max(0, scale - digits.count)) + digits
        guard padded.suffix(scale).allSatisfy({ $0 == 0 }) else { return nil }
        return rounded(toUnitsOfTenTo: 0)
    }

    /// The number in plain decimal form with all its digits and at least so many decimals: zeros at the end beyond those
    /// say nothing and are left out (`0.0750` is `0.075`).
    package func text(atLeastDecimals minimum: Int) -> String {
        var padded = [UInt8](repeating: 0, count: max(0, scale + 1 - digits.count)) + digits
        var decimals = scale
        while decimals > minimum, padded.last == 0 {
            padded.removeLast()
            decimals -= 1
        }
        padded.append(contentsOf: repeatElement(0, count: max(0, minimum - decimals)))
        decimals = max(decimals, minimum)
        var text = isNegative ? "-" : ""
        for (position, digit) in padded.enumerated() {
            if position == padded.count - decimals { text += "." }
            text += String(digit)
        }
        return text
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}

extension Int64 {
    /// Ten times this plus a digit, or `nil` where that does not fit.
    fileprivate func timesTen(plus digit: Int64) -> Int64? {
        let (product, overflow) = multipliedReportingOverflow(by: 10)
        let (sum, carry) = product.addingReportingOverflow(digit)
        return overflow || carry ? nil : sum
    }
}
