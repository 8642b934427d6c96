/// Reads a file from its beginning to its end, and never beyond.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private init(_ bytes: [UInt8], at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    var left: Int { bytes.count - position }

    /// The next bytes.
    /// - Throws: ``PictureRefusal/damaged`` if there are not so many.
    mutating func take(_ count: Int) throws(PictureRefusal) -> ArraySlice<UInt8> {
        guard count >= 0, count <= left else { throw .damaged }
        defer { position += count }
        return bytes[position..<position + count]
    }

    /// Whether these come next; they are taken if they do.
    mutating func takes(_ expected: [UInt8]) -> Bool {
        guard bytes[position...].starts(with: expected) else { return false }
        position += expected.count
        return true
    }

    mutating func byte() throws(PictureRefusal) -> UInt8 { try take(1).first! }

    /// An unsigned number, its most significant byte first.
    mutating func bigEndian(_ count: Int) throws(PictureRefusal) -> Int { try take(count).reduce(0) { $0 << 8 | Int($1) } }

    /// An unsigned number, its least significant byte first.
    mutating func littleEndian(_ count: Int) throws(PictureRefusal) -> Int {
        try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
    }

    /// The bytes up to the next marker of a JPEG file, which is neither a zero that was put in nor one that starts the decoder anew.
    /// - Throws: ``PictureRefusal/damaged`` if none comes.
    mutating func upToMarker() throws(PictureRefusal) -> ArraySlice<UInt8> {
        let start = position
        while position + 1 < bytes.count {
            if bytes[position] == 0xFF, bytes[position + 1] != 0, bytes[position + 1] != 0xFF,
                !(0xD0...0xD7).contains(bytes[position + 1])
            {
                return bytes[start..<position]
            }
            position += 1
        }
        throw .damaged
    }
}

extension [UInt8] {
    mutating func append(bigEndian number: Int, _ count: Int) {
        for place in (0..<count).reversed() { append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }

    mutating func append(littleEndian number: Int, _ count: Int) {
        for place in 0..<count { append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }
}
