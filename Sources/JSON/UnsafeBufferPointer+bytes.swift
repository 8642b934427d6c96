extension UnsafeBufferPointer<UInt8> {
    /// Whether both buffers have the same bytes, compared eight at a time.
    func hasSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard count == other.count else { return false }
        let (left, right) = (UnsafeRawBufferPointer(self), UnsafeRawBufferPointer(other))
        var position = 0
        while position + 8 <= count {
            let isSame =
                left.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                == right.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            guard isSame else { return false }
            position += 8
        }
        while position < count {
            guard left[position] == right[position] else { return false }
            position += 1
        }
        return true
    }
}
