/// An order's identity, a UUIDv7 (RFC 9562, section 5.7): also its place in time and in every list.
package struct OrderID: Hashable, Sendable, Comparable, CustomStringConvertible {
    package let uuid: UUIDBytes

    /// `nil` where the UUID is of another version or variant.
    package init?(_ uuid: UUIDBytes) {
        guard uuid.version == 7, uuid.hasStandardVariant else { return nil }
        self.uuid = uuid
    }

    /// Reads the canonical form, in either case as RFC 9562 asks; `nil` for anything else.
    package init?(_ text: String) {
        guard let uuid = UUIDBytes(text) else { return nil }
        self.init(uuid)
    }

    /// Mints an id whose time is the given one, to the millisecond, and whose other 74 bits are random.
    ///
    /// `nil` where UUIDv7 can't hold the time: before 1970 or after the year 10889.
    package init?(mintedAt time: Timestamp, using generator: inout some RandomNumberGenerator) {
        let milliseconds = time.milliseconds
        guard (0..<(1 << 48)).contains(milliseconds) else { return nil }
        let random12 = UInt64.random(in: 0..<(1 << 12), using: &generator)
        let random62 = UInt64.random(in: 0..<(1 << 62), using: &generator)
        uuid = UUIDBytes(high: UInt64(milliseconds) << 16 | 0x7000 | random12, low: 0b10 << 62 | random62)
    }

    package static func < (left: OrderID, right: OrderID) -> Bool { left.uuid < right.uuid }

    package var description: String { uuid.description }
}
