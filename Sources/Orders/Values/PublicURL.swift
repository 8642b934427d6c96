/// Where buyers reach the service, for the links that go out to them: `http(s)://` with no slash at the end.
package struct PublicURL: Hashable, Sendable {
    package let text: String
    /// The beginning of a JSON string that goes on after the URL.
    let openingQuoteAndText: [UInt8]

    /// `nil` unless the text is an `http(s)://` address without query and fragment; slashes at the end are left out.
    package init?(_ text: String) {
        var text = text
        while text.hasSuffix("/") { text.removeLast() }
        guard WebURL(text) != nil, text.utf8.allSatisfy({ !#"?#"\<>"#.utf8.contains($0) }) else { return nil }
        self.text = text
        openingQuoteAndText = Array("\"\(text)".utf8)
    }
}
