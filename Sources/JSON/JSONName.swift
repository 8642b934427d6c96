/// The name of a member to look up in many objects.
package struct JSONName: Sendable {
    package let text: String
    let hash: UInt32

    package init(_ text: String) {
        self.text = text
        hash = Self.hash(of: text)
    }

    static func hash(of text: String) -> UInt32 {
        var text = text
        return text.withUTF8 { hash(of: $0) }
    }

    /// The hash of a name, with a different seed in each process, so that nobody can construct names that share a hash: those would
    /// have to be compared with one another.
    ///
    /// Each eight bytes take one multiplication, whose halves are folded together: Swift's own hash took one part in twenty of an
    /// import. If somebody still finds names that share a hash, the maximum number of members bounds the comparisons.
    static func hash(of name: UnsafeBufferPointer<UInt8>) -> UInt32 {
        let bytes = UnsafeRawBufferPointer(name)
        var hash = seed.start ^ UInt64(bytes.count)
        var position = 0
        while position + 8 <= bytes.count {
            hash = fold(hash ^ bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self), seed.factor)
            position += 8
        }
        var rest: UInt64 = 0
        while position < bytes.count {
            rest = rest << 8 | UInt64(bytes[position])
            position += 1
        }
        return UInt32(truncatingIfNeeded: fold(fold(hash ^ rest, seed.factor), seed.start))
    }

    private static let seed = (start: UInt64.random(in: .min ... .max), factor: UInt64.random(in: .min ... .max) | 1)

    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
