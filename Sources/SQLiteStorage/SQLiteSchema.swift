import GRDB

/// The tables, created and changed by forward migrations that run once each, in order.
///
/// Every key begins with the store. Times are microseconds since 1970; order ids are stored as their 16 bytes.
/// A foreign key exists only if its own columns begin an index of its table: without such an index, deleting the referenced row
/// would scan the whole table.
enum SQLiteSchema {
    /// Distinguishes our database files from those of other programs: "PSAN".
    static let applicationID: Int32 = 0x5053_414E

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, script) in migrations {
            // Checks what is written. By default, the references of the whole file are checked at the end, which reads all orders.
            migrator.registerMigration(name, foreignKeyChecks: .immediate) { db in try db.execute(sql: script) }
        }
        return migrator
    }

    /// In the order in which they run. A released one never changes.
    private static let migrations = [
        ("1 stores, customers and orders", storesCustomersAndOrders), ("2 accounts", accounts),
        ("3 events as an outbox", outbox), ("4 refresh tokens, profiles, ends of access", signingIn),
        ("5 shared addresses", sharedAddresses),
        ("6 business keys", businessKeys), ("7 the merchant's side", merchantsSide), ("8 mirror", mirror),
        ("9 deleted orders", deletedOrders), ("10 pulls", pulls),
        ("11 broad searches", broadSearches), ("12 links", links), ("13 webhooks", webhooks),
        ("14 proofs", proofs),
    ]

    private static let storesCustomersAndOrders = """
        CREATE TABLE store (
            id TEXT PRIMARY KEY,
            version INTEGER NOT NULL,
            document BLOB NOT NULL,
            merchant_document BLOB NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE customer (
            store_id TEXT NOT NULL REFERENCES store (id),
            id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            email TEXT,
            last_updated_at INTEGER,
            document BLOB NOT NULL,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX customer_email ON customer (store_id, email) WHERE email IS NOT NULL;

        CREATE TABLE customer_order (
            store_id TEXT NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            customer_id INTEGER NOT NULL,
            status TEXT NOT NULL,
            payment_status TEXT,
            created_at INTEGER,
            last_updated_at INTEGER,
            secret_slug TEXT NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (store_id, id)
        ) STRICT;

        CREATE TABLE order_document (
            store_id TEXT NOT NULL,
            customer_id INTEGER NOT NULL,
            id BLOB NOT NULL,
            version INTEGER NOT NULL,
            document BLOB NOT NULL,
            PRIMARY KEY (store_id, customer_id, id),
            FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id)
        ) STRICT;

        CREATE TABLE order_key (
            store_id TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('secret_slug', 'legacy_id')),
            key TEXT NOT NULL,
            order_id BLOB NOT NULL,
            PRIMARY KEY (store_id, kind, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE order_event (
            store_id TEXT NOT NULL,
            order_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_id, number),
            FOREIGN KEY (store_id, order_id) REFERENCES customer_order (store_id, id)
        ) STRICT, WITHOUT ROWID;
        """

    private static let accounts = """
        CREATE TABLE account (
            store_id TEXT NOT NULL,
            customer_id INTEGER NOT NULL,
            email TEXT,
            password_hash TEXT,
            generation INTEGER NOT NULL,
            confirmed_at INTEGER,
            last_address INTEGER NOT NULL,
            PRIMARY KEY (store_id, customer_id),
            FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE token_family (
            store_id TEXT NOT NULL,
            id BLOB NOT NULL CHECK (length(id) = 16),
            customer_id INTEGER NOT NULL,
            generation INTEGER NOT NULL,
            number INTEGER NOT NULL,
            created_at INTEGER NOT NULL,
            used_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            revoked_at INTEGER,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX token_family_expiry ON token_family (expires_at);

        CREATE TABLE revocation (
            store_id TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('token', 'session', 'customer')),
            subject TEXT NOT NULL,
            generation INTEGER NOT NULL,
            number INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, kind, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX revocation_number ON revocation (number);

        -- One row. The number grows with each change of revocations, keys and origins.
        CREATE TABLE access_version (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            number INTEGER NOT NULL,
            directory_number INTEGER NOT NULL
        ) STRICT;
        INSERT INTO access_version VALUES (1, 0, 0);

        CREATE TABLE one_time_code (
            store_id TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('sign_in_code', 'reset_link', 'address_code')),
            subject TEXT NOT NULL,
            customer_id INTEGER,
            address TEXT NOT NULL,
            salt BLOB,
            digest BLOB,
            requested_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            PRIMARY KEY (store_id, kind, subject)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX one_time_code_digest ON one_time_code (store_id, digest);
        CREATE INDEX one_time_code_expiry ON one_time_code (expires_at);

        CREATE TABLE mail (
            store_id TEXT NOT NULL,
            id BLOB NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            address TEXT NOT NULL,
            customer_id INTEGER,
            language TEXT NOT NULL,
            link_base TEXT,
            requested_at INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            due_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mail_due ON mail (due_at);
        CREATE INDEX mail_subject ON mail (store_id, kind, subject);

        CREATE TABLE storefront_key (
            store_id TEXT NOT NULL REFERENCES store (id),
            key TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, key)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE allowed_origin (
            store_id TEXT NOT NULL REFERENCES store (id),
            origin TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, origin)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE customer_address (
            store_id TEXT NOT NULL,
            customer_id INTEGER NOT NULL,
            id INTEGER NOT NULL,
            document BLOB NOT NULL,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (store_id, customer_id, id),
            FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE audit_record (
            store_id TEXT NOT NULL,
            id BLOB NOT NULL,
            customer_id INTEGER,
            kind TEXT NOT NULL,
            at INTEGER NOT NULL,
            client TEXT,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX audit_record_customer ON audit_record (store_id, customer_id, at);
        CREATE INDEX audit_record_age ON audit_record (at);
        """

    /// Events get their positions in the order in which they came, and outlive their orders.
    private static let outbox = """
        ALTER TABLE order_event RENAME TO order_event_before;
        CREATE TABLE order_event (
            store_id TEXT NOT NULL,
            order_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            position INTEGER NOT NULL,
            kind TEXT NOT NULL,
            version INTEGER NOT NULL,
            status_from TEXT,
            status_to TEXT,
            payment_status_from TEXT,
            payment_status_to TEXT,
            actor TEXT NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (store_id, order_id, number)
        ) STRICT, WITHOUT ROWID;
        -- What changed was not recorded so far. The version is that of the moment, as it is for every write.
        INSERT INTO order_event (store_id, order_id, number, position, kind, version, actor, at)
        SELECT store_id, order_id, number, row_number() OVER (PARTITION BY store_id ORDER BY at, order_id, number), kind, at,
            'import', at
        FROM order_event_before;
        DROP TABLE order_event_before;
        CREATE UNIQUE INDEX order_event_position ON order_event (store_id, position);

        -- The position of each store's last event.
        CREATE TABLE event_position (
            store_id TEXT PRIMARY KEY REFERENCES store (id),
            position INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        INSERT INTO event_position (store_id, position) SELECT store_id, max(position) FROM order_event GROUP BY store_id;
        """

    private static let signingIn = """
        -- The refresh tokens of a session: those that were not used, and those used a moment ago.
        CREATE TABLE refresh_token (
            store_id TEXT NOT NULL,
            family_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            used_at INTEGER,
            PRIMARY KEY (store_id, family_id, number)
        ) STRICT, WITHOUT ROWID;

        ALTER TABLE one_time_code ADD COLUMN client TEXT;
        ALTER TABLE account ADD COLUMN date_of_birth TEXT;
        ALTER TABLE account ADD COLUMN sex TEXT;
        ALTER TABLE account ADD COLUMN is_unsubscribed INTEGER;

        ALTER TABLE storefront_key ADD COLUMN updated_at INTEGER;
        ALTER TABLE storefront_key ADD COLUMN expires_at INTEGER;
        ALTER TABLE storefront_key ADD COLUMN revoked_at INTEGER;
        ALTER TABLE allowed_origin ADD COLUMN updated_at INTEGER;
        ALTER TABLE allowed_origin ADD COLUMN expires_at INTEGER;
        ALTER TABLE allowed_origin ADD COLUMN revoked_at INTEGER;
        """

    /// The address that `email` stands for, if another customer who had it too has changed it.
    private static let sharedAddresses = "ALTER TABLE account ADD COLUMN replaced_email TEXT"

    private static let businessKeys = """
        CREATE TABLE business_key (
            store_id TEXT NOT NULL REFERENCES store (id),
            id BLOB NOT NULL CHECK (length(id) = 16),
            digest BLOB NOT NULL,
            hint TEXT NOT NULL,
            scopes TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER,
            revoked_at INTEGER,
            PRIMARY KEY (store_id, id)
        ) STRICT, WITHOUT ROWID;
        """
}
