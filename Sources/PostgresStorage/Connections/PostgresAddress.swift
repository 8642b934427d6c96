import CPostgres
import Foundation

/// The address of a PostgreSQL database: a connection URI or string in libpq's format
/// (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING), including TLS settings.
package struct PostgresAddress: Hashable, Sendable {
    /// The parameters, by libpq keyword. They may include a password: never show them.
    private let parameters: [String: String]

    /// `nil` if libpq can't parse the text, if there is neither exactly one port nor one port per host, or if a service
    /// determines the host: libpq would resolve it and block the thread.
    package init?(_ text: String) {
        var message: UnsafeMutablePointer<CChar>?
        defer { PQfreemem(message) }
        guard let options = PQconninfoParse(text, &message) else { return nil }
        defer { PQconninfoFree(options) }
        parameters = Self.values(of: options)
        let isServiceAsked =
            ProcessInfo.processInfo.environment["PGSERVICE"] != nil && hosts.isEmpty && parameters["hostaddr"] == nil
        guard parameters["service"] == nil, !isServiceAsked else { return nil }
        let ports = list("port")?.count ?? 1
        guard ports == 1 || ports == (list("host") ?? list("hostaddr") ?? []).count else { return nil }
    }

    /// The purpose of a connection, which determines its settings.
    enum Use {
        /// Key lookups: fast, and always by an index.
        case reading
        /// Imports, migrations, copies.
        case writing

        fileprivate var settings: [(name: String, value: String)] {
            // All queries use keys. A plan made while the tables were empty would keep using sequential scans once they are not.
            let byKeys = ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan", "jit"].map { ($0, "off") }
            return byKeys + limits
        }

        private var limits: [(name: String, value: String)] {
            switch self {
            case .reading:
                [("statement_timeout", "4s"), ("lock_timeout", "2s"), ("plan_cache_mode", "force_generic_plan")]
            case .writing:
                [("statement_timeout", "120s"), ("lock_timeout", "10s"), ("idle_in_transaction_session_timeout", "300s")]
            }
        }
    }

    /// The time limit for connecting.
    var connectTimeout: Duration { .seconds(parameters["connect_timeout"].flatMap { Int($0) }.map { max(2, $0) } ?? 3) }

    /// The host names to resolve in advance, because libpq would block the thread while it resolves them.
    var hostNames: [String] {
        guard parameters["hostaddr"] == nil else { return [] }
        return hosts.filter { !$0.isEmpty && !$0.hasPrefix("/") && !$0.hasPrefix("@") }
    }

    private var hosts: [String] { list("host") ?? ProcessInfo.processInfo.environment["PGHOST"].map(Self.split) ?? [] }

    /// The keywords for libpq; `nil` if none of the hosts has an address.
    /// - Parameters:
    ///   - addresses: the addresses of the host names, as text.
    ///   - attempt: the number of earlier attempts. Each attempt starts with another one of several hosts, so that an
    ///     unresponsive host does not keep the others from being tried.
    ///   - isPrimary: whether the server must accept writes.
    func keywords(_ use: Use, isPrimary: Bool, addresses: [String: [String]], attempt: Int) -> [String: String]? {
        var keywords = parameters
        let settings = use.settings.map { "-c \($0.name)=\($0.value)" } + ["-c search_path=\(PostgresSchema.name)"]
        keywords["options"] = (settings + [parameters["options"] ?? ""]).joined(separator: " ")
        keywords["client_encoding"] = "UTF8"
        let defaults = [
            "fallback_application_name": "pesanan", "gssencmode": "disable", "tcp_user_timeout": "5000",
            "keepalives_idle": "30", "target_session_attrs": isPrimary ? "read-write" : "any",
        ]
        keywords.merge(defaults) { given, _ in given }
        guard parameters["hostaddr"] == nil, !hosts.isEmpty else { return keywords }
        let ports = list("port") ?? ProcessInfo.processInfo.environment["PGPORT"].map(Self.split) ?? [""]
        let names = hostNames
        var targets = hosts.enumerated().flatMap { position, host in
            (names.contains(host) ? addresses[host] ?? [] : [""]).map {
                (host, $0, ports.count == hosts.count ? ports[position] : ports[0])
            }
        }
        guard !targets.isEmpty else { return nil }
        let turn = attempt % targets.count
        targets = Array(targets[turn...] + targets[..<turn])
        keywords["host"] = targets.map(\.0).joined(separator: ",")
        keywords["hostaddr"] = targets.map(\.1).joined(separator: ",")
        keywords["port"] = targets.map(\.2).joined(separator: ",")
        return keywords
    }

    private func list(_ name: String) -> [String]? { parameters[name].map(Self.split) }

    private static func split(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }

    private static func values(of options: UnsafeMutablePointer<PQconninfoOption>) -> [String: String] {
        var values: [String: String] = [:]
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { values[String(cString: keyword)] = String(cString: value) }
            option += 1
        }
        return values
    }
}
