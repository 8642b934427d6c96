/// An order's id, a UUIDv7 (RFC 9562, section 5.7). It also determines the order's position in time and in every list.
package struct OrderID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let uuid: UUIDBytes

    /// `nil` if the UUID has another version or variant.
    package init?(_ uuid: UUIDBytes) {
        guard uuid.version == 7, uuid.hasStandardVariant else { return nil }
        self.uuid = uuid
    }

    /// Parses the canonical form in upper or lower case, as RFC 9562 requires; `nil` for anything else.
    package init?(_ text: String) {
        guard let uuid = UUIDBytes(text) else { return nil }
        self.init(uuid)
    }

    /// Generates an id with the given time, to the millisecond, and 74 random bits.
    ///
    /// `nil` if UUIDv7 can't represent the time: before 1970 or after the year 10889.
    package init?(mintedAt time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = time.milliseconds
        guard (0..<(1 << 48)).contains(milliseconds) else { return nil }
        let random12 = UInt64.random(in: 0..<(1 << 12), using: &generator)
        let random62 = UInt64.random(in: 0..<(1 << 62), using: &generator)
        uuid = UUIDBytes(high: UInt64(milliseconds) << 16 | 0x7000 | random12, low: 0b10 << 62 | random62)
    }

    /// The lowest id of the millisecond after a time; `nil` if UUIDv7 can't represent it.
    package init?(after time: Timestamp) {
        let milliseconds = time.milliseconds + 1
        guard (0..<(1 << 48)).contains(milliseconds) else { return nil }
        uuid = UUIDBytes(high: UInt64(milliseconds) << 16 | 0x7000, low: 0b10 << 62)
    }

    package static func < (left: OrderID, right: OrderID) -> Bool { left.uuid < right.uuid }

    package var description: String { uuid.description }
}
