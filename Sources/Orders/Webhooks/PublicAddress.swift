import Foundation

/// Tells the addresses of the public internet from those that only a machine or its own network reaches (the special-purpose registries of IANA, RFC 6890).
package enum PublicAddress {
    /// Whether the bytes of an IP address, 4 or 16 in network order, are public.
    package static func contains(_ bytes: [UInt8]) -> Bool {
        switch bytes.count {
        case 4: !special.contains { $0.covers(bytes) }
        case 16: containsV6(bytes)
        default: false
        }
    }

    /// The bytes of an address as text; `nil` if it is none.
    package static func bytes(_ text: String) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return Array(bytes.prefix(4)) }
        return inet_pton(AF_INET6, text, &bytes) == 1 ? bytes : nil
    }

    private static func containsV6(_ bytes: [UInt8]) -> Bool {
        // IPv4 in the clothes of IPv6: mapped, and by way of NAT64.
        if bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xFF, bytes[11] == 0xFF { return contains(Array(bytes[12...])) }
        if bytes.starts(with: [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0]) { return contains(Array(bytes[12...])) }
        if bytes.starts(with: [0x20, 0x02]) { return contains(Array(bytes[2..<6])) }
        return bytes[0] & 0xE0 == 0x20 && !specialV6.contains { $0.covers(bytes) }
    }

    private struct Network {
        let start: [UInt8]
        let length: Int

        init(_ start: [UInt8], _ length: Int) { (self.start, self.length) = (start, length) }

        func covers(_ bytes: [UInt8]) -> Bool {
            for position in start.indices where position * 8 < length {
                let bits = min(8, length - position * 8)
                let mask = UInt8(truncatingIfNeeded: 0xFF << (8 - bits))
                if bytes[position] & mask != start[position] & mask { return false }
            }
            return true
        }
    }

    private static let special = [
        Network([0], 8), Network([10], 8), Network([100, 64], 10), Network([127], 8), Network([169, 254], 16),
        Network([172, 16], 12), Network([192, 0, 0], 24), Network([192, 0, 2], 24), Network([192, 88, 99], 24),
        Network([192, 168], 16), Network([198, 18], 15), Network([198, 51, 100], 24), Network([203, 0, 113], 24),
        // Multicast, reserved and broadcast.
        Network([224], 3),
    ]

    private static let specialV6 = [
        Network([0x20, 0x01, 0x00], 23), Network([0x20, 0x01, 0x0D, 0xB8], 32), Network([0x3F, 0xFF, 0x00], 20),
    ]
}
