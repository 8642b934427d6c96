import GRDB

/// The tables, made and changed by migrations that run forward, in order and once.
///
/// Every key begins with the store. Moments are microseconds since 1970, ids of orders are their 16 bytes.
/// A foreign key stands only where its own columns begin an index of its table: without one, removing what it points to
/// would read the whole table.
enum SQLiteSchema {
    /// Tells our database files from those of other programs: "PSAN".
    static let applicationID: Int32 = 0x5053_414E

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 stores, customers and orders") { db in
            try db.execute(sql: storesCustomersAndOrders)
        }
        return migrator
    }

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
}
