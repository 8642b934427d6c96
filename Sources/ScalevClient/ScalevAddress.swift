import Foundation

/// Where the API of the other side is: the URL in front of `/v3/orders`.
package struct ScalevAddress: Sendable {
    /// Without a slash at the end.
    package let text: String

    /// `nil` unless it is an `https` URL without user, query and fragment, or such an `http` URL of this machine: the key must not be readable on
    /// its way.
    package init?(_ text: String) {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty, parts.user == nil,
            parts.password == nil, parts.query == nil, parts.fragment == nil
        else { return nil }
        let isHere = ["localhost", "127.0.0.1", "[::1]", "::1"].contains(host)
        guard parts.scheme == "https" || parts.scheme == "http" && isHere else { return nil }
        let address = text.hasSuffix("/") ? text.dropLast() : text[...]
        self.text = String(address.hasSuffix("/v3") ? address.dropLast(3) : address)
    }
}
