import Crypto
import Foundation
import JSON
package import Orders

/// Signs URLs for S3 with the Signature Version 4 of AWS, in their query: who has such a URL may do this one thing for a while.
///
/// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
package struct SigV4: Sendable {
    private let region: String
    private let accessKey: String
    private let secretKey: String

    package init(region: String, accessKey: String, secretKey: String) {
        self.region = region
        self.accessKey = accessKey
        self.secretKey = secretKey
    }

    /// - Parameters:
    ///   - host: with the port, unless it is that of the scheme.
    ///   - path: of segments that are not escaped yet.
    ///   - lifetime: in seconds.
    /// - Returns: the path and the query.
    package func signed(_ method: String, host: String, path: String, lifetime: Int64, at time: Timestamp) -> String {
        let (day, moment) = Self.stamps(time)
        let scope = "\(day)/\(region)/s3/aws4_request"
        let query = [
            ("X-Amz-Algorithm", "AWS4-HMAC-SHA256"), ("X-Amz-Credential", "\(accessKey)/\(scope)"), ("X-Amz-Date", moment),
            ("X-Amz-Expires", String(lifetime)), ("X-Amz-SignedHeaders", "host"),
        ].map { "\($0)=\(Self.escaped($1, except: ""))" }.joined(separator: "&")
        let path = Self.escaped(path, except: "/")
        let request = [method, path, query, "host:\(host)", "", "host", "UNSIGNED-PAYLOAD"].joined(separator: "\n")
        let digest = Hexadecimal.text(SHA256.hash(data: Data(request.utf8)))
        let text = ["AWS4-HMAC-SHA256", moment, scope, digest].joined(separator: "\n")
        let key = [day, region, "s3", "aws4_request"].reduce(Data("AWS4\(secretKey)".utf8)) { Self.hmac($1, $0) }
        return "\(path)?\(query)&X-Amz-Signature=\(Hexadecimal.text(Self.hmac(text, key)))"
    }

    private static func hmac(_ text: String, _ key: Data) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data(text.utf8), using: SymmetricKey(data: key)))
    }

    /// `20130524` and `20130524T000000Z`.
    private static func stamps(_ time: Timestamp) -> (day: String, moment: String) {
        // RFC 3339 without its separators and fractions.
        let plain = time.description.filter { $0 != "-" && $0 != ":" }
        let (day, rest) = (plain.prefix(8), plain.dropFirst(9).prefix(6))
        return (String(day), "\(day)T\(rest)Z")
    }

    /// Percent-encoded but for what RFC 3986 calls unreserved, and some more.
    private static func escaped(_ text: String, except more: String) -> String {
        var allowed = CharacterSet(charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
        allowed.insert(charactersIn: more)
        return text.addingPercentEncoding(withAllowedCharacters: allowed)!
    }
}
