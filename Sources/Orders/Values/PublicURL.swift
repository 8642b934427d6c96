import JSON

/// The URL at which buyers reach the service, used for links: `http(s)://` without a trailing slash.
package struct PublicURL: Hashable, Sendable {
    package let text: String
    /// The beginning of a JSON string that starts with the URL.
    let openingQuoteAndText: [UInt8]

    /// `nil` unless the text is an `http(s)://` URL without query and fragment; trailing slashes are dropped.
    package init?(_ text: String) {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard WebURL(text) != nil, text.utf8.allSatisfy({ !#"?#"\<>"#.utf8.contains($0) }) else { return nil }
        self.text = text
        openingQuoteAndText = Array("\"\(text)".utf8)
    }

    /// The address of an order's page, by its secret slug.
    package func link(toOrder slug: String) -> String {
        var writer = JSONWriter()
        writer.append(pathSegment: slug)
        return "\(text)/o/\(String(decoding: writer.bytes, as: UTF8.self))"
    }
}
