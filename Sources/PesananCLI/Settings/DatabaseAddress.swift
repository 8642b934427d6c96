import PostgresStorage

/// Where the database is.
enum DatabaseAddress: Sendable {
    /// A file, by its path.
    case sqlite(path: String)
    case postgres(PostgresAddress)

    static let forms = "postgres://USER@HOST/NAME or sqlite:PATH"

    /// Reads `postgres://...`, as libpq understands it, and `sqlite:PATH`; `nil` for anything else.
    init?(_ text: String) {
        if text.hasPrefix("sqlite:") {
            let path = text.dropFirst("sqlite:".count)
            guard !path.isEmpty else { return nil }
            self = .sqlite(path: String(path))
        } else {
            guard let address = Self.postgres(text) else { return nil }
            self = .postgres(address)
        }
    }

    /// Reads addresses of PostgreSQL servers with commas between them; `nil` where one of them is none.
    ///
    /// An address may hold commas of its own, between hosts.
    static func replicas(_ text: String) -> [PostgresAddress]? {
        let parts = text.split(separator: /,(?=postgres(ql)?:\/\/)/, omittingEmptySubsequences: false)
        let addresses = parts.compactMap { postgres(String($0)) }
        return addresses.count == parts.count ? addresses : nil
    }

    private static func postgres(_ text: String) -> PostgresAddress? {
        guard text.hasPrefix("postgres://") || text.hasPrefix("postgresql://") else { return nil }
        return PostgresAddress(text)
    }
}
