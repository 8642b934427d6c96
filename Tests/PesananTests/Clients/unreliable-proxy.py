"""Passes GET requests on to a server of this machine, unreliably.

Usage: unreliable-proxy.py PORT LOG GATE. Prints the port that it listens on. After every 16 requests it answers 429, answers 503, or closes the
connection, in turn. Each line of LOG is the path of a request that was passed on, or why it was not, with the time. From the 40th request on it
answers once the file GATE exists.
"""

import http.server
import itertools
import os
import sys
import threading
import time
import urllib.error
import urllib.request

PORT, LOG, GATE = int(sys.argv[1]), open(sys.argv[2], "a", buffering=1), sys.argv[3]
turns = itertools.cycle(["pass"] * 16 + ["429"] + ["pass"] * 16 + ["503"] + ["pass"] * 16 + ["cut"])
lock = threading.Lock()
numbers = itertools.count()


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with lock:
            number = next(numbers)
        while number >= 40 and not os.path.exists(GATE):
            time.sleep(0.05)
        with lock:
            turn = next(turns)
            LOG.write(f"{self.path if turn == 'pass' else turn} {time.monotonic()}\n")
        if turn == "cut":
            self.close_connection = True
            return
        if turn == "pass":
            request = urllib.request.Request(f"http://127.0.0.1:{PORT}{self.path}")
            request.add_header("Authorization", self.headers["Authorization"])
            try:
                with urllib.request.urlopen(request) as answer:
                    status, body = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                status, body = error.code, error.read()
        else:
            status, body = int(turn), b"Too many requests" if turn == "429" else b"<html>"
        self.send_response(status)
        if turn == "429":
            self.send_header("Retry-After", "2")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(server.server_address[1], flush=True)
server.serve_forever()
