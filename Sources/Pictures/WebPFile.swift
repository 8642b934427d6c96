/// The chunks of a WebP file (RFC 9649, section 2).
enum WebPFile {
    private static let hasProfile: UInt8 = 0x20
    private static let hasAlpha: UInt8 = 0x10
    private static let isAnimated: UInt8 = 0x02

    /// The file with its picture, its transparency and its colour profile only.
    /// - Throws: ``PictureRefusal/damaged``, ``PictureRefusal/animated``.
    static func plain(_ original: [UInt8]) throws(PictureRefusal) -> [UInt8] {
        var file = ByteReader(original)
        guard file.takes(Array("RIFF".utf8)) else { throw .damaged }
        // What follows the file is left out with this.
        var reader = ByteReader(Array(try file.take(try file.littleEndian(4))))
        guard reader.takes(Array("WEBP".utf8)) else { throw .damaged }
        var chunks: [UInt8] = []
        chunks.reserveCapacity(original.count)
        var (header, hasProfile, hasPicture): (ArraySlice<UInt8>?, Bool, Bool) = (nil, false, false)
        while reader.left > 0 {
            let type = try reader.take(4)
            let length = try reader.littleEndian(4)
            let content = try reader.take(length)
            // Some writers leave out the last byte that makes it even.
            if length % 2 == 1, reader.left > 0 { _ = try reader.take(1) }
            switch String(decoding: type, as: UTF8.self) {
            case "VP8X":
                guard header == nil, !hasPicture, content.count == 10 else { throw .damaged }
                if content.first! & isAnimated != 0 { throw .animated }
                header = content
            case "ANIM", "ANMF": throw .animated
            case "ICCP":
                hasProfile = true
                append(type, content, to: &chunks)
            case "ALPH": append(type, content, to: &chunks)
            case "VP8 ", "VP8L":
                if hasPicture { throw .damaged }
                hasPicture = true
                append(type, content, to: &chunks)
            default: break
            }
        }
        guard hasPicture else { throw .damaged }
        var body = Array("WEBP".utf8)
        if let header {
            let flags = header.first! & hasAlpha | (hasProfile ? Self.hasProfile : 0)
            append(Array("VP8X".utf8)[...], [flags, 0, 0, 0] + header.dropFirst(4), to: &body)
        }
        body += chunks
        var plain = Array("RIFF".utf8)
        plain.append(littleEndian: body.count, 4)
        return plain + body
    }

    private static func append(_ type: ArraySlice<UInt8>, _ content: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        bytes += type
        bytes.append(littleEndian: content.count, 4)
        bytes += content
        if content.count % 2 == 1 { bytes.append(0) }
    }
}
