extension PostgresSchema {
    /// The account tables, with the same columns as in the embedded database.
    static let accounts = """
        CREATE TABLE account (
            store_id text COLLATE "C" NOT NULL,
            customer_id bigint NOT NULL,
            email text COLLATE "C",
            password_hash text,
            generation bigint NOT NULL,
            confirmed_at bigint,
            last_address bigint NOT NULL,
            PRIMARY KEY (store_id, customer_id),
            FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id) DEFERRABLE
        );

        CREATE TABLE token_family (
            store_id text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            customer_id bigint NOT NULL,
            generation bigint NOT NULL,
            number bigint NOT NULL,
            created_at bigint NOT NULL,
            used_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            revoked_at bigint,
            PRIMARY KEY (store_id, id)
        );
        CREATE INDEX token_family_expiry ON token_family (expires_at);

        CREATE TABLE revocation (
            store_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL CHECK (kind IN ('token', 'session', 'customer')),
            subject text COLLATE "C" NOT NULL,
            generation bigint NOT NULL,
            number bigint NOT NULL,
            expires_at bigint NOT NULL,
            PRIMARY KEY (store_id, kind, subject)
        );
        CREATE INDEX revocation_number ON revocation (number);

        -- One row. The number grows with each change of revocations, keys and origins.
        CREATE TABLE access_version (
            id bigint PRIMARY KEY CHECK (id = 1),
            number bigint NOT NULL,
            directory_number bigint NOT NULL
        ) WITH (fillfactor = 50);
        INSERT INTO access_version VALUES (1, 0, 0);

        CREATE TABLE one_time_code (
            store_id text COLLATE "C" NOT NULL,
            kind text COLLATE "C" NOT NULL CHECK (kind IN ('sign_in_code', 'reset_link', 'address_code')),
            subject text COLLATE "C" NOT NULL,
            customer_id bigint,
            address text COLLATE "C" NOT NULL,
            salt bytea,
            digest bytea,
            requested_at bigint NOT NULL,
            expires_at bigint NOT NULL,
            tries bigint NOT NULL,
            PRIMARY KEY (store_id, kind, subject)
        );
        CREATE INDEX one_time_code_digest ON one_time_code (store_id, digest);
        CREATE INDEX one_time_code_expiry ON one_time_code (expires_at);

        CREATE TABLE mail (
            store_id text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            kind text NOT NULL,
            subject text COLLATE "C" NOT NULL,
            address text NOT NULL,
            customer_id bigint,
            language text NOT NULL,
            link_base text,
            requested_at bigint NOT NULL,
            attempts bigint NOT NULL,
            due_at bigint NOT NULL,
            PRIMARY KEY (store_id, id)
        );
        CREATE INDEX mail_due ON mail (due_at);
        CREATE INDEX mail_subject ON mail (store_id, kind, subject);

        CREATE TABLE storefront_key (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            key text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            PRIMARY KEY (store_id, key)
        );

        CREATE TABLE allowed_origin (
            store_id text COLLATE "C" NOT NULL REFERENCES store (id) DEFERRABLE,
            origin text COLLATE "C" NOT NULL,
            created_at bigint NOT NULL,
            PRIMARY KEY (store_id, origin)
        );

        CREATE TABLE customer_address (
            store_id text COLLATE "C" NOT NULL,
            customer_id bigint NOT NULL,
            id bigint NOT NULL,
            document bytea NOT NULL,
            created_at bigint NOT NULL,
            updated_at bigint NOT NULL,
            PRIMARY KEY (store_id, customer_id, id),
            FOREIGN KEY (store_id, customer_id) REFERENCES customer (store_id, id) DEFERRABLE
        );

        CREATE TABLE audit_record (
            store_id text COLLATE "C" NOT NULL,
            id bytea NOT NULL,
            customer_id bigint,
            kind text NOT NULL,
            at bigint NOT NULL,
            client text,
            PRIMARY KEY (store_id, id)
        );
        CREATE INDEX audit_record_customer ON audit_record (store_id, customer_id, at);
        CREATE INDEX audit_record_age ON audit_record (at);

        -- From when on a key signs; the one before it does until then.
        ALTER TABLE signing_key ADD used_from bigint NOT NULL DEFAULT 0;

        -- How far in the future a caller has spent what they may ask for, in microseconds since 1970. Of use for minutes only, and so not
        -- in the write-ahead log.
        CREATE UNLOGGED TABLE spent_limit (
            store_id text COLLATE "C" NOT NULL,
            caller text COLLATE "C" NOT NULL,
            spent_until bigint NOT NULL,
            PRIMARY KEY (store_id, caller)
        );
        """
}
