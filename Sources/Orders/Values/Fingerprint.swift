/// The 64-bit FNV-1a hash. Unlike Swift's own it is the same in every process. It must not protect anything secret.
package struct Fingerprint {
    package private(set) var value: UInt64

    /// - Parameter value: the value of another fingerprint to continue from.
    package init(_ value: UInt64 = 0xCBF2_9CE4_8422_2325) { self.value = value }

    package mutating func combine(_ word: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) { combine(byte: UInt8(truncatingIfNeeded: word >> shift)) }
    }

    package mutating func combine(byte: UInt8) {
        value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
    }
}
