"""Hand-written loops that write the rows of orders straight into a database: what the server's writes are compared with.

The rows are copies of those the server wrote for one order. Where they change, they do by their number, `d`.
"""

import os
import re
import sqlite3
import subprocess
import time

from servers import Failure

# Orders that are there to be changed: a share for each client of pgbench, for up to so many clients.
SHARE, CLIENTS = 128, 64
MADE = SHARE * CLIENTS
# A client has this many numbers in a run.
NUMBERS = 1_000_000
STORE = "store_ofTheLoop"

DIGITS = "substr(CAST(1000000000000 + d AS text), 2)"
EVENT = "CAST(:event AS bigint) + d - CAST(:first AS bigint)"
# 2048 customers in each run. Clients begin at different ones, or they would wait for each other.
CUSTOMER = f"(d / {CLIENTS * NUMBERS} * 2048 + (d + d / {NUMBERS} * 32) % 2048)"
MOVED = "CASE o.status WHEN 'pending' THEN 'confirmed' ELSE 'pending' END"

# The columns that are not copied. Customers come first, because orders refer to them.
NEW = {
    "customer": {"id": CUSTOMER, "email": f"'buyer.' || {CUSTOMER} || '@example.com'"},
    "customer_order": {"id": "{id}", "customer_id": CUSTOMER, "secret_slug": f"substr(t.secret_slug, 13) || {DIGITS}"},
    "order_document": {"id": "{id}", "customer_id": CUSTOMER},
    "order_entry": {"id": "{id}"},
    "order_key": {"order_id": "{id}", "key": f"substr(t.key, 13) || {DIGITS}"},
    "order_event": {"order_id": "{id}", "position": EVENT},
}
MOVE = [
    f"UPDATE {{customer_order}} AS o SET status = {MOVED}, last_updated_at = o.last_updated_at + 1, document = t.document "
    f"FROM bench_customer_order t, {{numbers}} WHERE o.store_id = '{STORE}' AND o.id = {{id}}",
    "UPDATE {order_document} AS o SET version = o.version + 1, document = t.document "
    f"FROM bench_order_document t, {{numbers}} WHERE o.store_id = '{STORE}' AND o.customer_id = {CUSTOMER} AND o.id = {{id}}",
    f"UPDATE {{order_entry}} AS o SET status = {MOVED} FROM {{numbers}} WHERE o.store_id = '{STORE}' AND o.id = {{id}}",
]
POSITION = (
    f"INSERT INTO {{event_position}} (store_id, position) VALUES ('{STORE}', CAST(:event AS bigint) + {{count}}) "
    "ON CONFLICT (store_id) DO UPDATE SET position = excluded.position")


class Loop:
    """What both databases have in common: `columns` says which ones a table has, `names` what stands for what in a statement."""

    def chosen(self, table, order, customer, store):
        """The condition for the rows of the order that the others are copies of."""
        column = "order_id" if "order_id" in NEW[table] else "id"
        value = customer if table == "customer" else self.literal(order)
        return f"store_id = '{store}' AND {column} = {value}"

    def insert(self, table, changed):
        columns = self.columns(table)
        changed = {"store_id": f"'{STORE}'", **changed}
        values = ", ".join(changed.get(column, f"t.{column}") for column in columns)
        conflict = "ON CONFLICT DO NOTHING" if table == "customer" else ""
        return (f"INSERT INTO {{{table}}} ({', '.join(columns)}) "
                f"SELECT {values} FROM bench_{table} t, {{numbers}} WHERE true {conflict}")

    def statements(self, moves, count):
        """One transaction's, for that many orders: new ones, or ones that move to another status."""
        if moves:
            event = {"order_id": "{id}", "number": EVENT, "position": EVENT, "kind": "'order.status_changed'"}
            result = [*MOVE, self.insert("order_event", event)]
        else:
            result = [self.insert(table, changed) for table, changed in NEW.items()]
        # Last, because transactions of the same store wait for each other from here on.
        return [statement.format_map(self.names(count)) for statement in (*result, POSITION)]


class SQLiteLoop(Loop):
    """On a copy of the server's file, so with the same tables, and with the server's settings except for `synchronous`."""

    # With NORMAL, a commit does not wait for the disk.
    VARIANTS = [
        (f"{count} in a transaction, synchronous={mode}", count, mode) for mode in ("FULL", "NORMAL") for count in (1, 32)]

    def __init__(self, path, copy):
        self.path, self.copy, self.run = path, copy, 0

    @staticmethod
    def literal(order):
        return f"x'{order.replace('-', '')}'"

    def ask(self, sql):
        """The rows of the server's own file."""
        database = sqlite3.connect(f"file:{self.path}?mode=ro", uri=True, timeout=10)
        try:
            return database.execute(sql.replace("{text id}", "lower(hex(id))")).fetchall()
        finally:
            database.close()

    def prepare(self, *template):
        source, self.database = sqlite3.connect(self.path, timeout=10), sqlite3.connect(self.copy, isolation_level=None)
        source.backup(self.database)
        source.close()
        for pragma in ("journal_mode = WAL", "foreign_keys = ON", "cache_size = -65536", "wal_autocheckpoint = 8192"):
            self.database.execute(f"PRAGMA {pragma}").fetchall()
        for table in NEW:
            self.database.execute(f"CREATE TEMP TABLE bench_{table} AS SELECT * FROM {table} WHERE {self.chosen(table, *template)}")
        self.transaction(self.statements(False, 1), [(number, number) for number in range(MADE)])

    def columns(self, table):
        return [row[1] for row in self.database.execute(f"PRAGMA table_info({table})")]

    def names(self, count):
        # A statement is run for one order after the other.
        return {"numbers": "(SELECT :first AS d)", "id": f"CAST('same' || {DIGITS} AS BLOB)", "count": 0,
                **{table: table for table in (*NEW, "event_position")}}

    def transaction(self, statements, numbers):
        self.database.execute("BEGIN IMMEDIATE")
        for first, event in numbers:
            for statement in statements:
                self.database.execute(statement, {"first": first, "event": event})
        self.database.execute("COMMIT")

    def measure(self, moves, variant, seconds=None, transactions=None):
        """The orders a second: for that long, or for that many transactions."""
        _, count, synchronous = variant
        self.run += 1
        self.database.execute(f"PRAGMA synchronous = {synchronous}")
        statements, start, done = self.statements(moves, count), self.run * CLIENTS * NUMBERS, 0
        began = time.perf_counter()
        while done < transactions * count if transactions else time.perf_counter() - began < seconds:
            events = range(start + done, start + done + count)
            self.transaction(statements, [((event - start) % MADE if moves else event, event) for event in events])
            done += count
        return done / (time.perf_counter() - began)

    def end(self):
        if hasattr(self, "database"):
            self.database.close()


