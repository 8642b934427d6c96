import Foundation
package import JSON

/// A time in microseconds since 1970 in UTC, between the years 1 and 9999.
package struct Timestamp: Hashable, Sendable, Comparable {
    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    package init(seconds: Int64) { self.init(microseconds: seconds * 1_000_000) }

    /// The current time.
    package static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// Whole milliseconds since 1970, rounded down.
    package var milliseconds: Int64 { microseconds.flooringDivision(by: 1000) }

    /// Whole seconds since 1970, rounded down.
    package var seconds: Int64 { microseconds.flooringDivision(by: 1_000_000) }

    /// The time the given number of seconds later.
    package func adding(seconds: Int64) -> Timestamp { Timestamp(microseconds: microseconds + seconds * 1_000_000) }

    package static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }
}

extension Timestamp {
    /// Parses an RFC 3339 time with `Z` or an offset, which may also be written `+0700` or `+07` (ISO 8601); digits of the fraction beyond the sixth are dropped.
    ///
    /// `nil` for anything else, including dates that do not exist. A leap second counts as the second after it.
    package init?(_ text: String) {
        var text = text
        guard let time = text.withUTF8({ Timestamp($0) }) else { return nil }
        self = time
    }

    /// Parses the same from UTF-8.
    init?(_ utf8: UnsafeBufferPointer<UInt8>) {
        var reader = DigitReader(bytes: utf8)
        guard
            let year = reader.number(digits: 4), reader.take("-"),
            let month = reader.number(digits: 2), reader.take("-"),
            let day = reader.number(digits: 2), reader.take("T") || reader.take("t") || reader.take(" "),
            let hour = reader.number(digits: 2), reader.take(":"),
            let minute = reader.number(digits: 2), reader.take(":"),
            let second = reader.number(digits: 2),
            year >= 1, (1...12).contains(month), (1...Self.days(in: month, of: year)).contains(day),
            hour < 24, minute < 60, second <= 60,
            let fraction = reader.take(".") ? reader.fraction() : 0,
            let offset = reader.offset(), reader.isAtEnd
        else { return nil }
        let days = Self.daysSince1970(year: year, month: month, day: day)
        let seconds = ((days * 24 + hour) * 60 + minute - offset) * 60 + second
        self.init(microseconds: seconds * 1_000_000 + fraction)
        guard (Self.earliest...Self.latest).contains(microseconds) else { return nil }
    }

    private static let earliest = daysSince1970(year: 1, month: 1, day: 1) * 86_400_000_000
    static let latest = daysSince1970(year: 10000, month: 1, day: 1) * 86_400_000_000 - 1

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970-01-01 in the Gregorian calendar, counting years from March so that the leap day comes last.
    package static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let leapDays =
            shiftedYear.flooringDivision(by: 4) - shiftedYear.flooringDivision(by: 100)
            + shiftedYear.flooringDivision(by: 400)
        return shiftedYear * 365 + leapDays + dayOfYear - 719_468
    }
}

extension Timestamp: CustomStringConvertible {
    /// The time in the API's format (`projection.md`): RFC 3339 in UTC with `Z`, and a fraction only if it is not zero, without
    /// trailing zeros.
    package var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        append(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends ``description``.
    func append(to text: inout [UInt8]) {
        let (days, secondOfDay) = (seconds.flooringDivision(by: 86400), seconds - seconds.flooringDivision(by: 86400) * 86400)
        let date = Self.date(daysSince1970: days)
        text.append(number: date.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(number: date.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.append(number: date.day, digits: 2)
        text.append(UInt8(ascii: "T"))
        text.append(number: secondOfDay / 3600, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(number: secondOfDay / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(number: secondOfDay % 60, digits: 2)
        let fraction = microseconds - seconds * 1_000_000
        if fraction > 0 {
            text.append(UInt8(ascii: "."))
            text.append(number: fraction, digits: 6)
            while text.last == UInt8(ascii: "0") { text.removeLast() }
        }
        text.append(UInt8(ascii: "Z"))
    }

    /// Whether the UTF-8 of a valid time already equals its ``description``; always `false` for times with a fraction.
    static func isCanonical(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
        utf8.count == 20 && utf8[10] == UInt8(ascii: "T") && utf8[19] == UInt8(ascii: "Z") && utf8[17] < UInt8(ascii: "6")
    }

    private static func date(daysSince1970 days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooringDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

/// Parses the fixed-width numbers of a time.
private struct DigitReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func digit() -> Int64? {
        guard position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) else { return nil }
        position += 1
        return Int64(bytes[position - 1] - UInt8(ascii: "0"))
    }

    mutating func number(digits: Int) -> Int64? {
        var value: Int64 = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// The fraction in microseconds; `nil` if there is no digit.
    mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let digit = digit() {
            count += 1
            if count <= 6 { value = value * 10 + digit }
        }
        guard count > 0 else { return nil }
        for _ in min(count, 6)..<6 { value *= 10 }
        return value
    }

    /// The offset in minutes east of UTC.
    mutating func offset() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let isEast = take("+")
        guard isEast || take("-"), let hours = number(digits: 2) else { return nil }
        var minutes: Int64 = 0
        if !isAtEnd {
            _ = take(":")
            guard let given = number(digits: 2) else { return nil }
            minutes = given
        }
        guard hours < 24, minutes < 60 else { return nil }
        return isEast ? hours * 60 + minutes : -(hours * 60 + minutes)
    }
}

extension Int64 {
    fileprivate func flooringDivision(by divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

extension [UInt8] {
    fileprivate mutating func append(number: Int64, digits: Int) {
        var divisor: Int64 = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}

extension JSONWriter {
    /// Appends a time as a JSON string.
    package mutating func append(_ time: Timestamp) {
        var text: [UInt8] = []
        text.reserveCapacity(32)
        time.append(to: &text)
        text.withUnsafeBufferPointer { append(quoted: $0) }
    }
}
