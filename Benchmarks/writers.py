"""Changes customers at a steady rate, beside the reads that are measured."""

import http.client
import json
import statistics
import threading
import time

from servers import Failure


class Writers:
    """Writes while it is entered: the name of one customer after the other, over one connection each.

    Requests that fall behind are sent as soon as the connection is free, so the rate is at most the given one.
    """

    def __init__(self, port, requests, rate):
        self.port, self.requests, self.rate = port, requests, rate
        self.seconds, self.began, self.lasted, self.failure = [], 0, 0, None

    def __enter__(self):
        self.stopping = threading.Event()
        self.began = time.perf_counter()
        self.threads = [
            threading.Thread(target=self.write, args=(request, self.rate / len(self.requests))) for request in self.requests
        ]
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

    def write(self, request, rate):
        path, authorization = request
        headers = {"Authorization": authorization.split(": ", 1)[1], "Content-Type": "application/json"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        number, start = 0, time.perf_counter()
        try:
            while not self.stopping.wait(max(0, start + number / rate - time.perf_counter())):
                number += 1
                sent = time.perf_counter()
                connection.request("PATCH", path, json.dumps({"name": f"Buyer {number}"}), headers)
                response = connection.getresponse()
                response.read()
                if response.status != 200:
                    self.failure = f"a write was answered with {response.status}"
                    return
                self.seconds.append(time.perf_counter() - sent)
        except OSError as error:
            self.failure = f"a write failed: {error}"
        finally:
            connection.close()

    def report(self):
        """The writes per second, and their median time in milliseconds."""
        return len(self.seconds) / self.lasted, statistics.median(self.seconds) * 1000
