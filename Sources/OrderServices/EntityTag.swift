package import Orders

/// What an answer's bytes depend on, as an `ETag` (RFC 9110, section 8.8.3): the same tag means the same bytes.
package struct EntityTag: Hashable, Sendable {
    /// The tag with its quotes.
    package let text: String

    /// To be raised whenever the same parts are put together in another way.
    private static let format = 1

    /// The tag of an order: the versions of its three parts and the public URL in its links.
    package init(_ version: OrderVersion, publicURL: PublicURL?) {
        let versions = [version.order, version.store, version.customer].map { String($0, radix: 36) }
        text = "\"\(Self.format)-\(versions.joined(separator: "-"))\(publicURL.map { "-" + Self.short(of: $0) } ?? "")\""
    }

    /// The tag of a page: all that its bytes are made from.
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
        text = "\"\(Self.format)-\(String(digest.value, radix: 36))\(publicURL.map { "-" + Self.short(of: $0) } ?? "")\""
    }

    private static func short(of url: PublicURL) -> String {
        var digest = Fingerprint()
        for byte in url.text.utf8 { digest.combine(UInt64(byte)) }
        return String(digest.value & 0xFFFF_FFFF, radix: 36)
    }
}
