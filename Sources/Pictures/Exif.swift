/// The part of Exif that says how to turn a picture (CIPA DC-008, section 4.6).
enum Exif {
    private static let name = Array("Exif\0\0".utf8)
    private static let orientationTag = 0x0112
    private static let short = 3

    /// The orientation that a segment asks for; `nil` if it has none, or that in which the pixels are.
    static func orientation(_ segment: ArraySlice<UInt8>) -> UInt8? {
        guard segment.starts(with: name) else { return nil }
        let content = Array(segment.dropFirst(name.count))
        // What can't be read says nothing.
        return try? orientation(ofTIFF: content)
    }

    private static func orientation(ofTIFF content: [UInt8]) throws(PictureRefusal) -> UInt8? {
        var header = ByteReader(content)
        let isBigEndian: Bool
        switch Array(try header.take(2)) {
        case Array("MM".utf8): isBigEndian = true
        case Array("II".utf8): isBigEndian = false
        default: return nil
        }
        func number(_ reader: inout ByteReader, _ count: Int) throws(PictureRefusal) -> Int {
            isBigEndian ? try reader.bigEndian(count) : try reader.littleEndian(count)
        }
        guard try number(&header, 2) == 42 else { return nil }
        var directory = ByteReader(content)
        _ = try directory.take(try number(&header, 4))
        for _ in 0..<(try number(&directory, 2)) {
            let (tag, type) = (try number(&directory, 2), try number(&directory, 2))
            let count = try number(&directory, 4)
            let value = try number(&directory, 2)
            _ = try directory.take(2)
            guard tag == orientationTag else { continue }
            return type == short && count == 1 && (2...8).contains(value) ? UInt8(value) : nil
        }
        return nil
    }

    /// A segment that says nothing but an orientation.
    static func content(orientation: UInt8) -> [UInt8] {
        var bytes = name + Array("MM".utf8)
        for (number, count) in [
            (42, 2), (8, 4), (1, 2), (orientationTag, 2), (short, 2), (1, 4), (Int(orientation), 2), (0, 2), (0, 4),
        ] {
            bytes.append(bigEndian: number, count)
        }
        return bytes
    }
}
