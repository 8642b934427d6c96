import CPictures

/// A picture that decodes, without what its file says besides: where, when and with what it was taken, by whom, and what follows its end.
package struct Picture: Sendable {
    package let format: PictureFormat
    /// The file. The pixels are those of the original: they are not encoded again.
    package let bytes: [UInt8]

    /// The maximum width and height.
    package static let maximumSide = 16_384
    /// 50 million.
    package static let maximumPixels = 50_000_000
    /// What decoding may allocate, in bytes.
    private static let maximumMemory = 128 << 20

    /// Makes a picture of a file that somebody has sent.
    /// - Throws: ``PictureRefusal``.
    package init(_ original: [UInt8]) throws(PictureRefusal) {
        guard let format = PictureFormat(sniffing: original) else { throw .otherFormat }
        self.format = format
        // What is kept is what is decoded: so that is what decodes.
        bytes =
            switch format {
            case .jpeg: try JPEGFile.plain(original)
            case .png: try PNGFile.plain(original)
            case .webp: try WebPFile.plain(original)
            }
        let limits = cpictures_limits(
            side: UInt32(Self.maximumSide), pixels: UInt64(Self.maximumPixels), memory: UInt64(Self.maximumMemory))
        let outcome =
            switch format {
            case .jpeg: cpictures_decode_jpeg(bytes, bytes.count, limits)
            case .png: cpictures_decode_png(bytes, bytes.count, limits)
            case .webp: cpictures_decode_webp(bytes, bytes.count, limits)
            }
        switch outcome {
        case CPICTURES_DECODED: break
        case CPICTURES_TOO_LARGE: throw .tooLarge
        case CPICTURES_ANIMATED: throw .animated
        default: throw .damaged
        }
    }
}

/// Why a file is not taken as a picture.
package enum PictureRefusal: Error {
    /// It is no JPEG, PNG or WebP file.
    case otherFormat
    /// It is cut off, or not what it says it is.
    case damaged
    /// It has too many pixels, or decoding it takes too much memory.
    case tooLarge
    /// It has several frames.
    case animated
}
