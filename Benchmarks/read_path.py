"""Measures reading an order against nginx serving the same bytes from files. Started by `read-path`."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

from servers import Failure, Postgres, nginx, pesanan, run_benchmark, run_pesanan, say, tail, wrk
from writers import Writers, orders_to_write

HERE = os.path.dirname(os.path.abspath(__file__))
STORES = os.path.join(HERE, "../Tests/TestFixtures/Files/stores.json")
CONNECTIONS = 32
WARM_UP = 2
STARTS = 3
# How many orders are written beside the reads.
WRITTEN = 256
# Up to here the orders lie in a file before the import; above it they come through a pipe.
ORDERS_IN_A_FILE = 100_000


class Benchmark:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.binary = options.binary
        self.log = f"{folder}/log"
        self.nginx = nginx(f"{folder}/nginx")
        self.postgres = Postgres(f"{folder}/postgres") if options.postgres else None
        if self.postgres is None:
            self.storage = ["--data", f"{folder}/data"]
        else:
            self.postgres.start()
            self.storage = ["--database", self.postgres.url]
        self.pesanan = pesanan(self.binary, self.storage, self.log)
        self.writers = None

    def pesanan_command(self, *arguments, timeout, **files):
        return run_pesanan(self.binary, self.storage, self.log, *arguments, timeout=timeout, **files)

    def import_orders(self):
        """Returns the orders to ask for, the orders imported a second, and where they came from."""
        count, targets = self.options.orders, f"{self.folder}/targets.json"
        generate = [sys.executable, f"{HERE}/orders.py", "--orders", str(count), "--targets", targets]
        patience = 120 + count / 500
        self.pesanan_command("import", "stores", STORES, timeout=60)
        if count <= ORDERS_IN_A_FILE:
            path = f"{self.folder}/orders.ndjson"
            say(f"Making {count:,} orders")
            with open(path, "wb") as file:
                subprocess.run(generate, stdout=file, timeout=patience, check=True)
                # Written out before the import is timed, which has the disk to itself then.
                os.fsync(file.fileno())
            say("Importing them")
            began = time.perf_counter()
            self.pesanan_command("import", "orders", path, timeout=patience)
            seconds, source = time.perf_counter() - began, "a file"
            os.remove(path)
        else:
            say(f"Making and importing {count:,} orders")
            began = time.perf_counter()
            maker = subprocess.Popen(generate, stdout=subprocess.PIPE)
            try:
                self.pesanan_command("import", "orders", "-", timeout=patience, stdin=maker.stdout)
                maker.stdout.close()
                if maker.wait(10) != 0:
                    raise Failure("not all the orders were made")
            finally:
                maker.kill()
                maker.wait()
            seconds, source = time.perf_counter() - began, "a pipe, with the time to make them"
        with open(targets, encoding="utf-8") as file:
            return json.load(file), count / seconds, source

    def authorization(self, store, customer):
        seconds = 3600 + 10 * self.options.rounds * self.options.duration
        token = self.pesanan_command(
            "token", "--valid-for", str(seconds), "--store", store, "--customer", str(customer),
            timeout=10, stdout=subprocess.PIPE)
        return f"Authorization: Bearer {token.decode().strip()}"

    def starts(self):
        """Starts pesanan a few times, leaves it running and returns the seconds it took to be ready."""
        seconds = []
        for turn in range(STARTS):
            seconds.append(self.pesanan.start("/health/ready"))
            if turn < STARTS - 1:
                code = self.pesanan.stop()
                if code != 0:
                    raise Failure(f"pesanan ended with {code} after SIGTERM:\n{tail(self.log)}")
        return statistics.median(seconds)

    def ask(self, server, request, wanted, body=None):
        path, *headers = request
        status, got, answered = server.get(path, dict(header.split(": ", 1) for header in headers))
        if status != wanted:
            raise Failure(f"{server.name} answered {path} with {status}, not {wanted}: {got[:500]!r}")
        if body is not None and got != body:
            raise Failure(f"{server.name} answered {path} with other bytes than before")
        return got, answered

    def scenario(self, name, folder, requests):
        """One kind of request, for both servers: pesanan's answers become the files of nginx."""
        os.makedirs(f"{self.nginx_files}/{folder}")
        bodies, files = [], []
        for index, request in enumerate(requests):
            body, _ = self.ask(self.pesanan, request, 200)
            with open(f"{self.nginx_files}/{folder}/{index}", "wb") as file:
                file.write(body)
            bodies.append(body)
            files.append([f"/{folder}/{index}"])
            self.ask(self.nginx, files[-1], 200, body)
        return Scenario(name, 200, {self.nginx: files, self.pesanan: requests}, bodies)

    def unchanged(self, name, scenario):
        """The same requests by someone who has the answers already."""
        requests = {
            server: [[*request, f"If-None-Match: {self.ask(server, request, 200)[1]['ETag']}"] for request in asked]
            for server, asked in scenario.requests.items()
        }
        return Scenario(name, 304, requests, [b""] * len(scenario.bodies))

    @property
    def nginx_files(self):
        return f"{self.folder}/nginx/files"

    def measure(self, scenario):
        """The medians of the rounds, by server; and of those beside writes, if any are beside it."""
        say(f"Measuring: {scenario.name}")
        rounds = {server: [] for server in scenario.requests}
        beside = {server: [] for server in scenario.requests if self.writers and scenario.is_beside_writes}
        for server, requests in scenario.requests.items():
            with open(f"{self.folder}/requests.{server.name}", "w", encoding="utf-8") as file:
                file.writelines("\t".join(request) + "\n" for request in requests)
            self.wrk(server, WARM_UP)
        for _ in range(self.options.rounds):
            for server, results in rounds.items():
                results.append(self.wrk(server, self.options.duration))
                if server in beside:
                    with self.writers:
                        beside[server].append(self.wrk(server, self.options.duration))
        for server, requests in scenario.requests.items():
            for request, body in zip(requests, scenario.bodies):
                self.ask(server, request, scenario.status, body)
            for result in rounds[server]:
                scenario.check_size(server, result["bytes"] / max(1, result["requests"]))
        return [{server: Figures(results) for server, results in each.items()} for each in (rounds, beside)]

    def wrk(self, server, seconds):
        return wrk(
            f"{HERE}/read-path.lua", server.port, CONNECTIONS, seconds, f"{self.folder}/requests.{server.name}")

    def run(self):
        """Returns the lines of the report and whether every request was answered as it should be."""
        targets, imported, source = self.import_orders()
        if self.postgres is not None:
            say("Vacuuming the database")
            self.postgres.vacuum(120 + self.options.orders / 500)
        store, base = targets["store"], f"/v3/stores/{targets['store']}/customers/me/orders"
        say("Making tokens")
        orders = [
            [f"{base}/{target['order']}", self.authorization(store, target["customer"])] for target in targets["orders"]
        ]
        lists = {
            customer["orders"]: [base, self.authorization(store, customer["id"])] for customer in targets["listed"]
        }

        with open(f"{self.nginx_files}/ready", "w", encoding="ascii") as file:
            file.write("{}")
        self.nginx.start("/ready")
        ready = self.starts()

        if self.options.writers:
            key = self.pesanan_command("business-key", "create", "--store", store, timeout=10, stdout=subprocess.PIPE)
            authorization = f"Authorization: Bearer {key.decode().strip()}"
            # Every server knows a new key within a second.
            time.sleep(2)
            read = {target["customer"] for target in targets["orders"]} | {customer["id"] for customer in targets["listed"]}
            others = orders_to_write(self.pesanan, authorization, read, WRITTEN)
            self.writers = Writers(self.pesanan.port, others, authorization, self.options.writers)

        order = self.scenario("An order", "orders", orders)
        unchanged = self.unchanged("An order not changed since (304)", order)
        order.is_beside_writes = unchanged.is_beside_writes = True
        scenarios = [
            order,
            unchanged,
            *(
                self.scenario(f"First page of {count:,} orders", f"lists-{count}", [request])
                for count, request in lists.items()
            ),
        ]
        table = Table()
        figures_of = {}
        for scenario in scenarios:
            figures, beside = self.measure(scenario)
            figures_of[scenario] = figures
            target = (0.4 if self.postgres else 0.5) if scenario is order else None
            table.compare(scenario, figures[self.nginx], figures[self.pesanan], target)
            if beside:
                table.kept(scenario, figures, beside, self.nginx, self.pesanan, 0.8 if self.options.writers <= 200 else 0.6)
        if self.writers:
            rate, milliseconds = self.writers.report()
            table.alone("Writes beside the orders: a second", f"{rate:,.0f}")
            table.alone("Writes beside the orders: p50", f"{milliseconds:.2f} ms")
        resident, highest = self.pesanan.memory()

        least = 10_000 if self.postgres else 5000
        table.alone(f"Import, orders/s from {source}", f"{imported:,.0f}", f">= {least:,}", imported >= least)
        if self.postgres is None:
            table.alone(f"Ready after the start, median of {STARTS}", f"{ready:.3f} s", "< 0.3 s", ready < 0.3)
            table.alone("Resident memory after the run", f"{resident:.1f} MiB", "< 60 MiB", resident < 60)
        else:
            times = sorted(
                figures_of[scenario][self.pesanan].p50 for scenario in scenarios if scenario.name.startswith("First page"))
            ratio = times[-1] / times[0]
            table.alone("First page: p50 of one buyer's to the other's", f"{ratio:.2f}", "< 3", ratio < 3)
            table.alone(f"Ready after the start, median of {STARTS}", f"{ready:.3f} s")
            table.alone("Resident memory after the run", f"{resident:.1f} MiB")
        table.alone("Resident memory at its highest", f"{highest:.1f} MiB")

        answer = statistics.median(map(len, order.bodies))
        page = statistics.median(len(body) for scenario in scenarios[2:] for body in scenario.bodies)
        heading = (
            f"{self.options.orders:,} orders; {len(orders)} orders of as many customers asked for in turn, "
            f"{answer:,.0f} bytes the median answer, {page:,.0f} a list's; wrk -t1 -c{CONNECTIONS} "
            f"-d{self.options.duration}s, medians of {self.options.rounds} alternating rounds; "
            f"{self.writes}{os.cpu_count()} cores, {platform.system()} {platform.machine()}.")
        return [heading, "", *table.lines], table.failures == 0

    @property
    def writes(self):
        return f"{self.options.writers} writes a second beside the single orders; " if self.options.writers else ""

    def end(self):
        self.pesanan.stop()
        self.nginx.stop()
        if self.postgres is not None:
            self.postgres.stop()


