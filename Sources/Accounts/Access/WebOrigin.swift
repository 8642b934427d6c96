import Foundation

/// The origin of a web page, as serialized by browsers (RFC 6454, section 6.2): scheme, host and, unless it is the default, port.
package struct WebOrigin: Hashable, Sendable {
    package let text: String

    /// `nil` for anything else, such as a path, a user, upper-case letters, or another scheme than `http`, `https` and those of apps that
    /// show pages of their own (`capacitor://localhost`, `ionic://localhost`).
    package init?(_ text: String) {
        guard text.utf8.count <= 255,
            let match = text.wholeMatch(
                of: /(https?|capacitor|ionic):\/\/([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::([1-9][0-9]{0,4}))?/)
        else { return nil }
        if let port = match.3 {
            guard let number = Int(port), number <= 65535, number != Self.defaultPorts[String(match.1)] else { return nil }
        }
        self.text = text
    }

    private static let defaultPorts = ["http": 80, "https": 443]
}
