import Orders

/// The tables, created and changed by forward migrations that run once each, in order.
///
/// Every key begins with the store, so that all tables can be distributed by store (`docs/scaling.md`). Times are microseconds
/// since 1970. Text in keys is compared by its bytes, as in the embedded storage.
/// Foreign keys exist only where they cost a write next to nothing: none refers to or from a partitioned table, where checking it
/// or adding a partition would lock tables that others write to.
enum PostgresSchema {
    /// The schema of the tables, unless the connection's `search_path` overrides it.
    static let name = "pesanan"

    /// The partitioned order tables.
    static let partitioned = ["customer_order", "order_document", "order_event"]

    typealias Migration = (name: String, script: String)

    /// In the order in which they run; a database's version is the number of migrations applied to it. A released one never
    /// changes.
    static let migrations: [Migration] = [
        ("stores, customers and orders", storesCustomersAndOrders), ("accounts", accounts), ("compact orders", compactOrders),
        ("events as an outbox", outbox), ("refresh tokens, profiles, ends of access", signingIn),
        ("shared addresses", sharedAddresses),
        ("business keys", businessKeys), ("the merchant's side", merchantsSide), ("mirror", mirror),
        ("deleted orders", deletedOrders), ("pulls", pulls),
        ("broad searches", broadSearches), ("links", links), ("webhooks", webhooks),
        ("proofs", proofs),
    ]

    private static let storesCustomersAndOrders = """
        -- One row. Servers with replicas raise the beat all the time, to see whether those follow.
        CREATE TABLE installation (id uuid PRIMARY KEY, beat bigint NOT NULL DEFAULT 0);
        INSERT INTO installation (id) VALUES (gen_random_uuid());

        CREATE TABLE signing_key (
            id text PRIMARY KEY,
            pem text NOT NULL,
            created_at bigint NOT NULL
        );

        -- A row as long as a copy from another database is not finished.
        CREATE TABLE unfinished_copy (id bigint PRIMARY KEY);

        CREATE TABLE store (
            id text COLLATE "C" PRIMARY KEY,
            version bigint NOT NULL,
            document bytea NOT NULL,
            merchant_document bytea NOT NULL,
            -- Grows with every transaction that writes anything of the store's, and is never the same twice.
            changed_at bigint NOT NULL DEFAULT 0
        ) WITH (fillfactor = 50);

        CREATE TABLE customer (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            id bigint NOT NULL,
            version bigint NOT NULL,
            email text COLLATE "C",
            last_updated_at bigint,
            document bytea NOT NULL,
            PRIMARY KEY (store_id, id)
        );
        CREATE INDEX customer_email ON customer (store_id, email) WHERE email IS NOT NULL;

        CREATE TABLE customer_order (
            store_id text COLLATE "C" NOT NULL,
            id uuid NOT NULL,
            customer_id bigint NOT NULL,
            status text NOT NULL,
            payment_status text,
            created_at bigint,
            last_updated_at bigint,
            secret_slug text COLLATE "C" NOT NULL,
            document bytea NOT NULL,
            PRIMARY KEY (store_id, id)
        ) PARTITION BY RANGE (id);

        CREATE TABLE order_document (
            store_id text COLLATE "C" NOT NULL,
            customer_id bigint NOT NULL,
            id uuid NOT NULL,
            version bigint NOT NULL,
            document bytea NOT NULL,
            PRIMARY KEY (store_id, customer_id, id)
        ) PARTITION BY RANGE (id);

        CREATE TABLE order_event (
            store_id text COLLATE "C" NOT NULL,
            order_id uuid NOT NULL,
            number bigint NOT NULL,
            kind text NOT NULL,
            at bigint NOT NULL,
            PRIMARY KEY (store_id, order_id, number)
        ) PARTITION BY RANGE (order_id);

        CREATE TABLE order_key (
            store_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL CHECK (kind IN ('secret_slug', 'legacy_id')),
            key text COLLATE "C" NOT NULL,
            order_id uuid NOT NULL,
            PRIMARY KEY (store_id, kind, key)
        );

        -- Where the server was built with lz4: it takes a tenth of the time of PostgreSQL's own compression.
        DO $$ BEGIN
            ALTER TABLE store ALTER document SET COMPRESSION lz4, ALTER merchant_document SET COMPRESSION lz4;
            ALTER TABLE customer ALTER document SET COMPRESSION lz4;
            ALTER TABLE customer_order ALTER document SET COMPRESSION lz4;
            ALTER TABLE order_document ALTER document SET COMPRESSION lz4;
        EXCEPTION WHEN feature_not_supported THEN
            NULL;
        END $$;
        """

