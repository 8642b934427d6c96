import Foundation

/// To which addresses webhooks may be sent. The raw values are those of the setting.
package enum WebhookTargets: String, CaseIterable, Sendable {
    /// `https` and the public internet alone.
    case `public`
    /// Also `http`, and the machine and its network.
    case any

    private static let maximumLength = 2000

    /// The host of an endpoint's URL.
    /// - Throws: ``Refusal`` of the field `url` if nothing may be sent to it; of a host's name only its addresses tell that.
    package func host(of url: String) throws(Refusal) -> String {
        func refuse(_ reason: String) -> Refusal { Refusal("url", reason) }
        guard url.utf8.count <= Self.maximumLength, WebURL(url)?.text == url, let parts = URLComponents(string: url),
            let host = parts.host, !host.isEmpty
        else { throw refuse("is no https:// URL of at most \(Self.maximumLength) characters") }
        guard parts.user == nil, parts.password == nil else { throw refuse("must have no user and password: it is signed") }
        guard parts.fragment == nil else { throw refuse("must have no fragment (#)") }
        guard parts.port.map({ (1...65535).contains($0) }) ?? true else { throw refuse("has no valid port") }
        let name = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        guard self == .public else { return name }
        guard parts.scheme == "https" else { throw refuse("must begin with https://") }
        if PublicAddress.bytes(name).map({ !PublicAddress.contains($0) }) ?? (name.lowercased() == "localhost") {
            throw refuse("is not an address of the public internet")
        }
        return name
    }
}
