/// The entity tags that a client already has (`If-None-Match`, RFC 9110, section 13.1.2).
package struct IfNoneMatch: Sendable {
    private let field: String

    /// `nil` if the header is missing.
    package init?(_ field: String?) {
        guard let field else { return nil }
        self.field = field
    }

    /// Whether the header lists the tag. Weak tags match too, as the RFC requires for this header, and so does a tag to which Apache has
    /// added that it compressed the body (`"...-gzip"`, mod_deflate's `DeflateAlterETag`).
    package func contains(_ tag: String) -> Bool {
        field.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            let given = part.drop(while: \.isBlank)
            let strong = given.starts(with: "W/".utf8) ? given.dropFirst(2) : given
            let isSame = strong.starts(with: tag.utf8) && strong.dropFirst(tag.utf8.count).allSatisfy(\.isBlank)
            return isSame || Self.isCompressed(strong, tag) || strong.elementsEqual("*".utf8)
        }
    }

    private static func isCompressed(_ given: Substring.UTF8View.SubSequence, _ tag: String) -> Bool {
        let unquoted = tag.utf8.dropLast()
        guard tag.utf8.last == UInt8(ascii: "\""), given.starts(with: unquoted) else { return false }
        let rest = given.dropFirst(unquoted.count)
        return ["-gzip\"", "-br\"", "-zstd\"", ";gzip\"", ";br\""].contains { suffix in
            rest.starts(with: suffix.utf8) && rest.dropFirst(suffix.utf8.count).allSatisfy(\.isBlank)
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
