/// How a buyer's order is read: by a key that holds its store and its buyer, with what changes on its own beside it.
enum OrderSQL {
    static let id = "d.id = ?3"
    static let legacyID = "d.id = (SELECT order_id FROM order_key WHERE store_id = ?1 AND kind = 'legacy_id' AND key = ?3)"

    /// The versions of order, store and customer; no column of theirs that is long.
    static func version(by key: String) -> String { "SELECT \(versions) \(from) AND \(key)" }

    /// The versions and the three parts themselves.
    static func order(by key: String) -> String { "SELECT \(versions), d.document, s.document, c.document \(from) AND \(key)" }

    private static let versions = "d.version, s.version, c.version"

    private static let from = """
        FROM order_document d JOIN store s ON s.id = d.store_id
        JOIN customer c ON c.store_id = d.store_id AND c.id = d.customer_id
        WHERE d.store_id = ?1 AND d.customer_id = ?2
        """
}
