/// The SQL that reads a buyer's order by a key that includes store and buyer, together with the parts that change independently
/// of it.
enum OrderSQL {
    static let id = "d.id = ?3"
    static let legacyID = "d.id = (SELECT order_id FROM order_key WHERE store_id = ?1 AND kind = 'legacy_id' AND key = ?3)"

    /// The versions of order, store and customer, without any long columns.
    static func version(by key: String) -> String { "SELECT \(versions) \(from) AND \(key)" }

    /// The versions, the three documents and the id.
    static func order(by key: String) -> String {
        "SELECT \(versions), d.document, s.document, c.document, d.id \(from) AND \(key)"
    }

    private static let versions = "d.version, s.version, c.version"

    private static let from = """
        FROM order_document d JOIN store s ON s.id = d.store_id
        JOIN customer c ON c.store_id = d.store_id AND c.id = d.customer_id
        WHERE d.store_id = ?1 AND d.customer_id = ?2
        """
}
