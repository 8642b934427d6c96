import Foundation

/// Where a page in a browser comes from, as browsers write it (RFC 6454, section 6.2): scheme, host and, unless it is the scheme's own, port.
package struct WebOrigin: Hashable, Sendable {
    package let text: String

    /// `nil` where the text is anything more or anything else: a path, a user, capital letters, another scheme than `http` and `https`.
    package init?(_ text: String) {
        guard text.utf8.count <= 255,
            let match = text.wholeMatch(
                of: /(https?):\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?/)
        else { return nil }
        if let port = match.3 {
            guard let number = Int(port), number <= 65535, number != (match.1 == "https" ? 443 : 80) else { return nil }
        }
        self.text = text
    }
}
