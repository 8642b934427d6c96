/// Writes JSON (RFC 8259) in UTF-8 without whitespace; the caller is responsible for the structure.
package struct JSONWriter: Sendable {
    package private(set) var bytes: [UInt8] = []

    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    /// Appends a byte unchanged.
    package mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends bytes that are already JSON.
    package mutating func append(raw: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: raw) }

    /// Appends text that is already JSON, for example a number or `null`.
    package mutating func append(raw: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: raw.utf8Start, count: raw.utf8CodeUnitCount))
    }

    /// Appends a string in quotes, escaped as needed.
    package mutating func append(string: String) {
        var string = string
        bytes.append(UInt8(ascii: "\""))
        string.withUTF8 { utf8 in
            var start = 0
            for position in utf8.indices {
                let byte = utf8[position]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<position]))
                appendEscape(of: byte)
                start = position + 1
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends in quotes a string that needs no escapes.
    package mutating func append(quoted text: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: text)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends a number.
    package mutating func append(integer: Int64) { bytes.append(decimal: integer) }

    private mutating func appendEscape(of byte: UInt8) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            append(raw: "u00")
            bytes.append(Hexadecimal.digit(byte >> 4))
            bytes.append(Hexadecimal.digit(byte & 0xF))
        }
    }

    /// Appends any JSON value; numbers keep their digits.
    package mutating func append(_ value: JSON) {
        switch value {
        case .null: append(raw: "null")
        case .bool(let flag): append(raw: flag ? "true" : "false")
        case .number(let digits): bytes.append(contentsOf: digits.utf8)
        case .string(let text): append(string: text)
        case .array(let elements):
            append(list: elements, from: "[", to: "]") { $0.append($1) }
        case .object(let object):
            append(list: object.members, from: "{", to: "}") { writer, member in
                writer.append(string: member.name)
                writer.append(UInt8(ascii: ":"))
                writer.append(member.value)
            }
        }
    }

    /// Appends elements separated by commas, between an opening and a closing bracket.
    /// - Throws: whatever `appendElement` throws.
    package mutating func append<Elements: Sequence, Failure: Error>(
        list elements: Elements, from opening: Unicode.Scalar, to closing: Unicode.Scalar,
        _ appendElement: (inout JSONWriter, Elements.Element) throws(Failure) -> Void
    ) throws(Failure) {
        append(UInt8(ascii: opening))
        var isFirst = true
        for element in elements {
            if !isFirst { append(UInt8(ascii: ",")) }
            isFirst = false
            try appendElement(&self, element)
        }
        append(UInt8(ascii: closing))
    }
}

extension JSON {
    /// This value as JSON in UTF-8, without whitespace.
    package var encoded: [UInt8] {
        var writer = JSONWriter()
        writer.append(self)
        return writer.bytes
    }
}
