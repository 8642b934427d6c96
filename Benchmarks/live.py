"""Measures how soon those who listen to orders have a change, and what they cost in memory. Started by `live`."""

import argparse
import http.client
import json
import os
import platform
import resource
import select
import socket
import subprocess
import sys
import time

from orders import STORE
from servers import Failure, Postgres, pesanan, run_benchmark, run_pesanan, say

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "../Tests/TestFixtures/Files")
# Two customers of the sample data.
LISTENER, OTHER = "hendra.siregar.249@example.com", "kartika.wijaya.215@example.com"
# So many of them connect at a time: more than a server's queue of new connections takes are sent away for a second.
AT_ONCE = 100


class Benchmark:
    def __init__(self, options, folder):
        self.options, self.log = options, f"{folder}/log"
        needed = options.listeners + 100
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if needed > most:
            raise Failure(f"{options.listeners:,} listeners need {needed:,} open files, and the system's limit is {most:,}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.postgres = Postgres(f"{folder}/postgres") if options.postgres else None
        if self.postgres is not None:
            self.postgres.start()
        self.storage = ["--data", f"{folder}/data"] if self.postgres is None else ["--database", self.postgres.url]
        self.pesanan = pesanan(options.binary, [*self.storage, "--limits", "off"], self.log)
        self.poll, self.sockets = select.epoll(), {}

    def command(self, *arguments):
        output = run_pesanan(self.options.binary, self.storage, self.log, *arguments, timeout=60, stdout=subprocess.PIPE)
        return output.decode().strip()

    def ask(self, method, path, token, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.pesanan.port, timeout=30)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200:
            raise Failure(f"{path} was answered with {response.status}: {answer[:500].decode()}")
        return json.loads(answer)

    def listen(self, count, path, token):
        """Opens streams, and returns once each has said that it is ready."""
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
        while count > 0:
            opened = set()
            for _ in range(min(count, AT_ONCE)):
                connection = socket.create_connection(("127.0.0.1", self.pesanan.port), timeout=10)
                connection.sendall(request)
                connection.setblocking(False)
                self.sockets[connection.fileno()] = connection
                self.poll.register(connection, select.EPOLLIN)
                opened.add(connection.fileno())
            self.hear(opened, b"event: ready", 30)
            count -= len(opened)

    def hear(self, numbers, words, patience):
        """The seconds until each of the connections had received the words."""
        began, waiting, seconds = time.perf_counter(), set(numbers), []
        while waiting:
            if time.perf_counter() - began > patience:
                raise Failure(f"{len(waiting):,} of {len(numbers):,} listeners have not heard {words.decode()} within {patience} s")
            for number, _ in self.poll.poll(0.5):
                received = self.sockets[number].recv(65536)
                if not received:
                    raise Failure("a stream has ended")
                if number in waiting and words in received:
                    waiting.remove(number)
                    seconds.append(time.perf_counter() - began)
        return seconds

    def change(self, order, numbers):
        """Changes an order in turn, and returns the milliseconds after the answer until each listener had heard of each change."""
        milliseconds = []
        for turn in range(self.options.rounds):
            status = ("confirmed", "pending")[turn % 2]
            self.ask("POST", "/v3/orders/change-status", self.key, {"ids": [order], "status": status})
            milliseconds += [1000 * each for each in self.hear(numbers, b"event: order.status_changed", 30)]
            time.sleep(0.1)
        return sorted(milliseconds)

    def run(self):
        for kind, file in (("stores", "stores.json"), ("orders", "orders.ndjson")):
            self.command("import", kind, f"{FILES}/{file}")
        self.key = self.command("business-key", "create", "--store", STORE)
        own, other = (self.command("token", "--store", STORE, "--customer", email) for email in (LISTENER, OTHER))
        self.pesanan.start("/health/ready")
        path = f"/v3/stores/{STORE}/customers/me/orders"
        order, elsewhere = (self.ask("GET", f"{path}?page_size=1", token)["data"][0]["id"] for token in (own, other))
        time.sleep(1)
        before, _ = self.pesanan.memory()
        say(f"{self.options.listeners:,} begin to listen")
        self.listen(self.options.listeners, f"{path}/{order}/events", own)
        crowd = set(self.sockets)
        time.sleep(1)
        idle, _ = self.pesanan.memory()
        self.listen(1, f"{path}/{elsewhere}/events", other)
        one = self.change(elsewhere, set(self.sockets) - crowd)
        everybody = self.change(order, crowd)
        lines = ["| | | target | |", "| --- | ---: | ---: | --- |"]

        def row(name, value, unit, target=None):
            verdict = "" if target is None else "met" if value < target else "**MISSED**"
            lines.append(f"| {name} | {value:,.1f} {unit} | {'' if target is None else f'< {target} {unit}'} | {verdict} |")

        row("Memory above the idle server", idle - before, "MiB", 200)
        row("Memory of a listener", (idle - before) * 1024 / self.options.listeners, "KiB")
        row("A change for one listener beside them, p50", one[len(one) // 2], "ms")
        row("A change for one listener beside them, slowest", one[-1], "ms", 100)
        row("A change for all of them, p50", everybody[len(everybody) // 2], "ms")
        row("A change for all of them, p99", everybody[int(len(everybody) * 0.99)], "ms", 100)
        heading = (
            f"{self.options.listeners:,} listeners to one order; {'PostgreSQL' if self.postgres else 'SQLite'}; {self.options.rounds} changes; "
            f"the listeners are one Python program on the same {os.cpu_count()} cores, {platform.system()} {platform.machine()}.")
        return [heading, "", *lines], True

    def end(self):
        for connection in self.sockets.values():
            connection.close()
        self.pesanan.stop()
        if self.postgres is not None:
            self.postgres.stop()


def main():
    parser = argparse.ArgumentParser(prog="live")
    parser.add_argument("--listeners", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--postgres", action="store_true", help="with the orders in PostgreSQL")
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    if options.listeners < 1 or options.rounds < 1:
        parser.error("--listeners and --rounds have to be 1 or more")
    return run_benchmark(Benchmark, options)


if __name__ == "__main__":
    sys.exit(main())
