import Foundation
import JSON
import TestFixtures
import TestServer

/// The random values that requests are made of.
extension RandomRequests {
    mutating func body(_ fields: [String]) -> [UInt8] {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return pick([[], Array("{".utf8), Array("null".utf8), Array("[]".utf8), [0xFF, 0xFE, 0x00], Array("{}x".utf8)])
        case 1: return Array(repeating: UInt8(ascii: pick([" "])), count: pick([10, 1000, 70_000]))
        case 2: return Array((String(repeating: pick(["[", "{\"a\":"]), count: pick([10, 500, 5000]))).utf8)
        case 3:
            var bytes = object(fields).encoded
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            bytes[place] = UInt8.random(in: 0...255, using: &generator)
            return bytes
        default: return object(fields).encoded
        }
    }

    mutating func object(_ fields: [String]) -> JSON {
        var names = fields.filter { _ in chance(0.7) }
        if chance(0.2) { names.append(pick(["x", "", "id", "__proto__", "customer_id", "store_id"])) }
        return .object(JSONObject(names.map { ($0, chance(0.75) ? goodValue($0) : value(depth: 0)) }))
    }

    /// A value that the field takes, mostly.
    mutating func goodValue(_ field: String) -> JSON {
        switch field {
        case "email": .string(chance(0.8) ? pick(material.people).email : "nobody@example.com")
        // Each text takes long to hash.
        case "password", "new_password": chance(0.03) ? .string(pick(["correct horse 7", oddText()])) : 12_345_678
        case "token", "refresh": .string(pick(material.spareTokens))
        case "tokens": .array([.string(pick(material.spareTokens))])
        case "date_of_birth": "2001-12-31"
        case "is_unsubscribe": .bool(chance(0.5))
        case "location_id": 3273
        case "login_as": "customer"
        case "ids": .array([.string(pick(material.people).order)])
        case "status": .string(pick(["confirmed", "ready", "shipped", "completed", "closed"]))
        case "payment_status": .string(pick(["paid", "unpaid", "settled"]))
        case "otp": .string(pick(["123456", " 12-34 56\n", "１２３４５６", "12345"]))
        default: .string(pick(["Siti", "081234567890", "Jl. Melati 1\r\nBlok C", "40111"]))
        }
    }

    mutating func value(depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth < 3 ? 12 : 9), using: &generator) {
        case 0: return .null
        case 1: return .bool(chance(0.5))
        case 2: return .number(pick(["0", "-1", "1e400", "9007199254740993", "0.1", "-0", "123456", "1E-9"]))
        case 3: return .string(pick(material.people).email)
        case 4: return .string(pick(material.spareTokens))
        case 5: return .string(pick(["123456", "2001-12-31", "owner", "customer", "081234567890", "female", "Siti"]))
        case 6, 7, 8: return .string(oddText())
        case 9: return .array((0..<Int.random(in: 0...3, using: &generator)).map { _ in value(depth: depth + 1) })
        default:
            return .object(
                JSONObject((0..<Int.random(in: 0...2, using: &generator)).map { ("\($0)", value(depth: depth + 1)) }))
        }
    }

    mutating func oddText() -> String {
        pick([
            "", " ", "\u{0}", "a\u{0}b", "\r\nX: y", "\u{202E}abc", "😀" + String(repeating: "é", count: 300), "' OR 1=1 --",
            "$(id)", "<script>alert(1)</script>", "a@b", "a@" + String(repeating: "b", count: 300) + ".id", "\u{FEFF}x",
            String(repeating: "x", count: 5000), "%00", "../../etc/passwd", "e\u{301}@m\u{FC}ller.example", "\u{FFFD}",
        ])
    }

    /// A part of an address that is none, or one that needs decoding.
    mutating func oddPart() -> String {
        pick([
            "0", "-1", "99999999999999999999", "01956fb6-6f2e-7f53-9c41-3a2b1c0d9e8f", "%00", "%2F", "%", "%zz", "%C3%28", "..",
            "%2e%2e", "a%20b", "+", "x" + String(repeating: "y", count: 3000), "%F0%9F%98%80", "null", "25", "1", "''", "",
            "%0d%0aX:y", mutated(pick(material.people).order),
        ])
    }

    mutating func oddField() -> String {
        pick([
            "", "\t", "x", String(repeating: "a,", count: 400), "é", "\"", "*/*;q=0.000001", "id;q=2, en;q=x", "::1, , 1.2.3.4",
            "W/\"1\"", "null", "https://", String(repeating: "z", count: 7000),
        ])
    }

    /// The text with one letter changed, among those that may stand in an address and a field. The last one stays: of a token's, some bits mean
    /// nothing (RFC 4648, section 3.5).
    mutating func mutated(_ text: String) -> String {
        var bytes = Array(text.utf8)
        guard bytes.count > 1 else { return text }
        let place = Int.random(in: 0..<bytes.count - 1, using: &generator)
        let before = bytes[place]
        bytes[place] = pick(Array("abcdefgXYZ0189-_.~".utf8).filter { $0 != before })
        return String(decoding: bytes, as: UTF8.self)
    }

    mutating func pick<Value>(_ values: [Value]) -> Value { values.randomElement(using: &generator)! }

    mutating func chance(_ share: Double) -> Bool { Double.random(in: 0..<1, using: &generator) < share }
}
