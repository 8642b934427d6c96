import PostgresStorage

/// The location of the database.
enum DatabaseAddress: Sendable {
    /// The path of a file.
    case sqlite(path: String)
    case postgres(PostgresAddress)

    static let forms = "postgres://USER@HOST/NAME or sqlite:PATH"

    /// Parses `postgres://...`, as libpq understands it, or `sqlite:PATH`; `nil` for anything else.
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

    /// Parses a comma-separated list of PostgreSQL addresses; `nil` if any of them is invalid.
    ///
    /// An address may itself contain commas, between hosts.
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
