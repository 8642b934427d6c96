"""Measures writing orders over HTTP against a hand-written loop that writes the same rows. Started by `write-path`."""

import argparse
import collections
import contextlib
import http.client
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
import uuid

import loops
import webhooks
from orders import STORE
from servers import Failure, Postgres, pesanan, run_benchmark, run_pesanan, say, tail, wrk

HERE = os.path.dirname(os.path.abspath(__file__))
STORES = os.path.join(HERE, "../Tests/TestFixtures/Files/stores.json")
WARM_UP = 2
CUSTOMERS = 1000
# So many orders move back and forth, each again only after all the others.
MOVING, FEWEST_MOVING = 4096, 1000
BULK, BULKS = 500, 5
# So many webhooks are made for a second: more than are sent.
MOST_WEBHOOKS = 8000
# A sender of webhooks has many on their way.
SENDERS = 64


def new_order(number, batch):
    """The request for an order of one or two lines: of a customer who is new when the number first comes in its batch."""
    lines = [
        {"product_name": f"Kopi Gayo {500 + 10 * line} g", "variant_price": 85_000 + number, "quantity": 1 + line, "weight": 500,
         "variant_sku": f"KG-{line}"} for line in range(1 + number % 2)]
    return {
        "store_unique_id": STORE, "customer_name": f"Buyer {number}", "customer_email": f"buyer.{batch}.{number}@example.com",
        "customer_phone": f"0812{batch:04d}{number:04d}", "address": "Jalan Merdeka 17", "city": "Bandung", "province": "Jawa Barat",
        "postal_code": "40111", "payment_method": "bank_transfer", "shipping_cost": 18_000, "orderlines": lines}


