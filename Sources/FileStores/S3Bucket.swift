import Foundation

/// Where an S3-compatible store keeps files, and who may ask it to.
package struct S3Bucket: Sendable {
    /// `scheme://host[:port]`.
    let endpoint: String
    /// The host with its port, as it is signed.
    let host: String
    /// The path of the bucket and of the files in it, with slashes on both ends.
    let path: String
    let signature: SigV4

    /// - Parameters:
    ///   - address: `s3://BUCKET[/PREFIX]`.
    ///   - endpoint: the store's `http(s)://` URL; `nil` for that of AWS in the region.
    /// - Returns: `nil` if the address or the endpoint has another form.
    package init?(_ address: String, endpoint: String?, region: String, accessKey: String, secretKey: String) {
        guard Self.isAddress(address) else { return nil }
        let endpoint = endpoint ?? "https://s3.\(region).amazonaws.com"
        guard Self.isEndpoint(endpoint), let parts = URLComponents(string: endpoint), let host = parts.host else { return nil }
        let isUsual = parts.port == nil || parts.port == (parts.scheme == "https" ? 443 : 80)
        self.host = host + (isUsual ? "" : ":\(parts.port!)")
        self.endpoint = "\(parts.scheme!)://\(self.host)"
        let prefix = parts.path.split(separator: "/") + address.dropFirst(Self.scheme.count).split(separator: "/")
        path = "/" + prefix.joined(separator: "/") + "/"
        signature = SigV4(region: region, accessKey: accessKey, secretKey: secretKey)
    }

    private static let scheme = "s3://"

    /// Whether a text is `s3://BUCKET[/PREFIX]`.
    package static func isAddress(_ text: String) -> Bool {
        text.wholeMatch(of: /s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](\/[A-Za-z0-9._-]+)*\/?/) != nil
            && !text.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }

    /// Whether a text is an `http(s)://` URL without user, query and fragment.
    package static func isEndpoint(_ text: String) -> Bool {
        guard let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty else { return false }
        return ["http", "https"].contains(parts.scheme) && parts.user == nil && parts.password == nil && parts.query == nil
            && parts.fragment == nil
    }
}
