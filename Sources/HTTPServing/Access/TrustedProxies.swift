import Foundation
import HTTPTypes
package import Hummingbird
import NIOCore
import NIOHTTP1

/// The reverse proxies that are trusted to state a client's IP address (`X-Forwarded-For`).
package struct TrustedProxies: Sendable {
    private let networks: [Network]

    /// No proxy is trusted.
    package static let none = TrustedProxies(networks: [])

    private init(networks: [Network]) { self.networks = networks }

    /// Parses a comma-separated list of IP addresses and networks (`10.0.0.0/8`); `nil` if any of them is invalid.
    package init?(_ text: String) {
        let parts = text.split(separator: ",").map { $0.filter { !$0.isWhitespace } }
        let networks = parts.compactMap { Network($0) }
        guard networks.count == parts.count else { return nil }
        self.networks = networks
    }

    /// The client's IP address: that of the connection or, if that is a trusted proxy, the last forwarded address that is not
    /// itself a trusted proxy's.
    ///
    /// IPv6 addresses are truncated to their /64 network, which providers assign to a single customer. `nil` if the address is
    /// unknown.
    package func client(of request: Request, _ context: ServingContext) -> String? {
        client(at: context.channel.remoteAddress, forwardedBy: request.headers[values: .xForwardedFor])
    }

    /// The same of a request on the direct lane.
    package func client(of request: DirectRequest) -> String? {
        client(at: request.remoteAddress, forwardedBy: request.head.headers["X-Forwarded-For"])
    }

    private func client(at remote: SocketAddress?, forwardedBy fields: [String]) -> String? {
        guard var address = remote?.ipAddress.flatMap({ IPAddress($0) }) else { return nil }
        var forwarded = fields.flatMap { $0.split(separator: ",") }
        while networks.contains(where: { $0.contains(address) }), let last = forwarded.popLast() {
            guard let next = IPAddress(forwarded: last.filter { $0 != " " }) else { break }
            address = next
        }
        return address.network
    }
}

/// An IP address as its 4 or 16 bytes.
struct IPAddress: Equatable {
    let bytes: [UInt8]

    /// Parses an address; an IPv4-mapped IPv6 address becomes an IPv4 address. `nil` for anything else.
    init?(_ text: String) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.bytes = Array(bytes.prefix(4))
        } else {
            guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            self.bytes = isMapped ? Array(bytes.suffix(4)) : bytes
        }
    }

    /// Parses an address as proxies write it, some of them with a port.
    init?(forwarded text: String) {
        if let address = IPAddress(text) {
            self = address
        } else {
            guard let match = text.wholeMatch(of: /\[(.+)\](?::\d+)?|([^:]+):\d+/) else { return nil }
            self.init(String(match.1 ?? match.2 ?? ""))
        }
    }

    /// The IPv4 address, or the /64 network of the IPv6 address.
    var network: String {
        if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
        let groups = stride(from: 0, to: 8, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }
        return groups.joined(separator: ":") + "::/64"
    }
}

private struct Network {
    private let address: IPAddress
    private let bits: Int

    init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = IPAddress(String(parts[0])) else { return nil }
        self.address = address
        let all = address.bytes.count * 8
        guard parts.count == 2 else {
            bits = all
            return
        }
        guard let bits = Int(parts[1]), (0...all).contains(bits) else { return nil }
        self.bits = bits
    }

    func contains(_ other: IPAddress) -> Bool {
        guard other.bytes.count == address.bytes.count else { return false }
        return other.bytes.indices.allSatisfy { position in
            let kept = min(8, max(0, bits - position * 8))
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> kept)
            return other.bytes[position] & mask == address.bytes[position] & mask
        }
    }
}

extension HTTPField.Name {
    fileprivate static let xForwardedFor = HTTPField.Name("X-Forwarded-For")!
}
