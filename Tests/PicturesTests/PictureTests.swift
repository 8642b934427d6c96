import Foundation
import Pictures
import TestFixtures
import Testing

@Suite struct `A picture` {
    /// Files of 24 by 16 pixels in which all that may not be kept has this word; the camera's is beside a position.
    private static let secret = Array("GEHEIM".utf8)
    private static let files = ["photo.jpg", "progressive.jpg", "screenshot.png", "photo.webp", "lossless.webp"]

    private static func file(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: Fixture.file("pictures/\(name)")))
    }

    /// Names of what carries a position, a camera, a text or a time.
    private static let metadata = ["GPS", "Kamera", "tEXt", "zTXt", "iTXt", "eXIf", "tIME", "EXIF", "XMP ", "http://"]

    private static func expectNothing(in picture: Picture, _ note: String) {
        #expect(picture.bytes.firstRange(of: secret) == nil, "\(note)")
    }

    @Test(arguments: files)
    func `loses what its file says besides, and none of its pixels`(name: String) throws {
        let original = try Self.file(name)
        let picture = try Picture(original)
        #expect(picture.format == PictureFormat(sniffing: original))
        Self.expectNothing(in: picture, name)
        let hadSecret = original.firstRange(of: Self.secret) != nil
        #expect(hadSecret == (picture.bytes.count < original.count))
        for word in Self.metadata { #expect(picture.bytes.firstRange(of: Array(word.utf8)) == nil, "\(word)") }
        // What was made plain stays as it is.
        #expect(try Picture(picture.bytes).bytes == picture.bytes)
    }

    @Test func `keeps how it is turned`() throws {
        let bytes = try Picture(try Self.file("photo.jpg")).bytes
        let exif = Array("Exif\0\0MM\0*".utf8)
        let start = try #require(bytes.firstRange(of: exif)?.lowerBound)
        // One entry: the tag, a short, 1 of it, 6.
        #expect(Array(bytes[(start + 14)..<(start + 32)]) == [0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0])
        // The two bytes before it say how long the segment is, and that is all there is of Exif.
        #expect(bytes[start - 2] == 0 && bytes[start - 1] == 34)
        #expect(try Picture(try Self.file("progressive.jpg")).bytes.firstRange(of: exif) == nil)
    }

    @Test func `is refused if it has several frames, or too many pixels`() throws {
        for name in ["animated.webp", "animated.png"] {
            #expect(throws: PictureRefusal.animated) { try Picture(try Self.file(name)) }
        }
        #expect(throws: PictureRefusal.tooLarge) { try Picture(try Self.file("bomb.png")) }
        var huge = try Self.file("photo.jpg")
        // The frame's header says 65,500 by 65,500.
        let frame = try #require(huge.firstRange(of: [0xFF, 0xC0])?.lowerBound)
        huge.replaceSubrange((frame + 5)..<(frame + 9), with: [0xFF, 0xDC, 0xFF, 0xDC])
        #expect(throws: PictureRefusal.tooLarge) { try Picture(huge) }
    }

    @Test func `is refused if it is something else`() {
        for text in [
            "", "GIF89a", "<svg xmlns='http://www.w3.org/2000/svg'/>", "RIFF", "RIFF\0\0\0\0WAVE", "%PDF-1.7", "\u{89}PNG",
        ] {
            #expect(throws: PictureRefusal.otherFormat) { try Picture(Array(text.utf8)) }
        }
        for bytes in [[0xFF, 0xD8, 0xFF], [0xFF, 0xD8, 0xFF, 0xD9], [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]] as [[UInt8]]
        {
            #expect(throws: PictureRefusal.damaged) { try Picture(bytes) }
        }
    }

    @Test(arguments: files)
    func `is refused if it is cut off`(name: String) throws {
        let whole = try Picture(try Self.file(name)).bytes
        for length in 0..<whole.count { #expect(throws: PictureRefusal.self) { try Picture(Array(whole.prefix(length))) } }
    }

    /// What somebody makes of a file by hand.
    private static func mutated(_ original: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let position = Int.random(in: 0..<max(1, bytes.count), using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2: bytes.replaceSubrange(position..<min(bytes.count, position + 4), with: [0xFF, 0xFF, 0xFF, 0xFF])
            case 3: bytes.removeSubrange(position..<min(bytes.count, position + Int.random(in: 1...40, using: &generator)))
            case 4: bytes.insert(contentsOf: [0xFF, 0xE1, 0, 10] + secret + [0, 0], at: position)
            default: bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + 20)], at: position)
            }
            if bytes.isEmpty { return [0] }
        }
        return bytes
    }

    @Test(arguments: files + ["animated.webp", "animated.png"])
    func `never brings anything down, whatever its file has become`(name: String) throws {
        var generator = SeededGenerator(seed: 20_261_128)
        let original = try Self.file(name)
        var taken = 0
        for _ in 0..<4000 {
            guard let picture = try? Picture(Self.mutated(original, using: &generator)) else { continue }
            taken += 1
            let again = try Picture(picture.bytes)
            #expect(again.bytes == picture.bytes)
            let names = ["tEXt", "zTXt", "iTXt", "eXIf", "EXIF", "XMP ", "GPS"]
            if picture.format != .jpeg { for word in names { #expect(picture.bytes.firstRange(of: Array(word.utf8)) == nil) } }
        }
        #expect(taken > 0 || name.hasPrefix("animated"))
    }
}
