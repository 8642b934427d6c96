"""Changes orders at a steady rate, beside the reads that are measured."""

import json
import socket
import statistics
import threading
import time

from servers import Failure


class Writers:
    """Writes while it is entered: the notes of one order after the other, over several connections.

    Requests that fall behind are sent as soon as a connection is free, so the rate is at most the given one. They are prepared and sent as bytes, to
    take little of the processors from what is measured.
    """

    def __init__(self, port, orders, authorization, rate):
        """`orders` are the paths of orders, of which no other is written."""
        self.port, self.rate = port, rate
        # Each connection needs some ten milliseconds for a request.
        count = min(len(orders), max(8, min(32, rate // 40)))
        self.requests = [
            [self.request(path, authorization) for path in orders[number::count]] for number in range(count)]
        self.seconds, self.lasted, self.failure, self.number = [], 0, None, 0

    @staticmethod
    def request(path, authorization):
        """The bytes before and after the number by which one write differs from the last."""
        before, after = '{"notes": "', '"}'
        length = len(before) + 8 + len(after)
        head = (
            f"PATCH {path} HTTP/1.1\r\nHost: localhost\r\n{authorization}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {length}\r\n\r\n{before}")
        return head.encode(), after.encode()

    def __enter__(self):
        self.stopping = threading.Event()
        self.began = time.perf_counter()
        self.threads = [
            threading.Thread(target=self.write, args=(requests, self.rate / len(self.requests))) for requests in self.requests]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.lasted += time.perf_counter() - self.began
        if self.failure:
            raise Failure(self.failure)

    def write(self, requests, rate):
        number, start = 0, time.perf_counter()
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
                while not self.stopping.wait(max(0, start + number / rate - time.perf_counter())):
                    before, after = requests[number % len(requests)]
                    number += 1
                    self.number += 1
                    sent = time.perf_counter()
                    connection.sendall(before + b"%08d" % self.number + after)
                    status = self.status(connection)
                    if status != 200:
                        self.failure = f"a write was answered with {status}"
                        return
                    self.seconds.append(time.perf_counter() - sent)
        except (OSError, ValueError) as error:
            self.failure = f"a write failed: {error}"

    @staticmethod
    def status(connection):
        """Reads an answer to its end."""
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += Writers.receive(connection)
        head, _, body = answer.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        left = length - len(body)
        while left > 0:
            left -= len(Writers.receive(connection))
        return int(head.split(b" ", 2)[1])

    @staticmethod
    def receive(connection):
        received = connection.recv(65536)
        if not received:
            raise OSError("the connection was closed")
        return received

    def report(self):
        """The writes per second, and their median time in milliseconds."""
        return len(self.seconds) / self.lasted, statistics.median(self.seconds) * 1000


def orders_to_write(server, authorization, read, count):
    """The paths of some of the store's newest orders, of none of the customers whose orders are read."""
    paths, path = [], "/v3/orders"
    headers = dict([authorization.split(": ", 1)])
    while len(paths) < count:
        status, body, _ = server.get(path, headers)
        if status != 200:
            raise Failure(f"the list of orders was answered with {status}: {body[:500]!r}")
        page = json.loads(body)
        paths += [f"/v3/orders/{order['id']}" for order in page["data"] if order["customer"]["id"] not in read]
        if not page["has_next"]:
            break
        path = f"/v3/orders?next_cursor={page['next_cursor']}"
    if not paths:
        raise Failure("every order of the list is one of those that are read")
    return paths[:count]
