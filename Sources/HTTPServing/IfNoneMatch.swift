/// The tags of what a client has already (`If-None-Match`, RFC 9110, section 13.1.2).
package struct IfNoneMatch: Sendable {
    private let field: String

    /// `nil` where there is no such header.
    package init?(_ field: String?) {
        guard let field else { return nil }
        self.field = field
    }

    /// Whether the tag is among them; weak tags count, as the RFC asks for this header.
    package func contains(_ tag: String) -> Bool {
        field.split(separator: ",").contains { part in
            let given = part.trimmingPrefix { $0 == " " || $0 == "\t" }
            let strong = given.hasPrefix("W/") ? given.dropFirst(2) : given
            return strong.prefix(tag.count) == tag && strong.dropFirst(tag.count).allSatisfy { $0 == " " || $0 == "\t" }
                || strong == "*"
        }
    }
}
