/// The entity tags that a client already has (`If-None-Match`, RFC 9110, section 13.1.2).
package struct IfNoneMatch: Sendable {
    private let field: String

    /// `nil` if the header is missing.
    package init?(_ field: String?) {
        guard let field else { return nil }
        self.field = field
    }

    /// Whether the header lists the tag. Weak tags match too, as the RFC requires for this header.
    package func contains(_ tag: String) -> Bool {
        field.utf8.split(separator: UInt8(ascii: ",")).contains { part in
            let given = part.drop(while: \.isBlank)
            let strong = given.starts(with: "W/".utf8) ? given.dropFirst(2) : given
            let isSame = strong.starts(with: tag.utf8) && strong.dropFirst(tag.utf8.count).allSatisfy(\.isBlank)
            return isSame || strong.elementsEqual("*".utf8)
        }
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == UInt8(ascii: " ") || self == UInt8(ascii: "\t") }
}