class PostgresLoop(Loop):
    """On the server's own tables, in a store of its own, by pgbench."""

    VARIANTS = [("1 in a transaction", 1, None), ("32 in a transaction", 32, None)]

    def __init__(self, url, folder, clients):
        self.url, self.folder, self.clients, self.run = url, folder, clients, 0
        now = time.time()
        self.month = time.strftime("%Y_%m", time.gmtime(now))
        prefix = f"{int(now * 1000):012x}"
        self.prefix = f"{prefix[:8]}-{prefix[8:]}-7000-8000-"
        self.environment = {**os.environ, "PGOPTIONS": "-c search_path=bench,pesanan"}

    @staticmethod
    def literal(order):
        return f"'{order}'"

    def psql(self, *statements):
        commands = [part for statement in statements for part in ("--command", statement)]
        result = subprocess.run(
            ["psql", "--quiet", "--no-psqlrc", "--tuples-only", "--no-align", "-v", "ON_ERROR_STOP=1", *commands, self.url],
            env=self.environment, capture_output=True, text=True, timeout=120)
        if result.returncode != 0:
            raise Failure(f"psql: {result.stderr}")
        return [tuple(line.split("|")) for line in result.stdout.splitlines()]

    def ask(self, sql):
        return self.psql(sql.replace("{text id}", "id::text"))

    def prepare(self, *template):
        statements = ["CREATE SCHEMA bench"]
        for table in NEW:
            columns = self.columns(table)
            # Not compressed, so that each order that is written has to be.
            values = ["document || ''::bytea" if column == "document" else column for column in columns]
            statements.append(f"CREATE TABLE bench_{table} (LIKE {table})")
            if "document" in columns:
                statements.append(f"ALTER TABLE bench_{table} ALTER document SET STORAGE PLAIN")
            statements.append(f"INSERT INTO bench_{table} SELECT {', '.join(values)} FROM {table} WHERE {self.chosen(table, *template)}")
        self.psql(*statements)
        self.pgbench(False, MADE, 1, "0", "-t1")
        # As PostgreSQL does by itself after a minute: before that it takes indexes that fit the new store badly.
        self.psql("ANALYZE")

    def columns(self, table):
        return [row[0] for row in self.psql(
            "SELECT column_name FROM information_schema.columns "
            f"WHERE table_schema = 'pesanan' AND table_name = '{table}' ORDER BY ordinal_position")]

    def names(self, count):
        # From 0, so that PostgreSQL knows how long the series is, and uses indexes.
        series = f"(SELECT CAST(:first AS bigint) + n AS d FROM generate_series(0, {count - 1}) n) AS numbers"
        partitioned = {table: f"{table}_{self.month}" for table in ("customer_order", "order_document", "order_event")}
        return {"numbers": series, "id": f"('{self.prefix}' || {DIGITS})::uuid", "count": count - 1,
                **{table: table for table in (*NEW, "event_position")}, **partitioned}

    def measure(self, moves, variant, seconds=None, transactions=None):
        _, count, _ = variant
        self.run += 1
        amount, clients = (f"-t{transactions}", 1) if transactions else (f"-T{seconds}", self.clients)
        first = f":client_id * {SHARE} + :i * {count} % {SHARE}" if moves else ":event"
        return self.pgbench(moves, count, clients, first, amount)

    def pgbench(self, moves, count, clients, first, amount):
        variables = [
            "\\set i :i + 1", f"\\set event ({self.run * CLIENTS} + :client_id) * {NUMBERS} + :i * {count}", f"\\set first {first}"]
        path = f"{self.folder}/pgbench.sql"
        with open(path, "w", encoding="ascii") as file:
            statements = [statement + ";" for statement in self.statements(moves, count)]
            file.write("\n".join([*variables, "BEGIN;", *statements, "COMMIT;", ""]))
        result = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-f", path, f"-c{clients}", f"-j{min(2, clients)}", "-D", "i=0", amount, self.url],
            env=self.environment, capture_output=True, text=True, timeout=300)
        rate = re.search(r"tps = ([0-9.]+) ", result.stdout)
        if result.returncode != 0 or rate is None:
            raise Failure(f"pgbench ended with {result.returncode}: {result.stdout}{result.stderr}")
        return float(rate[1]) * count

    def end(self):
        pass