    /// Orders of two kilobytes or more are compressed, but not split up until they are larger than a page, because an order is
    /// always read as a whole. The short columns stay in place, or they would be moved out of long rows. This applies to
    /// partitions created from now on: changing the existing ones would lock what buyers read.
    private static let compactOrders = """
        ALTER TABLE ONLY customer_order
            ALTER document SET STORAGE MAIN, ALTER store_id SET STORAGE PLAIN, ALTER status SET STORAGE PLAIN,
            ALTER payment_status SET STORAGE PLAIN, ALTER secret_slug SET STORAGE PLAIN;
        ALTER TABLE ONLY order_document ALTER document SET STORAGE MAIN, ALTER store_id SET STORAGE PLAIN;
        ALTER TABLE ONLY order_event ALTER store_id SET STORAGE PLAIN, ALTER kind SET STORAGE PLAIN;
        """

    /// Events get their positions in the order in which they came. What changed was not recorded so far; the version is that of the
    /// moment, as it is for every write. Nobody who reads orders touches these tables.
    private static let outbox = """
        ALTER TABLE order_event
            ADD position bigint, ADD version bigint, ADD status_from text, ADD status_to text, ADD payment_status_from text,
            ADD payment_status_to text, ADD actor text;
        UPDATE order_event e SET position = given.position, version = e.at, actor = 'import'
        FROM (
            SELECT store_id, order_id, number, row_number() OVER (PARTITION BY store_id ORDER BY at, order_id, number) AS position
            FROM order_event) given
        WHERE e.store_id = given.store_id AND e.order_id = given.order_id AND e.number = given.number;
        ALTER TABLE order_event
            ALTER position SET NOT NULL, ALTER version SET NOT NULL, ALTER actor SET NOT NULL;
        CREATE INDEX order_event_position ON order_event (store_id, position);

        -- The position of each store's last event.
        CREATE TABLE event_position (
            store_id text COLLATE "C" PRIMARY KEY REFERENCES store (id) DEFERRABLE,
            position bigint NOT NULL
        ) WITH (fillfactor = 50);
        INSERT INTO event_position (store_id, position) SELECT store_id, max(position) FROM order_event GROUP BY store_id;
        """

    private static let signingIn = """
        -- The refresh tokens of a session: those that were not used, and those used a moment ago.
        CREATE TABLE refresh_token (
            store_id text COLLATE "C" NOT NULL,
            family_id bytea NOT NULL,
            number bigint NOT NULL,
            used_at bigint,
            PRIMARY KEY (store_id, family_id, number)
        );

        ALTER TABLE one_time_code ADD client text;
        ALTER TABLE account ADD date_of_birth text, ADD sex text, ADD is_unsubscribed bigint;
        ALTER TABLE storefront_key ADD updated_at bigint, ADD expires_at bigint, ADD revoked_at bigint;
        ALTER TABLE allowed_origin ADD updated_at bigint, ADD expires_at bigint, ADD revoked_at bigint;
        """

    /// The address that `email` stands for, if another customer who had it too has changed it.
    private static let sharedAddresses = "ALTER TABLE account ADD replaced_email text"

    private static let businessKeys = """
        CREATE TABLE business_key (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            id bytea NOT NULL,
            digest bytea NOT NULL,
            hint text NOT NULL,
            scopes text NOT NULL,
            created_at bigint NOT NULL,
            expires_at bigint,
            revoked_at bigint,
            PRIMARY KEY (store_id, id)
        );
        """
}
