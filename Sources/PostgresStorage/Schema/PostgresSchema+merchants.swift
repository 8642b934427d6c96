extension PostgresSchema {
    /// What merchants find, list and change their orders by. Filling it reads all orders: readers go on, writers wait.
    static let merchantsSide = """
        LOCK TABLE customer_order IN SHARE MODE;

        -- A line of the merchant's list. Narrow, unlike the order itself, so that going through it is quick; and not partitioned, because a list
        -- goes through all months.
        CREATE TABLE order_entry (
            store_id text COLLATE "C" NOT NULL,
            id uuid NOT NULL,
            status text COLLATE "C" NOT NULL,
            payment_status text COLLATE "C" NOT NULL,
            payment_method text COLLATE "C" NOT NULL,
            confirmed_time bigint,
            shipped_time bigint,
            completed_time bigint,
            shipment_receipt text COLLATE "C",
            external_id text COLLATE "C",
            pg_reference_id text COLLATE "C",
            gross_revenue bigint,
            PRIMARY KEY (store_id, id)
        );
        CREATE TABLE order_facet (
            store_id text COLLATE "C" NOT NULL,
            status text COLLATE "C" NOT NULL,
            payment_status text COLLATE "C" NOT NULL,
            payment_method text COLLATE "C" NOT NULL,
            PRIMARY KEY (store_id, status, payment_status, payment_method)
        );

        CREATE FUNCTION pg_temp.opened(document bytea) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
            RETURN convert_from(
                CASE WHEN get_byte(document, length(document) - 17) = 5 THEN substring(document FOR length(document) - 17)
                ELSE document END, 'UTF8')::jsonb;
        EXCEPTION WHEN others THEN
            RETURN '{}';
        END $$;
        CREATE FUNCTION pg_temp.at(given text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
            RETURN extract(epoch FROM given::timestamptz) * 1000000;
        EXCEPTION WHEN others THEN
            RETURN NULL;
        END $$;
        CREATE FUNCTION pg_temp.searchable(given text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
            SELECT CASE WHEN octet_length(given) <= 200 THEN nullif(lower(trim(given) COLLATE "C"), '') END
        $$;
        CREATE FUNCTION pg_temp.units(amount text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN
            RETURN round(amount::numeric * 100);
        EXCEPTION WHEN others THEN
            RETURN NULL;
        END $$;

        INSERT INTO order_entry
        SELECT store_id, id, status, coalesce(payment_status, ''), coalesce(pg_temp.searchable(o ->> 'payment_method'), ''),
            pg_temp.at(o ->> 'confirmed_time'), pg_temp.at(o ->> 'shipped_time'), pg_temp.at(o ->> 'completed_time'),
            pg_temp.searchable(o ->> 'shipment_receipt'), pg_temp.searchable(o ->> 'external_id'),
            pg_temp.searchable(o ->> 'pg_reference_id'), pg_temp.units(o ->> 'gross_revenue')
        FROM (SELECT *, pg_temp.opened(document) AS o FROM customer_order OFFSET 0) opened;
        INSERT INTO order_facet SELECT DISTINCT store_id, status, payment_status, payment_method FROM order_entry;

        ALTER TABLE order_key DROP CONSTRAINT order_key_kind_check;
        ALTER TABLE order_key
            ADD CONSTRAINT order_key_kind_check CHECK (kind IN ('secret_slug', 'legacy_id', 'order_id')) NOT VALID;
        INSERT INTO order_key
        SELECT store_id, 'order_id', number, id
        FROM (SELECT store_id, id, pg_temp.opened(document) ->> 'order_id' AS number FROM customer_order OFFSET 0) opened
        WHERE number <> '' AND octet_length(number) <= 100 ORDER BY id
        ON CONFLICT DO NOTHING;

        CREATE INDEX order_entry_facet ON order_entry (store_id, status, payment_status, payment_method, id);
        CREATE INDEX order_entry_confirmed ON order_entry (store_id, confirmed_time) WHERE confirmed_time IS NOT NULL;
        CREATE INDEX order_entry_shipped ON order_entry (store_id, shipped_time) WHERE shipped_time IS NOT NULL;
        CREATE INDEX order_entry_completed ON order_entry (store_id, completed_time) WHERE completed_time IS NOT NULL;
        CREATE INDEX order_entry_receipt ON order_entry (store_id, shipment_receipt) WHERE shipment_receipt IS NOT NULL;
        CREATE INDEX order_entry_external ON order_entry (store_id, external_id) WHERE external_id IS NOT NULL;
        CREATE INDEX order_entry_reference ON order_entry (store_id, pg_reference_id) WHERE pg_reference_id IS NOT NULL;
        CREATE INDEX order_entry_revenue ON order_entry (store_id, gross_revenue) WHERE gross_revenue IS NOT NULL;

        -- Answers to requests, given again when the same request comes again.
        CREATE TABLE remembered_answer (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            key text COLLATE "C" NOT NULL,
            digest bytea NOT NULL,
            status bigint NOT NULL,
            headers text NOT NULL,
            body bytea NOT NULL,
            expires_at bigint NOT NULL,
            PRIMARY KEY (store_id, key)
        );
        CREATE INDEX remembered_answer_expiry ON remembered_answer (expires_at);

        -- Last, because from here on readers of orders wait.
        ALTER TABLE customer ADD name text COLLATE "C", ADD phone text COLLATE "C";
        UPDATE customer c SET name = pg_temp.searchable(o.json ->> 'name'), phone = nullif(
            regexp_replace(regexp_replace(coalesce(o.json ->> 'phone', ''), '[-+ ().]', '', 'g'), '^0', '62'), '')
        FROM (SELECT store_id, id, pg_temp.opened(document) AS json FROM customer OFFSET 0) o
        WHERE o.store_id = c.store_id AND o.id = c.id;
        CREATE INDEX customer_name ON customer (store_id, name) WHERE name IS NOT NULL;
        CREATE INDEX customer_phone ON customer (store_id, phone) WHERE phone IS NOT NULL;

        DROP FUNCTION pg_temp.opened, pg_temp.at, pg_temp.searchable, pg_temp.units;
        """

    static let mirror = """
        CREATE TABLE mirror (
            store_id text COLLATE "C" PRIMARY KEY REFERENCES store (id) DEFERRABLE,
            secret text NOT NULL,
            enabled_at bigint NOT NULL
        );
        -- The events that have come, so that each is taken once.
        CREATE TABLE mirror_event (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            id text COLLATE "C" NOT NULL,
            received_at bigint NOT NULL,
            PRIMARY KEY (store_id, id)
        );
        CREATE INDEX mirror_event_age ON mirror_event (received_at);
        -- What the other side has said of each order, whether or not it could be made yet.
        CREATE TABLE mirror_order (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            number text COLLATE "C" NOT NULL,
            reference text COLLATE "C",
            document bytea NOT NULL,
            revision bigint NOT NULL,
            order_id bytea,
            version bigint,
            pending_since bigint,
            failure text,
            failed_at bigint,
            PRIMARY KEY (store_id, number)
        );
        CREATE INDEX mirror_order_reference ON mirror_order (store_id, reference) WHERE reference IS NOT NULL;
        CREATE INDEX mirror_order_pending ON mirror_order (pending_since) WHERE pending_since IS NOT NULL;
        CREATE INDEX mirror_order_failed ON mirror_order (store_id, failed_at) WHERE failure IS NOT NULL;
        -- Webhooks that can't be used.
        CREATE TABLE mirror_failure (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            id bytea NOT NULL,
            received_at bigint NOT NULL,
            reason text NOT NULL,
            body bytea NOT NULL,
            PRIMARY KEY (store_id, id)
        );
        """

    /// What somebody who asks for their data, or for its erasure, is found by although no buyer sees it.
    static let deletedOrders = """
        CREATE TABLE deleted_order (
            store_id text COLLATE "C" NOT NULL,
            customer_id bigint NOT NULL,
            id uuid NOT NULL,
            PRIMARY KEY (store_id, customer_id, id)
        );
        LOCK TABLE customer_order IN SHARE MODE;
        INSERT INTO deleted_order
        SELECT store_id, customer_id, id FROM customer_order o
        WHERE NOT EXISTS (
            SELECT 1 FROM order_document d WHERE d.store_id = o.store_id AND d.customer_id = o.customer_id AND d.id = o.id);
        CREATE INDEX mirror_order_order ON mirror_order (store_id, order_id);
        -- When its customer was forgotten: what comes of it from then on is not kept.
        ALTER TABLE mirror_order ADD forgotten_at bigint;
        """

    static let pulls = """
        -- How far the last walk through the other side's orders is.
        CREATE TABLE mirror_pull (
            store_id text COLLATE "C" PRIMARY KEY REFERENCES store (id) DEFERRABLE,
            source text NOT NULL,
            started_at bigint NOT NULL,
            finished_at bigint,
            next_page text,
            reached bigint,
            seen bigint NOT NULL,
            was_read bigint NOT NULL,
            deleted bigint NOT NULL
        );
        -- The start of the last walk that has seen it, and the last_updated_at with which it was read.
        ALTER TABLE mirror_order ADD seen_at bigint, ADD read_up_to bigint;
        """

    /// What orders are searched for by, so that a search which many of them meet can also be asked of the newest ones.
    static let broadSearches = """
        LOCK TABLE customer_order IN SHARE MODE;
        ALTER TABLE order_entry ADD customer_id bigint, ADD number text COLLATE "C";
        UPDATE order_entry e SET customer_id = o.customer_id, number = k.key
        FROM customer_order o LEFT JOIN order_key k ON k.store_id = o.store_id AND k.kind = 'order_id' AND k.order_id = o.id
        WHERE o.store_id = e.store_id AND o.id = e.id;
        CREATE INDEX order_entry_customer ON order_entry (store_id, customer_id);
        CREATE INDEX order_entry_number ON order_entry (store_id, number) WHERE number IS NOT NULL;
        """

    static let links = """
        -- From when on the link with a secret leads nowhere.
        CREATE TABLE order_link (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            secret_slug text COLLATE "C" NOT NULL,
            ends_at bigint,
            PRIMARY KEY (store_id, secret_slug)
        );
        -- How often an order was looked at by its link, from the beginning of an hour.
        CREATE TABLE order_look (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            order_id uuid NOT NULL,
            hour bigint NOT NULL,
            looks bigint NOT NULL,
            PRIMARY KEY (store_id, order_id, hour)
        );
        """

    static let webhooks = """
        -- Where a store's events are sent, and up to which of them they were taken up. A merchant is told of one that was stopped.
        CREATE TABLE webhook_endpoint (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            id bytea NOT NULL,
            url text NOT NULL,
            events text,
            notice_email text,
            secret text NOT NULL,
            previous_secret text,
            previous_secret_ends_at bigint,
            stop text,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            position bigint NOT NULL,
            replay_position bigint,
            replay_end bigint,
            last_place bigint NOT NULL,
            failing_since bigint,
            is_unannounced bigint NOT NULL,
            holder bytea,
            beat bigint,
            PRIMARY KEY (store_id, id)
        ) WITH (fillfactor = 50);
        CREATE TABLE webhook_delivery (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            id bytea NOT NULL,
            endpoint_id bytea NOT NULL,
            order_id uuid NOT NULL,
            number bigint NOT NULL,
            event text NOT NULL,
            queued_at bigint NOT NULL,
            status text NOT NULL,
            attempts bigint NOT NULL,
            due_at bigint NOT NULL,
            attempted_at bigint,
            duration bigint,
            answer_status bigint,
            answer text,
            failure text,
            place bigint NOT NULL,
            PRIMARY KEY (store_id, id)
        );
        CREATE INDEX webhook_delivery_open ON webhook_delivery (store_id, status, id) WHERE status <> 'delivered';
        """

    static let proofs = """
        -- A picture that was announced as a proof of transfer, or was sent. Its file has the name of its key.
        CREATE TABLE transfer_proof (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            key text COLLATE "C" NOT NULL,
            order_id uuid NOT NULL,
            content_type text NOT NULL,
            filename text NOT NULL,
            announced_size bigint NOT NULL,
            announced_at bigint NOT NULL,
            claimed_until bigint,
            size bigint,
            expires_at bigint,
            PRIMARY KEY (store_id, key)
        );
        CREATE INDEX transfer_proof_order ON transfer_proof (store_id, order_id);
        CREATE INDEX transfer_proof_expiry ON transfer_proof (expires_at) WHERE expires_at IS NOT NULL;
        """
}