class Scenario:
    def __init__(self, name, status, requests, bodies):
        self.name, self.status, self.requests, self.bodies = name, status, requests, bodies
        self.is_beside_writes = False

    def check_size(self, server, size):
        """wrk doesn't tell a 200 from a 304; the bytes an answer took on the wire do."""
        body = statistics.mean(map(len, self.bodies))
        if not 0.95 * body <= size <= body + 1500:
            raise Failure(f"{server.name}: {self.name}: {size:.0f} bytes an answer where about {body:.0f} were due")


class Figures:
    def __init__(self, rounds):
        self.rate = statistics.median(each["requests"] * 1e6 / each["microseconds"] for each in rounds)
        self.p50 = statistics.median(each["p50"] for each in rounds) / 1000
        self.p99 = statistics.median(each["p99"] for each in rounds) / 1000
        self.failed = sum(each["refused"] + each["broken"] for each in rounds)


class Table:
    def __init__(self):
        self.failures = 0
        self.lines = ["| | nginx | pesanan | pesanan / nginx | target | |", "| --- | ---: | ---: | ---: | ---: | --- |"]

    def row(self, *cells):
        self.lines.append("| " + " | ".join(cells) + " |")

    @staticmethod
    def verdict(met):
        return "met" if met else "**MISSED**"

    def compare(self, scenario, nginx_figures, pesanan_figures, target):
        ratios = [
            ours / theirs if theirs else float("inf") for ours, theirs in (
                (pesanan_figures.rate, nginx_figures.rate), (pesanan_figures.p50, nginx_figures.p50),
                (pesanan_figures.p99, nginx_figures.p99))
        ]
        rate_target = (f">= {target}", self.verdict(ratios[0] >= target)) if target else ("", "")
        # What goes through PostgreSQL is not held to a latency: it shares its cores with the database.
        p99_target = ("<= 2", self.verdict(ratios[2] <= 2)) if target == 0.5 else ("", "")
        self.row(f"{scenario.name}: requests/s", f"{nginx_figures.rate:,.0f}", f"{pesanan_figures.rate:,.0f}",
                 f"{ratios[0]:.2f}", *rate_target)
        self.row(f"{scenario.name}: p50", f"{nginx_figures.p50:.2f} ms", f"{pesanan_figures.p50:.2f} ms",
                 f"{ratios[1]:.2f}", "", "")
        self.row(f"{scenario.name}: p99", f"{nginx_figures.p99:.2f} ms", f"{pesanan_figures.p99:.2f} ms",
                 f"{ratios[2]:.2f}", *p99_target)
        failed = nginx_figures.failed + pesanan_figures.failed
        self.failures += failed
        self.row(f"{scenario.name}: neither 2xx nor 3xx, or broken off", f"{nginx_figures.failed:,}",
                 f"{pesanan_figures.failed:,}", "", "0", "**FAILED**" if failed else "met")

    def kept(self, scenario, alone, beside, nginx_server, pesanan_server, target):
        """How much of the rates is left beside writes, of which nginx only loses processor time."""
        theirs, ours = (beside[server].rate / alone[server].rate for server in (nginx_server, pesanan_server))
        failed = beside[nginx_server].failed + beside[pesanan_server].failed
        self.failures += failed
        self.row(f"{scenario.name}: of its rate beside the writes", f"{theirs:.2f}", f"{ours:.2f}", f"{ours / theirs:.2f}",
                 f">= {target}", "**FAILED**" if failed else self.verdict(ours >= target))

    def alone(self, name, value, target="", met=None):
        self.row(name, "", value, "", target, "" if met is None else self.verdict(met))


def main():
    parser = argparse.ArgumentParser(prog="read-path")
    parser.add_argument("--orders", type=int, default=50_000)
    parser.add_argument("--duration", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--postgres", action="store_true", help="with the orders in PostgreSQL")
    parser.add_argument("--writers", type=int, default=0, metavar="N", help="N writes a second beside the reads of single orders")
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    if options.orders < 1000 or options.duration < 1 or options.rounds < 1 or options.writers < 0:
        parser.error("--orders has to be 1000 or more, --duration and --rounds 1 or more, --writers 0 or more")

    return run_benchmark(Benchmark, options)


if __name__ == "__main__":
    sys.exit(main())
