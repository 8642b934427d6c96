/// A table in a form common to all storages, for copying rows from one to another.
package struct StoredTable: Hashable, Sendable {
    package enum Kind: Sendable {
        case text, integer, bytes, orderID
    }

    package struct Column: Hashable, Sendable {
        package let name: String
        package let kind: Kind
    }

    package let name: String
    /// All columns, starting with those of the key.
    package let columns: [Column]
    /// The number of columns in the key, by which rows are ordered; text is compared by its bytes.
    package let keyLength: Int
    /// The index of the column with the order's id, if the table has one.
    package var orderIDColumn: Int? { columns.firstIndex { $0.kind == .orderID } }

    private init(_ name: String, keyLength: Int, _ columns: (String, Kind)...) {
        self.name = name
        self.keyLength = keyLength
        self.columns = columns.map { Column(name: $0.0, kind: $0.1) }
    }

    /// One of the tables.
    package static func named(_ name: String) -> StoredTable { all.first { $0.name == name }! }

    /// All tables, each after those that it references.
    package static let all = [
        StoredTable(
            "store", keyLength: 1, ("id", .text), ("version", .integer), ("document", .bytes), ("merchant_document", .bytes)),
        StoredTable(
            "customer", keyLength: 2, ("store_id", .text), ("id", .integer), ("version", .integer), ("email", .text),
            ("last_updated_at", .integer), ("document", .bytes), ("name", .text), ("phone", .text)),
        StoredTable(
            "customer_order", keyLength: 2, ("store_id", .text), ("id", .orderID), ("customer_id", .integer), ("status", .text),
            ("payment_status", .text), ("created_at", .integer), ("last_updated_at", .integer), ("secret_slug", .text),
            ("document", .bytes)),
        StoredTable(
            "order_document", keyLength: 3, ("store_id", .text), ("customer_id", .integer), ("id", .orderID),
            ("version", .integer), ("document", .bytes)),
        StoredTable("deleted_order", keyLength: 3, ("store_id", .text), ("customer_id", .integer), ("id", .orderID)),
        StoredTable(
            "order_key", keyLength: 3, ("store_id", .text), ("kind", .text), ("key", .text), ("order_id", .orderID)),
        StoredTable("order_link", keyLength: 2, ("store_id", .text), ("secret_slug", .text), ("ends_at", .integer)),
        StoredTable(
            "order_look", keyLength: 3, ("store_id", .text), ("order_id", .orderID), ("hour", .integer), ("looks", .integer)),
        StoredTable(
            "transfer_proof", keyLength: 2, ("store_id", .text), ("key", .text), ("order_id", .orderID), ("content_type", .text),
            ("filename", .text), ("announced_size", .integer), ("announced_at", .integer), ("claimed_until", .integer),
            ("size", .integer), ("expires_at", .integer)),
        StoredTable(
            "order_entry", keyLength: 2, ("store_id", .text), ("id", .orderID), ("status", .text), ("payment_status", .text),
            ("payment_method", .text), ("confirmed_time", .integer), ("shipped_time", .integer), ("completed_time", .integer),
            ("shipment_receipt", .text), ("external_id", .text), ("pg_reference_id", .text), ("gross_revenue", .integer),
            ("customer_id", .integer), ("number", .text)),
        StoredTable(
            "order_facet", keyLength: 4, ("store_id", .text), ("status", .text), ("payment_status", .text),
            ("payment_method", .text)),
        StoredTable(
            "order_event", keyLength: 3, ("store_id", .text), ("order_id", .orderID), ("number", .integer),
            ("position", .integer),
            ("kind", .text), ("version", .integer), ("status_from", .text), ("status_to", .text), ("payment_status_from", .text),
            ("payment_status_to", .text), ("actor", .text), ("at", .integer)),
        StoredTable("event_position", keyLength: 1, ("store_id", .text), ("position", .integer)),
        StoredTable(
            "account", keyLength: 2, ("store_id", .text), ("customer_id", .integer), ("email", .text), ("password_hash", .text),
            ("generation", .integer), ("confirmed_at", .integer), ("last_address", .integer), ("date_of_birth", .text),
            ("sex", .text), ("is_unsubscribed", .integer), ("replaced_email", .text)),
        StoredTable(
            "token_family", keyLength: 2, ("store_id", .text), ("id", .bytes), ("customer_id", .integer),
            ("generation", .integer), ("number", .integer), ("created_at", .integer), ("used_at", .integer),
            ("expires_at", .integer), ("revoked_at", .integer)),
        StoredTable(
            "refresh_token", keyLength: 3, ("store_id", .text), ("family_id", .bytes), ("number", .integer), ("used_at", .integer)
        ),
        StoredTable(
            "revocation", keyLength: 3, ("store_id", .text), ("kind", .text), ("subject", .text), ("generation", .integer),
            ("number", .integer), ("expires_at", .integer)),
        StoredTable(
            "one_time_code", keyLength: 3, ("store_id", .text), ("kind", .text), ("subject", .text), ("customer_id", .integer),
            ("address", .text), ("salt", .bytes), ("digest", .bytes), ("requested_at", .integer), ("expires_at", .integer),
            ("tries", .integer), ("client", .text)),
        StoredTable(
            "mail", keyLength: 2, ("store_id", .text), ("id", .bytes), ("kind", .text), ("subject", .text), ("address", .text),
            ("customer_id", .integer), ("language", .text), ("link_base", .text), ("requested_at", .integer),
            ("attempts", .integer), ("due_at", .integer)),
        StoredTable(
            "storefront_key", keyLength: 2, ("store_id", .text), ("key", .text), ("created_at", .integer),
            ("updated_at", .integer),
            ("expires_at", .integer), ("revoked_at", .integer)),
        StoredTable(
            "allowed_origin", keyLength: 2, ("store_id", .text), ("origin", .text), ("created_at", .integer),
            ("updated_at", .integer),
            ("expires_at", .integer), ("revoked_at", .integer)),
        StoredTable(
            "business_key", keyLength: 2, ("store_id", .text), ("id", .bytes), ("digest", .bytes), ("hint", .text),
            ("scopes", .text), ("created_at", .integer), ("expires_at", .integer), ("revoked_at", .integer)),
        StoredTable(
            "remembered_answer", keyLength: 2, ("store_id", .text), ("key", .text), ("digest", .bytes), ("status", .integer),
            ("headers", .text), ("body", .bytes), ("expires_at", .integer)),
        StoredTable("mirror", keyLength: 1, ("store_id", .text), ("secret", .text), ("enabled_at", .integer)),
        StoredTable("mirror_event", keyLength: 2, ("store_id", .text), ("id", .text), ("received_at", .integer)),
        StoredTable(
            "mirror_order", keyLength: 2, ("store_id", .text), ("number", .text), ("reference", .text), ("document", .bytes),
            ("revision", .integer), ("order_id", .bytes), ("version", .integer), ("pending_since", .integer), ("failure", .text),
            ("failed_at", .integer), ("forgotten_at", .integer), ("seen_at", .integer), ("read_up_to", .integer)),
        StoredTable(
            "mirror_pull", keyLength: 1, ("store_id", .text), ("source", .text), ("started_at", .integer),
            ("finished_at", .integer),
            ("next_page", .text), ("reached", .integer), ("seen", .integer), ("was_read", .integer), ("deleted", .integer)),
        StoredTable(
            "mirror_failure", keyLength: 2, ("store_id", .text), ("id", .bytes), ("received_at", .integer), ("reason", .text),
            ("body", .bytes)),
        StoredTable(
            "webhook_endpoint", keyLength: 2, ("store_id", .text), ("id", .bytes), ("url", .text), ("events", .text),
            ("notice_email", .text), ("secret", .text), ("previous_secret", .text), ("previous_secret_ends_at", .integer),
            ("stop", .text), ("created_at", .integer), ("updated_at", .integer), ("position", .integer),
            ("replay_position", .integer), ("replay_end", .integer), ("last_place", .integer), ("failing_since", .integer),
            ("is_unannounced", .integer),
            ("holder", .bytes), ("beat", .integer)),
        StoredTable(
            "webhook_delivery", keyLength: 2, ("store_id", .text), ("id", .bytes), ("endpoint_id", .bytes),
            ("order_id", .orderID), ("number", .integer), ("event", .text), ("queued_at", .integer), ("status", .text),
            ("attempts", .integer), ("due_at", .integer), ("attempted_at", .integer), ("duration", .integer),
            ("answer_status", .integer), ("answer", .text), ("failure", .text), ("place", .integer)),
        StoredTable(
            "customer_address", keyLength: 3, ("store_id", .text), ("customer_id", .integer), ("id", .integer),
            ("document", .bytes), ("created_at", .integer), ("updated_at", .integer)),
        StoredTable(
            "audit_record", keyLength: 2, ("store_id", .text), ("id", .bytes), ("customer_id", .integer), ("kind", .text),
            ("at", .integer), ("client", .text)),
    ]
}
