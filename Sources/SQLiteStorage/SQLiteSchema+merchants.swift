extension SQLiteSchema {
    /// What merchants find, list and change their orders by.
    static let merchantsSide = """
        ALTER TABLE order_key RENAME TO order_key_before;
        CREATE TABLE order_key (
            store_id TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('secret_slug', 'legacy_id', 'order_id')),
            key TEXT NOT NULL,
            order_id BLOB NOT NULL,
            PRIMARY KEY (store_id, kind, key)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO order_key SELECT store_id, kind, key, order_id FROM order_key_before;
        DROP TABLE order_key_before;

        -- A line of the merchant's list. Narrow, unlike the order itself, so that going through it is quick.
        CREATE TABLE order_entry (
            store_id TEXT NOT NULL,
            id BLOB NOT NULL,
            status TEXT NOT NULL,
            payment_status TEXT NOT NULL,
            payment_method TEXT NOT NULL,
            confirmed_time INTEGER,
            shipped_time INTEGER,
            completed_time INTEGER,
            shipment_receipt TEXT,
            external_id TEXT,
            pg_reference_id TEXT,
            gross_revenue INTEGER,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE order_facet (
            store_id TEXT NOT NULL,
            status TEXT NOT NULL,
            payment_status TEXT NOT NULL,
            payment_method TEXT NOT NULL,
            PRIMARY KEY (store_id, status, payment_status, payment_method)
        ) STRICT, WITHOUT ROWID;

        CREATE TEMP VIEW old_order AS
        SELECT store_id, id, status, coalesce(payment_status, '') AS payment_status,
            CASE WHEN json_valid(json) THEN json ELSE '{}' END AS json
        FROM (
            SELECT store_id, id, status, payment_status, CAST(
                CASE WHEN substr(document, -17, 1) = x'05' THEN substr(document, 1, length(document) - 17) ELSE document END
                AS TEXT) AS json
            FROM customer_order);
        INSERT INTO order_entry
        SELECT store_id, id, status, payment_status, coalesce(lower(trim(json ->> 'payment_method')), ''),
            unixepoch(json ->> 'confirmed_time') * 1000000, unixepoch(json ->> 'shipped_time') * 1000000,
            unixepoch(json ->> 'completed_time') * 1000000,
            nullif(lower(trim(json ->> 'shipment_receipt')), ''), nullif(lower(trim(json ->> 'external_id')), ''),
            nullif(lower(trim(json ->> 'pg_reference_id')), ''), CAST(round(json ->> 'gross_revenue' * 100) AS INTEGER)
        FROM old_order;
        INSERT INTO order_facet SELECT DISTINCT store_id, status, payment_status, payment_method FROM order_entry;
        INSERT OR IGNORE INTO order_key
        SELECT store_id, 'order_id', CAST(json ->> 'order_id' AS TEXT), id FROM old_order
        WHERE coalesce(json ->> 'order_id', '') <> '' ORDER BY id;
        DROP VIEW old_order;

        CREATE INDEX order_entry_facet ON order_entry (store_id, status, payment_status, payment_method, id);
        CREATE INDEX order_entry_confirmed ON order_entry (store_id, confirmed_time) WHERE confirmed_time IS NOT NULL;
        CREATE INDEX order_entry_shipped ON order_entry (store_id, shipped_time) WHERE shipped_time IS NOT NULL;
        CREATE INDEX order_entry_completed ON order_entry (store_id, completed_time) WHERE completed_time IS NOT NULL;
        CREATE INDEX order_entry_receipt ON order_entry (store_id, shipment_receipt) WHERE shipment_receipt IS NOT NULL;
        CREATE INDEX order_entry_external ON order_entry (store_id, external_id) WHERE external_id IS NOT NULL;
        CREATE INDEX order_entry_reference ON order_entry (store_id, pg_reference_id) WHERE pg_reference_id IS NOT NULL;
        CREATE INDEX order_entry_revenue ON order_entry (store_id, gross_revenue) WHERE gross_revenue IS NOT NULL;

        ALTER TABLE customer ADD COLUMN name TEXT;
        ALTER TABLE customer ADD COLUMN phone TEXT;
        UPDATE customer SET (name, phone) = (
            SELECT nullif(lower(trim(json ->> 'name')), ''), nullif(
                CASE WHEN digits GLOB '0*' THEN '62' || substr(digits, 2) ELSE digits END, '')
            FROM (
                SELECT json, replace(replace(replace(replace(replace(replace(
                    coalesce(json ->> 'phone', ''), '+', ''), ' ', ''), '-', ''), '(', ''), ')', ''), '.', '') AS digits
                FROM (
                    SELECT CASE WHEN json_valid(text) THEN text ELSE '{}' END AS json
                    FROM (
                        SELECT CAST(CASE WHEN substr(document, -17, 1) = x'05' THEN substr(document, 1, length(document) - 17)
                            ELSE document END AS TEXT) AS text))));
        CREATE INDEX customer_name ON customer (store_id, name) WHERE name IS NOT NULL;
        CREATE INDEX customer_phone ON customer (store_id, phone) WHERE phone IS NOT NULL;

        -- Answers to requests, given again when the same request comes again.
        CREATE TABLE remembered_answer (
            store_id TEXT NOT NULL REFERENCES store (id),
            key TEXT NOT NULL,
            digest BLOB NOT NULL,
            status INTEGER NOT NULL,
            headers TEXT NOT NULL,
            body BLOB NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, key)
        ) STRICT;
        CREATE INDEX remembered_answer_expiry ON remembered_answer (expires_at);
        """

    static let mirror = """
        CREATE TABLE mirror (
            store_id TEXT PRIMARY KEY REFERENCES store (id),
            secret TEXT NOT NULL,
            enabled_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- The events that have come, so that each is taken once.
        CREATE TABLE mirror_event (
            store_id TEXT NOT NULL REFERENCES store (id),
            id TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mirror_event_age ON mirror_event (received_at);
        -- What the other side has said of each order, whether or not it could be made yet.
        CREATE TABLE mirror_order (
            store_id TEXT NOT NULL REFERENCES store (id),
            number TEXT NOT NULL,
            reference TEXT,
            document BLOB NOT NULL,
            revision INTEGER NOT NULL,
            order_id BLOB,
            version INTEGER,
            pending_since INTEGER,
            failure TEXT,
            failed_at INTEGER,
            PRIMARY KEY (store_id, number)
        ) STRICT;
        CREATE INDEX mirror_order_reference ON mirror_order (store_id, reference) WHERE reference IS NOT NULL;
        CREATE INDEX mirror_order_pending ON mirror_order (pending_since) WHERE pending_since IS NOT NULL;
        CREATE INDEX mirror_order_failed ON mirror_order (store_id, failed_at) WHERE failure IS NOT NULL;
        -- Webhooks that can't be used.
        CREATE TABLE mirror_failure (
            store_id TEXT NOT NULL REFERENCES store (id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            received_at INTEGER NOT NULL,
            reason TEXT NOT NULL,
            body BLOB NOT NULL,
            PRIMARY KEY (store_id, id)
        ) STRICT;
        """

    /// What somebody who asks for their data, or for its erasure, is found by although no buyer sees it.
    static let deletedOrders = """
        CREATE TABLE deleted_order (
            store_id TEXT NOT NULL,
            customer_id INTEGER NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            PRIMARY KEY (store_id, customer_id, id)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO deleted_order
        SELECT store_id, customer_id, id FROM customer_order o
        WHERE NOT EXISTS (
            SELECT 1 FROM order_document d WHERE d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id);
        CREATE INDEX mirror_order_order ON mirror_order (store_id, order_id);
        -- When its customer was forgotten: what comes of it from then on is not kept.
        ALTER TABLE mirror_order ADD COLUMN forgotten_at INTEGER;
        """

    static let pulls = """
        -- How far the last walk through the other side's orders is.
        CREATE TABLE mirror_pull (
            store_id TEXT PRIMARY KEY REFERENCES store (id),
            source TEXT NOT NULL,
            started_at INTEGER NOT NULL,
            finished_at INTEGER,
            next_page TEXT,
            reached INTEGER,
            seen INTEGER NOT NULL,
            was_read INTEGER NOT NULL,
            deleted INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        -- The start of the last walk that has seen it, and the last_updated_at with which it was read.
        ALTER TABLE mirror_order ADD COLUMN seen_at INTEGER;
        ALTER TABLE mirror_order ADD COLUMN read_up_to INTEGER;
        """

    /// What orders are searched for by, so that a search which many of them meet can also be asked of the newest ones.
    static let broadSearches = """
        ALTER TABLE order_entry ADD COLUMN customer_id INTEGER;
        ALTER TABLE order_entry ADD COLUMN number TEXT;
        UPDATE order_entry SET customer_id = (
            SELECT customer_id FROM customer_order o WHERE o.store_id = order_entry.store_id AND o.id = order_entry.id);
        UPDATE order_entry SET number = k.key FROM order_key k
        WHERE k.store_id = order_entry.store_id AND k.kind = 'order_id' AND k.order_id = order_entry.id;
        CREATE INDEX order_entry_customer ON order_entry (store_id, customer_id);
        CREATE INDEX order_entry_number ON order_entry (store_id, number) WHERE number IS NOT NULL;
        """

    static let links = """
        -- From when on the link with a secret leads nowhere.
        CREATE TABLE order_link (
            store_id TEXT NOT NULL REFERENCES store (id),
            secret_slug TEXT NOT NULL,
            ends_at INTEGER,
            PRIMARY KEY (store_id, secret_slug)
        ) STRICT, WITHOUT ROWID;
        -- How often an order was looked at by its link, from the beginning of an hour.
        CREATE TABLE order_look (
            store_id TEXT NOT NULL REFERENCES store (id),
            order_id BLOB NOT NULL CHECK (length(order_id) = 16),
            hour INTEGER NOT NULL,
            looks INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_id, hour)
        ) STRICT, WITHOUT ROWID;
        """

    static let webhooks = """
        -- Where a store's events are sent, and up to which of them they were taken up. A merchant is told of one that was stopped.
        CREATE TABLE webhook_endpoint (
            store_id TEXT NOT NULL REFERENCES store (id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            url TEXT NOT NULL,
            events TEXT,
            notice_email TEXT,
            secret TEXT NOT NULL,
            previous_secret TEXT,
            previous_secret_ends_at INTEGER,
            stop TEXT,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            position INTEGER NOT NULL,
            replay_position INTEGER,
            replay_end INTEGER,
            last_place INTEGER NOT NULL,
            failing_since INTEGER,
            is_unannounced INTEGER NOT NULL,
            holder BLOB,
            beat INTEGER,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE webhook_delivery (
            store_id TEXT NOT NULL REFERENCES store (id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            endpoint_id BLOB NOT NULL,
            order_id BLOB NOT NULL CHECK (length(order_id) = 16),
            number INTEGER NOT NULL,
            event TEXT NOT NULL,
            queued_at INTEGER NOT NULL,
            status TEXT NOT NULL,
            attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            attempted_at INTEGER,
            duration INTEGER,
            answer_status INTEGER,
            answer TEXT,
            failure TEXT,
            place INTEGER NOT NULL,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX webhook_delivery_open ON webhook_delivery (store_id, status, id) WHERE status <> 'delivered';
        """

    static let proofs = """
        -- A picture that was announced as a proof of transfer, or was sent. Its file has the name of its key.
        CREATE TABLE transfer_proof (
            store_id TEXT NOT NULL REFERENCES store (id),
            key TEXT NOT NULL,
            order_id BLOB NOT NULL CHECK (length(order_id) = 16),
            content_type TEXT NOT NULL,
            filename TEXT NOT NULL,
            announced_size INTEGER NOT NULL,
            announced_at INTEGER NOT NULL,
            claimed_until INTEGER,
            size INTEGER,
            expires_at INTEGER,
            PRIMARY KEY (store_id, key)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX transfer_proof_order ON transfer_proof (store_id, order_id);
        CREATE INDEX transfer_proof_expiry ON transfer_proof (expires_at) WHERE expires_at IS NOT NULL;
        """
}
