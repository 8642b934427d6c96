/// The chunks of a PNG file (https://www.w3.org/TR/png-3/).
enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    /// What a picture is made of, and what changes how it looks.
    private static let kept: Set = [
        "IHDR", "PLTE", "IDAT", "IEND", "gAMA", "cHRM", "sRGB", "iCCP", "tRNS", "sBIT", "pHYs", "bKGD",
    ]

    /// The file with these chunks only.
    /// - Throws: ``PictureRefusal/damaged``, ``PictureRefusal/animated``.
    static func plain(_ original: [UInt8]) throws(PictureRefusal) -> [UInt8] {
        var reader = ByteReader(original)
        guard reader.takes(signature) else { throw .damaged }
        var plain = signature
        plain.reserveCapacity(original.count)
        while true {
            let length = try reader.bigEndian(4)
            let type = try reader.take(4)
            let rest = try reader.take(length + 4)
            let name = String(decoding: type, as: UTF8.self)
            if name == "acTL" { throw .animated }
            if kept.contains(name) {
                plain.append(bigEndian: length, 4)
                plain += type
                plain += rest
            } else if type.first! & 0x20 == 0 {
                // A capital letter says that nobody can show it who does not know this chunk.
                throw .damaged
            }
            if name == "IEND" { return plain }
        }
    }
}
