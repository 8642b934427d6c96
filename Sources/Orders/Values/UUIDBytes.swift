import JSON

/// The 128 bits of a UUID (RFC 9562). They compare as unsigned numbers, in the same order as their text.
package struct UUIDBytes: Hashable, Sendable, Comparable {
    package let high: UInt64
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Creates a UUID from 16 bytes in network order; `nil` for any other number of bytes.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (position, byte) in bytes.enumerated() {
            if position < 8 { words.0 = words.0 << 8 | UInt64(byte) } else { words.1 = words.1 << 8 | UInt64(byte) }
        }
        self.init(high: words.0, low: words.1)
    }

    /// Parses the form 8-4-4-4-12 with hexadecimal digits in upper or lower case; `nil` for any other form.
    package init?(_ text: String) {
        var text = text
        guard let uuid = text.withUTF8({ UUIDBytes(canonical: $0) }) else { return nil }
        self = uuid
    }

    /// Parses the same from UTF-8.
    init?(canonical utf8: UnsafeBufferPointer<UInt8>) {
        guard utf8.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for position in 0..<36 {
            let byte = utf8[position]
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let digit = Hexadecimal.value(byte) else { return nil }
            if position < 18 { words.0 = words.0 << 4 | UInt64(digit) } else { words.1 = words.1 << 4 | UInt64(digit) }
        }
        self.init(high: words.0, low: words.1)
    }

    /// The version, from the four bits that RFC 9562 reserves for it.
    package var version: UInt8 { UInt8(truncatingIfNeeded: high >> 12) & 0xF }

    /// Whether the variant is the one of RFC 9562.
    package var hasStandardVariant: Bool { low >> 62 == 0b10 }

    /// The 16 bytes in network order.
    package var bytes: [UInt8] {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { [UInt8]($0) }
    }

    /// A new UUIDv4 (RFC 9562, section 5.4): 122 random bits, fit for secrets.
    package static func random() -> UUIDBytes {
        let (high, low) = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        return UUIDBytes(high: high & ~0xF000 | 0x4000, low: low & (.max >> 2) | 1 << 63)
    }

    package static func < (left: UUIDBytes, right: UUIDBytes) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}

extension UUIDBytes: CustomStringConvertible {
    /// The canonical text: lower case, in the form 8-4-4-4-12.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var position = 0
            for (index, byte) in bytes.enumerated() {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    text[position] = UInt8(ascii: "-")
                    position += 1
                }
                text[position] = Hexadecimal.digit(byte >> 4)
                text[position + 1] = Hexadecimal.digit(byte & 0xF)
                position += 2
            }
            return position
        }
    }
}
