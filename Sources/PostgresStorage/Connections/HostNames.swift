import Foundation

/// Resolves host names on a separate thread, because the system's resolver blocks its caller.
enum HostNames {
    /// - Parameter receive: called once, on another thread, with the addresses of each name that has any, and whether all names could be looked up.
    static func lookUp(
        _ names: [String], receive: @escaping @Sendable (_ addresses: [String: [String]], _ isComplete: Bool) -> Void
    ) {
        Thread {
            let found = Set(names).map { ($0, addresses(of: $0)) }
            receive(
                Dictionary(
                    uniqueKeysWithValues: found.compactMap { name, addresses in
                        addresses.flatMap { $0.isEmpty ? nil : (name, $0) }
                    }), found.allSatisfy { $0.1 != nil })
        }.start()
    }

    /// `nil` if no name server answers.
    private static func addresses(of name: String) -> [String]? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var first: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &first)
        guard code == 0 else { return code == EAI_AGAIN ? nil : [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first, next: { $0?.pointee.ai_next }).compactMap { entry in
            guard let entry else { return nil }
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let code = getnameinfo(
                entry.pointee.ai_addr, entry.pointee.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            return code == 0 ? String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
        }
    }
}
