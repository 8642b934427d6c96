/// The markers of a JPEG file (ITU-T T.81, annex B).
enum JPEGFile {
    private static let startOfImage: [UInt8] = [0xFF, 0xD8]
    private static let endOfImage: UInt8 = 0xD9
    private static let startOfScan: UInt8 = 0xDA

    /// The file with what its pixels need, and the orientation in which they are to be shown.
    /// - Throws: ``PictureRefusal/damaged``.
    static func plain(_ original: [UInt8]) throws(PictureRefusal) -> [UInt8] {
        var reader = ByteReader(original)
        guard reader.takes(startOfImage) else { throw .damaged }
        var (segments, orientation): ([UInt8], UInt8?) = ([], nil)
        segments.reserveCapacity(original.count)
        // JFIF wants to be the first.
        var beginning: [UInt8] = []
        while true {
            let marker = try marker(&reader)
            if marker == endOfImage { break }
            let length = try reader.bigEndian(2)
            let content = try reader.take(length - 2)
            switch marker {
            case 0xE0:
                if beginning.isEmpty, let plain = withoutThumbnail(content) { beginning = segment(0xE0, plain) }
            case 0xE1:
                if orientation == nil { orientation = Exif.orientation(content) }
            case 0xE2 where content.starts(with: Array("ICC_PROFILE\0".utf8)): segments += segment(marker, content)
            case 0xEE where content.count == 12 && content.starts(with: Array("Adobe".utf8)):
                segments += segment(marker, content)
            // Applications' own, and comments.
            case 0xE0...0xEF, 0xFE: break
            // Frames, tables and what is needed to read them.
            case 0xC0...0xC7, 0xC9...0xCF, 0xDB...0xDF: segments += segment(marker, content)
            case startOfScan: segments += segment(marker, content) + (try reader.upToMarker())
            default: throw .damaged
            }
        }
        if let orientation { beginning += segment(0xE1, Exif.content(orientation: orientation)[...]) }
        return startOfImage + beginning + segments + [0xFF, endOfImage]
    }

    /// The next marker, before which there may be any number of fill bytes.
    private static func marker(_ reader: inout ByteReader) throws(PictureRefusal) -> UInt8 {
        guard try reader.byte() == 0xFF else { throw .damaged }
        var marker = try reader.byte()
        while marker == 0xFF { marker = try reader.byte() }
        return marker
    }

    private static func segment(_ marker: UInt8, _ content: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = [0xFF, marker]
        bytes.append(bigEndian: content.count + 2, 2)
        return bytes + content
    }

    /// JFIF's version, units and density; `nil` if it is no such segment.
    private static func withoutThumbnail(_ content: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard content.count >= 14, content.starts(with: Array("JFIF\0".utf8)) else { return nil }
        return content.prefix(12) + [0, 0]
    }
}
