import Foundation
import Synchronization

/// Looks up the addresses of hosts, each on a thread of its own because the system's resolver blocks its caller, and remembers them for a moment.
///
/// All who ask for one host wait for the same answer, so a name server that does not answer holds up nobody else.
final class HostAddresses: Sendable {
    private struct Entry {
        let answer: Task<[[UInt8]], Never>
        let endsAt: ContinuousClock.Instant
    }

    private let entries = Mutex<[String: Entry]>([:])

    private static let kept = Duration.seconds(10)
    private static let capacity = 1000

    /// The addresses of a host, 4 or 16 bytes each; none if it has none or nobody knows.
    func of(_ host: String) async -> [[UInt8]] {
        let answer = entries.withLock { entries in
            if let entry = entries[host], .now < entry.endsAt { return entry.answer }
            if entries.count >= Self.capacity { entries = entries.filter { .now < $0.value.endsAt } }
            let answer = Task { await Self.lookUpOnThread(host) }
            entries[host] = Entry(answer: answer, endsAt: .now + Self.kept)
            return answer
        }
        return await answer.value
    }

    private static func lookUpOnThread(_ host: String) async -> [[UInt8]] {
        await withCheckedContinuation { continuation in
            Thread { continuation.resume(returning: lookUp(host)) }.start()
        }
    }

    private static func lookUp(_ host: String) -> [[UInt8]] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0?.pointee.ai_next }).compactMap { entry in
            guard let entry, let address = entry.pointee.ai_addr else { return nil }
            return switch entry.pointee.ai_family {
            case AF_INET:
                address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { bytes(of: $0.pointee.sin_addr) }
            case AF_INET6:
                address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { bytes(of: $0.pointee.sin6_addr) }
            default: nil
            }
        }
    }

    private static func bytes<Address>(of address: Address) -> [UInt8] { withUnsafeBytes(of: address) { Array($0) } }
}
