"""Measures how long a page of a merchant's list takes, one request after the other. Started by `list-path`."""

import argparse
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import time

from orders import STORE
from servers import Failure, Postgres, pesanan, run_benchmark, run_pesanan, say

HERE = os.path.dirname(os.path.abspath(__file__))
STORES = os.path.join(HERE, "../Tests/TestFixtures/Files/stores.json")
TARGET = 20
QUERIES = [
    "", "status=shipped", "status=shipped&payment_status=paid&payment_method=bank_transfer", "status=draft&payment_status=settled",
    "order_id=no-such-number", "confirmed_time_since=2024-03-01T00:00:00Z&confirmed_time_until=2024-03-02T00:00:00Z",
    "confirmed_time_since=2024-03-01T00:00:00Z&confirmed_time_until=2024-04-01T00:00:00Z", "completed_time_until=2021-07-01T00:00:00Z",
    "draft_time_until=2023-01-01T00:00:00Z&status=completed", "search=kartika&search_field=customer_name",
    "search=si&search_field=customer_name", "search=si&search_field=customer_name&status=rts",
    "search=62&search_field=customer_phone", "search=JN&search_field=shipment_receipt", "search=JNE082940&search_field=shipment_receipt",
    "search=21&search_field=order_id", "search=25&search_field=order_id"]


class Benchmark:
    def __init__(self, options, folder):
        self.options, self.folder, self.log = options, folder, f"{folder}/log"
        self.postgres = Postgres(f"{folder}/postgres") if options.postgres else None
        if self.postgres is not None:
            self.postgres.start()
        self.storage = ["--data", f"{folder}/data"] if self.postgres is None else ["--database", self.postgres.url]
        self.pesanan = pesanan(options.binary, self.storage, self.log)

    def command(self, *arguments, timeout=60, **files):
        return run_pesanan(self.options.binary, self.storage, self.log, *arguments, timeout=timeout, **files)

    def fill(self):
        count = self.options.orders
        patience = 120 + count / 500
        self.command("import", "stores", STORES)
        say(f"Making and importing {count:,} orders")
        with subprocess.Popen([sys.executable, f"{HERE}/orders.py", "--orders", str(count)], stdout=subprocess.PIPE) as orders:
            self.command("import", "orders", "-", timeout=patience, stdin=orders.stdout)
        if self.postgres is not None:
            self.postgres.vacuum(patience)
        self.key = self.command("business-key", "create", "--store", STORE, stdout=subprocess.PIPE).decode().strip()

    def ask(self, query):
        """The orders of the first page, and the milliseconds that it took."""
        self.connection.request("GET", "/v3/orders?" + query, headers={"Authorization": f"Bearer {self.key}"})
        began = time.perf_counter()
        response = self.connection.getresponse()
        body = response.read()
        milliseconds = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise Failure(f"{query} was answered with {response.status}: {body[:1000].decode()}")
        return len(json.loads(body)["data"]), milliseconds

    def run(self):
        self.fill()
        self.pesanan.start("/health/ready")
        self.connection = http.client.HTTPConnection("127.0.0.1", self.pesanan.port, timeout=30)
        lines = ["| query | orders | first | median | |", "| --- | ---: | ---: | ---: | --- |"]
        for query in QUERIES:
            found, first = self.ask(query)
            median = statistics.median(self.ask(query)[1] for _ in range(self.options.rounds))
            verdict = "met" if median < TARGET else "**MISSED**"
            lines.append(f"| {f'`{query}`' if query else 'none'} | {found} | {first:.1f} ms | {median:.1f} ms | {verdict} |")
        heading = (
            f"{self.options.orders:,} orders; {'PostgreSQL' if self.postgres else 'SQLite'}; the first request of each kind and the median of "
            f"{self.options.rounds} after it; target {TARGET} ms; {os.cpu_count()} cores, {platform.system()} {platform.machine()}.")
        return [heading, "", *lines], True

    def end(self):
        self.pesanan.stop()
        if self.postgres is not None:
            self.postgres.stop()


def main():
    parser = argparse.ArgumentParser(prog="list-path")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--postgres", action="store_true", help="with the orders in PostgreSQL")
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    if options.orders < 1000 or options.rounds < 1:
        parser.error("--orders has to be 1000 or more, and --rounds 1 or more")
    return run_benchmark(Benchmark, options)


if __name__ == "__main__":
    sys.exit(main())
