import Orders
import SQLStorage

/// All lookups. A connection prepares each one on first use.
enum ReadStatement: Hashable, Sendable {
    /// A buyer's order in the given partition, or in any if `nil`.
    case order(OrderPartition?)
    /// Only the order's versions.
    case version(OrderPartition?)
    /// When anything of a store was last written.
    case storeChange
    /// The id of a migrated order.
    case legacyID
    /// The ids of many migrated orders.
    case legacyIDs
    case page(Page, withDocuments: Bool)
    /// A statement of the merchants' side, which looks up a few rows by their keys.
    case merchants(String)
    case customers, others, hasCustomer, hasStore, hasAnyStore
    /// Increments the primary's beat; returns the beat and the id of the database.
    case beat
    /// Whether the server is a replica, the beat it has replayed, and the id of its database.
    case replayedBeat

    enum Page: Hashable, Sendable {
        case older, newer
    }

    var sql: String {
        switch self {
        case .order(let partition):
            "SELECT d.version, s.version, c.version, d.document, s.document, c.document, s.changed_at \(Self.from(partition))"
        case .version(let partition): "SELECT d.version, s.version, c.version \(Self.from(partition))"
        case .storeChange: "SELECT changed_at FROM store WHERE id = $1"
        case .legacyID: "SELECT order_id FROM order_key WHERE store_id = $1 AND kind = 'legacy_id' AND key = $2"
        case .legacyIDs: "SELECT key, order_id FROM order_key WHERE store_id = $1 AND kind = 'legacy_id' AND key = ANY ($2)"
        case .page(let page, let withDocuments): Self.page(page, withDocuments: withDocuments)
        case .merchants(let sql): sql
        case .customers: "SELECT id FROM customer WHERE store_id = $1 AND email = $2 ORDER BY id"
        case .others: SharedAddress.others
        case .hasCustomer: "SELECT EXISTS (SELECT 1 FROM customer WHERE store_id = $1 AND id = $2)"
        case .hasStore: "SELECT EXISTS (SELECT 1 FROM store WHERE id = $1)"
        case .hasAnyStore: "SELECT EXISTS (SELECT 1 FROM store)"
        case .beat: "UPDATE installation SET beat = greatest(beat + 1, $1) RETURNING beat, id"
        case .replayedBeat: "SELECT pg_is_in_recovery(), beat, id FROM installation"
        }
    }

    /// Buyer and order form the key. A known partition is named, because a plan for all partitions takes longer to start than the
    /// read itself.
    private static func from(_ partition: OrderPartition?) -> String {
        """
        FROM order_document\(partition.map { "_" + $0.suffix } ?? "") d JOIN store s ON s.id = d.store_id
        JOIN customer c ON c.store_id = d.store_id AND c.id = d.customer_id
        WHERE d.store_id = $1 AND d.customer_id = $2 AND d.id = $3
        """
    }

    /// The first row has the buyer's store and customer, whether there are orders on the other side, and whether other customers have the
    /// buyer's address; the orders follow. It is a single statement, so that everything is from one snapshot.
    private static func page(_ page: Page, withDocuments: Bool) -> String {
        let document = { (name: String) in withDocuments ? name : "NULL::bytea" }
        let buyers = "store_id = $1 AND customer_id = $2"
        let (beyond, otherSide, order) = page == .older ? ("<", ">=", "DESC") : (">", "<=", "ASC")
        return """
            SELECT NULL::uuid, s.version, c.version, \(document("s.document")), \(document("c.document")),
                EXISTS (SELECT 1 FROM order_document WHERE \(buyers) AND id \(otherSide) $3), \(SharedAddress.hasOthers)
            FROM customer c JOIN store s ON s.id = c.store_id WHERE c.store_id = $1 AND c.id = $2
            UNION ALL
            (SELECT id, version, NULL, \(document("document")), NULL, NULL, NULL FROM order_document
            WHERE \(buyers) AND id \(beyond) $3 ORDER BY id \(order) LIMIT $4)
            """
    }
}