class Benchmark:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.log, self.batch = f"{folder}/log", 0
        self.webhooks = webhooks.Webhooks()
        self.postgres = Postgres(f"{folder}/postgres") if options.postgres else None
        if self.postgres is None:
            self.storage = ["--data", f"{folder}/data"]
            self.loop = loops.SQLiteLoop(f"{folder}/data/pesanan.sqlite", f"{folder}/loop.sqlite")
        else:
            self.postgres.start()
            self.storage = ["--database", self.postgres.url]
            self.loop = loops.PostgresLoop(self.postgres.url, folder, options.clients)
        self.pesanan = pesanan(options.binary, self.storage, self.log)

    def command(self, *arguments, timeout=60, **files):
        return run_pesanan(self.options.binary, self.storage, self.log, *arguments, timeout=timeout, **files)

    def fill(self):
        with open(STORES, encoding="utf-8") as file:
            stores = json.load(file)
        for number, name in enumerate((loops.STORE, webhooks.STORE), 1000):
            stores.append({**stores[0], "id": number, "uuid": str(uuid.uuid4()), "unique_id": name})
        path = f"{self.folder}/input"
        with open(path, "w", encoding="utf-8") as file:
            json.dump(stores, file)
        self.command("import", "stores", path)
        count = self.options.orders
        if count:
            say(f"Making and importing {count:,} orders")
            with open(path, "wb") as file:
                subprocess.run(
                    [sys.executable, f"{HERE}/orders.py", "--orders", str(count)], stdout=file, timeout=120 + count / 500, check=True)
            self.command("import", "orders", path, timeout=120 + count / 500)
        os.remove(path)
        if self.postgres is not None:
            self.postgres.vacuum(120 + count / 500)
        key = self.command("business-key", "create", "--store", STORE, stdout=subprocess.PIPE)
        self.authorization = f"Bearer {key.decode().strip()}"
        with open(path, "w", encoding="ascii") as file:
            file.write(webhooks.SECRET)
        self.command("mirror", "enable", "--store", webhooks.STORE, "--secret-file", path)
        os.remove(path)

    def post(self, path, body):
        """The answer to one request, and the seconds it took."""
        connection = http.client.HTTPConnection("127.0.0.1", self.pesanan.port, timeout=60)
        with contextlib.closing(connection):
            began = time.perf_counter()
            headers = {"Authorization": self.authorization, "Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(body), headers)
            response = connection.getresponse()
            answer, seconds = response.read(), time.perf_counter() - began
        if response.status != 200:
            raise Failure(f"{path} was answered with {response.status}: {answer[:1000].decode()}")
        return json.loads(answer), seconds

    def events(self):
        rows = self.loop.ask(f"SELECT position FROM event_position WHERE store_id = '{STORE}'")
        return int(rows[0][0]) if rows else 0

    def orders(self):
        """The orders that were made over HTTP, newest first, with their statuses."""
        rows = self.loop.ask(
            f"SELECT {{text id}}, status FROM customer_order WHERE store_id = '{STORE}' AND created_at >= {self.began} "
            f"ORDER BY id DESC LIMIT {MOVING}")
        return [(str(uuid.UUID(order)), status) for order, status in rows]

    def create(self, seconds):
        self.batch += 1
        return self.change("/v3/orders", [new_order(number, self.batch) for number in range(CUSTOMERS)], seconds)

    def move(self, seconds):
        orders = self.orders()
        there = [(order, "confirmed" if status == "pending" else "pending") for order, status in orders]
        back = [(order, "pending" if status == "confirmed" else "confirmed") for order, status in there]
        bodies = [{"ids": [order], "status": status, "by": "Budi"} for order, status in there + back]
        return self.change("/v3/orders/change-status", bodies, seconds)

    def change(self, path, bodies, seconds):
        """Sends the bodies in turn. Each 200 has to be an event in the database."""
        signed = [(self.authorization, json.dumps(body)) for body in bodies]
        return self.send(path, "Authorization", signed, seconds, self.events)

    def hear(self, seconds):
        """Sends webhooks. Each 200 has to be an event that was taken."""
        bodies = self.webhooks.more(MOST_WEBHOOKS * seconds)
        figures = self.send(webhooks.PATH, webhooks.HEADER, bodies, seconds, lambda: self.webhooks.taken(self.loop), SENDERS)
        if figures["requests"] > len(bodies):
            raise Failure(f"{figures['requests']:,} webhooks were sent, and only {len(bodies):,} had been made")
        return figures

    def send(self, path, header, bodies, seconds, count, clients=None):
        """Sends the bodies in turn, each with its value of the header. Each answer has to be a 200, and each 200 one more of what is counted."""
        with open(f"{self.folder}/requests", "w", encoding="utf-8") as file:
            file.writelines(line + "\n" for line in (path, header, *map("\t".join, bodies)))
        before, logged, clients = count(), os.path.getsize(self.log), clients or self.options.clients
        figures = wrk(
            f"{HERE}/write-path.lua", self.pesanan.port, clients, seconds, f"{self.folder}/requests")
        # What was on its way when wrk ended is written too.
        time.sleep(0.5)
        written = count() - before
        with open(self.log, encoding="utf-8") as file:
            file.seek(logged)
            statuses = collections.Counter(re.findall(r'"status":(\d+)', file.read()))
        if figures["refused"] or figures["broken"] or set(statuses) != {"200"}:
            raise Failure(f"{path}: answers by status: {dict(statuses)}; wrk: {figures}\n{tail(self.log, 5)}")
        if not figures["requests"] <= written <= figures["requests"] + clients:
            raise Failure(f"{path}: {figures['requests']:,} answers were 200, and {written:,} were written")
        return figures

    def bulk(self):
        """The seconds for moving many orders with one request, in turn to one of two statuses that they don't have yet."""
        ids, seconds = [order for order, _ in self.orders()[:BULK]], []
        for turn in range(BULKS):
            before = self.events()
            body = {"ids": ids, "status": ("in_process", "ready")[turn % 2], "by": "Budi"}
            seconds.append(self.post("/v3/orders/change-status", body)[1])
            if self.events() - before != BULK:
                raise Failure(f"{BULK} orders were to change, and {self.events() - before} did")
        return statistics.median(seconds)

    def run(self):
        self.fill()
        self.pesanan.start("/health/ready")
        self.began = int(time.time() * 1e6) - 1_000_000
        order, _ = self.post("/v3/orders", new_order(0, 0))
        self.loop.prepare(order["id"], order["customer"]["id"], STORE)

        table = Table()
        # More kinds of writes come here: each a name, what sends it, and whether the loop's orders move or are new.
        for name, send, moves in (("New orders", self.create, False), ("Moved orders", self.move, True)):
            say(f"Measuring: {name}")
            send(WARM_UP)
            for _ in range(20):
                if len(self.orders()) >= FEWEST_MOVING:
                    break
                self.create(WARM_UP)
            ours, theirs = [], {variant: [] for variant in self.loop.VARIANTS}
            for _ in range(self.options.rounds):
                ours.append(send(self.options.duration))
                for variant, rates in theirs.items():
                    rates.append(self.loop.measure(moves, variant, seconds=self.options.duration))
            rate = statistics.median(each["requests"] * 1e6 / each["microseconds"] for each in ours)
            table.row(f"{name} a second", f"{rate:,.0f}")
            for percentile in ("p50", "p99"):
                table.row(f"{name}: {percentile}", f"{statistics.median(each[percentile] for each in ours) / 1000:.1f} ms")
            for variant, rates in theirs.items():
                other = statistics.median(rates)
                table.row(f"{name} a second: the loop, {variant[0]}", f"{other:,.0f}", f"{rate / other:.2f}")

        say("Measuring: webhooks in")
        self.hear(WARM_UP)
        if self.postgres is not None:
            self.postgres.vacuum(60)
        heard = [self.hear(self.options.duration) for _ in range(self.options.rounds)]
        rate = statistics.median(each["requests"] * 1e6 / each["microseconds"] for each in heard)
        table.row(f"Webhooks in, {SENDERS} at a time: requests/s", f"{rate:,.0f}")
        for percentile in ("p50", "p99"):
            table.row(f"Webhooks in: {percentile}", f"{statistics.median(each[percentile] for each in heard) / 1000:.1f} ms")
        self.webhooks.check(self.loop)

        say(f"Measuring: {BULK} orders in a request")
        ours = self.bulk()
        theirs = BULK / self.loop.measure(True, ("", BULK, self.loop.VARIANTS[0][2]), transactions=BULKS)
        table.row(f"{BULK} orders moved in a request, median of {BULKS}", f"{ours * 1000:,.0f} ms")
        table.row(f"{BULK} orders moved: the loop, in a transaction", f"{theirs * 1000:,.0f} ms", f"{theirs / ours:.2f}")
        resident, highest = self.pesanan.memory()
        table.row("Resident memory after the run", f"{resident:.1f} MiB")
        table.row("Resident memory at its highest", f"{highest:.1f} MiB")
        heading = (
            f"{self.options.orders:,} orders before; {'PostgreSQL' if self.postgres else 'SQLite'}; "
            f"{len(json.dumps(order, separators=(',', ':'))):,} bytes an order of one line; wrk -t1 -c{self.options.clients} -d{self.options.duration}s, "
            f"medians of {self.options.rounds} alternating rounds; {os.cpu_count()} cores, {platform.system()} {platform.machine()}.")
        return [heading, "", *table.lines], True

    def end(self):
        self.pesanan.stop()
        self.loop.end()
        if self.postgres is not None:
            self.postgres.stop()


class Table:
    def __init__(self):
        self.lines = ["| | | pesanan / the loop |", "| --- | ---: | ---: |"]

    def row(self, name, value, share=""):
        self.lines.append(f"| {name} | {value} | {share} |")


def main():
    parser = argparse.ArgumentParser(prog="write-path")
    parser.add_argument("--orders", type=int, default=20_000, help="orders that are there before; 0 or 1000 and more")
    parser.add_argument("--duration", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--postgres", action="store_true", help="with the orders in PostgreSQL")
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    if options.orders and options.orders < 1000 or options.duration < 1 or options.rounds < 1:
        parser.error("--orders has to be 0, or 1000 or more, --duration and --rounds 1 or more")
    if not 1 <= options.clients <= loops.CLIENTS:
        parser.error(f"--clients has to be from 1 to {loops.CLIENTS}")

    return run_benchmark(Benchmark, options)


if __name__ == "__main__":
    sys.exit(main())
