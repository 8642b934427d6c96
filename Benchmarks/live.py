"""Measures how soon those who listen to orders have a change, what they cost in memory, and how fast webhooks go out. Started by `live`."""

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
from servers import Failure, Postgres, nginx, pesanan, run_benchmark, run_pesanan, say

HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "../Tests/TestFixtures/Files")
# Two customers of the sample data.
LISTENER, OTHER = "hendra.siregar.249@example.com", "kartika.wijaya.215@example.com"
# So many of them connect at a time: more than a server's queue of new connections takes are sent away for a second.
AT_ONCE = 100


class Benchmark:
    def __init__(self, options, folder):
        self.options, self.log, self.folder = options, f"{folder}/log", folder
        needed = options.listeners + 100
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        if needed > most:
            raise Failure(f"{options.listeners:,} listeners need {needed:,} open files, and the system's limit is {most:,}")
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        self.postgres = Postgres(f"{folder}/postgres") if options.postgres else None
        if self.postgres is not None:
            self.postgres.start()
        self.storage = ["--data", f"{folder}/data"] if self.postgres is None else ["--database", self.postgres.url]
        self.pesanan = pesanan(options.binary, [*self.storage, "--limits", "off", "--webhook-targets", "any"], self.log)
        self.receiver = nginx(f"{folder}/receiver", "location = /hook { return 200; } location = /received { stub_status; }")
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
        if response.status == 204:
            return None
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

    def deliver(self):
        """The webhooks a second that an endpoint which answers at once gets of orders that are all there."""
        self.receiver.start("/received")
        before = self.received()
        url = f"http://127.0.0.1:{self.receiver.port}/hook"
        endpoint = self.ask("POST", "/v3/webhook-endpoints", self.key, {"store_unique_id": STORE, "url": url, "events": ["*"]})
        orders = f"{self.folder}/orders.ndjson"
        subprocess.run(
            [sys.executable, f"{HERE}/orders.py", "--orders", str(self.options.webhooks), "--targets", f"{self.folder}/targets.json"],
            stdout=open(orders, "wb"), check=True)
        self.ask("PATCH", f"/v3/webhook-endpoints/{endpoint['id']}", self.key, {"is_enabled": False})
        say(f"{self.options.webhooks:,} orders are imported")
        self.command("import", "orders", orders)
        self.ask("PATCH", f"/v3/webhook-endpoints/{endpoint['id']}", self.key, {"is_enabled": True})
        replay = {"endpoint_id": endpoint["id"], "since": "2000-01-01T00:00:00Z"}
        began = time.perf_counter()
        events = self.ask("POST", "/v3/webhook-deliveries/replay", self.key, replay)["events"]
        while self.received() - before < events:
            if time.perf_counter() - began > 300:
                raise Failure(f"{self.received() - before:,} of {events:,} webhooks had arrived after 300 s")
            time.sleep(0.02)
        seconds = time.perf_counter() - began
        while self.ask("GET", "/v3/webhook-deliveries?status=pending", self.key)["data"]:
            time.sleep(0.05)
        self.ask("DELETE", f"/v3/webhook-endpoints/{endpoint['id']}", self.key)
        return events / seconds

    def received(self):
        """How many webhooks the receiver has got, of which nginx counts the requests; those that ask for the number are its own."""
        self.asked = getattr(self, "asked", 0) + 1
        answer = self.receiver.get("/received")[1].decode()
        return int(answer.split("server accepts handled requests")[1].split()[2]) - self.asked

    def run(self):
        for kind, file in (("stores", "stores.json"), ("orders", "orders.ndjson")):
            self.command("import", kind, f"{FILES}/{file}")
        self.key = self.command("business-key", "create", "--store", STORE)
        own, other = (self.command("token", "--store", STORE, "--customer", email) for email in (LISTENER, OTHER))
        self.pesanan.start("/health/ready")
        path = f"/v3/stores/{STORE}/customers/me/orders"
        order, elsewhere = (self.ask("GET", f"{path}?page_size=1", token)["data"][0]["id"] for token in (own, other))
        deliveries = self.deliver()
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

        def row(name, value, unit, target=None, sign="<"):
            is_met = target is None or (value < target if sign == "<" else value > target)
            verdict = "" if target is None else "met" if is_met else "**MISSED**"
            lines.append(f"| {name} | {value:,.1f} {unit} | {'' if target is None else f'{sign} {target:,} {unit}'} | {verdict} |")

        row("Memory above the idle server", idle - before, "MiB", 200)
        row("Memory of a listener", (idle - before) * 1024 / self.options.listeners, "KiB")
        row("A change for one listener beside them, p50", one[len(one) // 2], "ms")
        row("A change for one listener beside them, slowest", one[-1], "ms", 100)
        row("A change for all of them, p50", everybody[len(everybody) // 2], "ms")
        row("A change for all of them, p99", everybody[int(len(everybody) * 0.99)], "ms", 100)
        row("Webhooks delivered to an endpoint that answers at once", deliveries, "/s", 1000, ">")
        heading = (
            f"{self.options.listeners:,} listeners to one order; {'PostgreSQL' if self.postgres else 'SQLite'}; {self.options.rounds} changes; "
            f"the listeners are one Python program on the same {os.cpu_count()} cores, {platform.system()} {platform.machine()}.")
        return [heading, "", *lines], True

    def end(self):
        for connection in self.sockets.values():
            connection.close()
        self.pesanan.stop()
        self.receiver.stop()
        if self.postgres is not None:
            self.postgres.stop()


def main():
    parser = argparse.ArgumentParser(prog="live")
    parser.add_argument("--listeners", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--webhooks", type=int, default=20_000)
    parser.add_argument("--postgres", action="store_true", help="with the orders in PostgreSQL")
    parser.add_argument("--binary", required=True)
    options = parser.parse_args()
    if min(options.listeners, options.rounds, options.webhooks) < 1:
        parser.error("--listeners, --rounds and --webhooks have to be 1 or more")
    return run_benchmark(Benchmark, options)


if __name__ == "__main__":
    sys.exit(main())
