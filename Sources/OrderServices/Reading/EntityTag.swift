package import Orders

/// Everything that an answer's bytes depend on, as an `ETag` (RFC 9110, section 8.8.3): equal tags mean equal bytes.
package struct EntityTag: Hashable, Sendable {
    /// The tag, including its quotes.
    package let text: String

    /// Increase this whenever the same parts are combined in a different way.
    private static let format = 1

    /// The tag of an order: the versions of its three parts and the public URL in its links.
    package init(_ version: OrderVersion, publicURL: PublicURL?) {
        // Created for every answer, so it is written digit by digit: concatenating strings took one thirtieth of a read.
        text = String(unsafeUninitializedCapacity: 64) { buffer in
            var writer = TagWriter(buffer)
            writer.append(UInt8(ascii: "\""))
            writer.append(number: UInt64(Self.format))
            for part in [version.order, version.store, version.customer] {
                writer.append(UInt8(ascii: "-"))
                writer.append(number: UInt64(part))
            }
            if let publicURL {
                writer.append(UInt8(ascii: "-"))
                writer.append(number: Self.short(of: publicURL))
            }
            writer.append(UInt8(ascii: "\""))
            return writer.count
        }
    }

    /// The tag of an order on its merchant's side: its version, and the public URL in its links. It is never one of a buyer's.
    package init(merchantVersion version: Int64, publicURL: PublicURL?) {
        let url = publicURL.map { "-" + String(Self.short(of: $0), radix: 36) } ?? ""
        text = "\"m\(Self.format)-\(String(version, radix: 36))\(url)\""
    }

    /// The tag of a page: everything that its bytes are made from.
    package init(_ outline: PageOutline, size: Int, publicURL: PublicURL?) {
        var digest = Fingerprint()
        digest.combine(UInt64(size))
        for entry in outline.entries {
            digest.combine(entry.id.uuid.high)
            digest.combine(entry.id.uuid.low)
            for version in [entry.version.order, entry.version.store, entry.version.customer] {
                digest.combine(UInt64(bitPattern: version))
            }
        }
        digest.combine((outline.hasNext ? 2 : 0) + (outline.hasPrevious ? 1 : 0))
        text =
            "\"\(Self.format)-\(String(digest.value, radix: 36))\(publicURL.map { "-" + String(Self.short(of: $0), radix: 36) } ?? "")\""
    }

    /// The tag of an order's public view, whose bytes depend on the time too.
    package init(ofPublicView json: [UInt8]) {
        var digest = Fingerprint()
        for byte in json { digest.combine(UInt64(byte)) }
        text = "\"p\(Self.format)-\(String(digest.value, radix: 36))\""
    }

    private static func short(of url: PublicURL) -> UInt64 {
        var digest = Fingerprint()
        for byte in url.text.utf8 { digest.combine(UInt64(byte)) }
        return digest.value & 0xFFFF_FFFF
    }
}

/// Writes a tag into a buffer that is large enough: four numbers have at most 41 digits, and the fifth 7.
private struct TagWriter {
    private let buffer: UnsafeMutableBufferPointer<UInt8>
    private(set) var count = 0

    init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

    mutating func append(_ byte: UInt8) {
        buffer.initializeElement(at: count, to: byte)
        count += 1
    }

    /// Appends a number in base 36.
    mutating func append(number: UInt64) {
        let start = count
        var rest = number
        repeat {
            let digit = UInt8(rest % 36)
            append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            rest /= 36
        } while rest > 0
        var written = UnsafeMutableBufferPointer(rebasing: buffer[start..<count])
        written.reverse()
    }
}
