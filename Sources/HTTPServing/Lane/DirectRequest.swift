import NIOCore
import NIOHTTP1

/// A GET or HEAD request that may have a direct answer, with the header fields that such answers depend on.
///
/// The fields are collected in a single pass, because every lookup by name would scan all of them.
package final class DirectRequest: Sendable {
    let head: HTTPRequestHead
    /// The value of the field; `nil` if it is missing or repeated.
    package let authorization, origin: String?
    /// The values of the field, joined with commas.
    package let ifNoneMatch: String?
    /// Where the connection comes from.
    let remoteAddress: SocketAddress?
    /// The first value of `X-Request-Id`.
    let requestID: String?

    /// `nil` for requests that must go through the router: other methods and versions, no host or more than one (which
    /// ``ConnectionGuard`` rejects), a connection that is not kept alive, or a header that is too large.
    init?(_ head: HTTPRequestHead, from remoteAddress: SocketAddress? = nil) {
        guard head.method == .GET || head.method == .HEAD, head.version == .http1_1 else { return nil }
        guard head.headers.count <= ConnectionLimits.headerFields else { return nil }
        var size = 0
        var authorization: String?
        var origin: String?
        var ifNoneMatch: String?
        var requestID: String?
        var (hosts, authorizations, origins) = (0, 0, 0)
        for (name, value) in head.headers {
            size += name.utf8.count + value.utf8.count
            switch name.utf8.count {
            case 4 where name.isField("host"):
                hosts += 1
            case 6 where name.isField("origin"):
                origin = value
                origins += 1
            case 10 where name.isField("connection"):
                guard value.isField("keep-alive") else { return nil }
            case 12 where name.isField("x-request-id"):
                requestID = requestID ?? value
            case 13 where name.isField("authorization"):
                authorization = value
                authorizations += 1
            case 13 where name.isField("if-none-match"):
                ifNoneMatch = ifNoneMatch.map { $0 + ", " + value } ?? value
            default: break
            }
        }
        guard hosts == 1, size <= ConnectionLimits.headerBytes else { return nil }
        self.head = head
        self.remoteAddress = remoteAddress
        self.authorization = authorizations > 1 ? nil : authorization
        self.origin = origins > 1 ? nil : origin
        self.ifNoneMatch = ifNoneMatch
        self.requestID = requestID
    }

    /// The path as it was sent, including any query.
    package var target: String { head.uri }

    /// The values of a field, joined with commas; `nil` if it is missing. It reads all fields.
    package func value(_ name: String) -> String? {
        let values = head.headers[name]
        return values.isEmpty ? nil : values.joined(separator: ", ")
    }

    /// Whether the answer is sent without its body.
    package var isHead: Bool { head.method == .HEAD }
}

extension String {
    /// Whether this equals a field name, ignoring case.
    /// - Parameter name: lower-case letters and hyphens.
    fileprivate func isField(_ name: StaticString) -> Bool {
        guard utf8.count == name.utf8CodeUnitCount else { return false }
        var position = name.utf8Start
        for byte in utf8 {
            // Of the bytes allowed in field names, only letters map to letters this way, and only the hyphen to itself.
            guard byte | 0x20 == position.pointee else { return false }
            position += 1
        }
        return true
    }
}
