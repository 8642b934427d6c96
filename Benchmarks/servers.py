"""The two servers that are measured, each a process of ours on 127.0.0.1, and questions to them."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


class Failure(Exception):
    """The measurement can't go on, or its figures would mean nothing."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def run_benchmark(kind, options):
    """Makes a benchmark in a temporary folder, runs it and ends it, however that comes; returns the exit code."""
    # Also where the one who started us had them ignored, as a shell does with what it runs in the background.
    stopping = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in stopping:
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    folder = tempfile.mkdtemp(prefix="pesanan-benchmark-")
    # PostgreSQL runs as someone else where we are root.
    os.chmod(folder, 0o711)
    benchmark = None
    try:
        benchmark = kind(options, folder)
        lines, answered = benchmark.run()
        print("\n".join(lines))
        return 0 if answered else 1
    except Failure as failure:
        say(f"FAILED: {failure}")
        return 1
    finally:
        for number in stopping:
            signal.signal(number, signal.SIG_IGN)
        if benchmark is not None:
            benchmark.end()
        shutil.rmtree(folder, ignore_errors=True)


def wrk(script, port, connections, seconds, requests):
    """The figures that the script ends with, after sending the requests of a file for some seconds."""
    command = [
        "wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s", "--latency", "-s", script,
        f"http://127.0.0.1:{port}", "--", requests,
    ]
    result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30)
    lines = [line for line in result.stdout.splitlines() if line.startswith("RESULT ")]
    if result.returncode != 0 or not lines:
        raise Failure(f"wrk ended with {result.returncode}: {result.stdout}{result.stderr}")
    return json.loads(lines[0].removeprefix("RESULT "))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def tail(path, lines=30):
    with open(path, encoding="utf-8", errors="replace") as file:
        return "".join(file.readlines()[-lines:])


class Server:
    """A server process, from its start to its end, with its output in a file."""

    def __init__(self, name, command, log):
        self.name, self.command, self.log = name, command, log
        self.port = free_port()
        self.process = None

    def start(self, ready_path, patience=30):
        """Starts the process and returns the seconds until it answered 200 for the first time."""
        command = [part.replace("{port}", str(self.port)) for part in self.command]
        with open(self.log, "ab") as log:
            began = time.perf_counter()
            # In a session of its own a Ctrl-C reaches us alone, and we end it in order.
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        while True:
            try:
                status, _, _ = self.get(ready_path)
                if status == 200:
                    return time.perf_counter() - began
            except OSError:
                pass
            if self.process.poll() is not None:
                raise Failure(f"{self.name} ended with {self.process.returncode}:\n{tail(self.log)}")
            if time.perf_counter() - began > patience:
                raise Failure(f"{self.name} was not ready within {patience} s:\n{tail(self.log)}")
            time.sleep(0.005)

    def stop(self):
        """Ends the process and returns its exit code; nothing to do if it isn't running."""
        if self.process is None:
            return 0
        process, self.process = self.process, None
        process.send_signal(signal.SIGTERM)
        try:
            return process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return process.wait()

    def get(self, path, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path, headers=headers or {})
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()

    def memory(self):
        """The process's resident memory in MiB, now and at its highest."""
        if self.process.poll() is not None:
            raise Failure(f"{self.name} ended with {self.process.returncode}:\n{tail(self.log)}")
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as file:
            fields = dict(line.split(":", 1) for line in file)
        return tuple(int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))


NGINX_CONFIGURATION = """
%(user)s
daemon off;
worker_processes 2;
pid %(folder)s/pid;
error_log stderr warn;
events { worker_connections 1024; }
http {
    access_log off;
    client_body_temp_path %(folder)s/body;
    proxy_temp_path %(folder)s/proxy;
    fastcgi_temp_path %(folder)s/fastcgi;
    uwsgi_temp_path %(folder)s/uwsgi;
    scgi_temp_path %(folder)s/scgi;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 300;
    keepalive_requests 1000000000;
    open_file_cache max=1000 inactive=1h;
    open_file_cache_valid 1h;
    server {
        listen 127.0.0.1:%(port)d;
        root %(folder)s/files;
        %(locations)s
    }
}
"""


def nginx(folder, locations=""):
    """An nginx, not started yet, that serves the files under `folder/files` and what else the locations say."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if program is None:
        raise Failure("nginx is not installed")
    os.makedirs(f"{folder}/files")
    server = Server("nginx", [program, "-e", "stderr", "-p", folder, "-c", f"{folder}/nginx.conf"], f"{folder}/log")
    # Started by root, its workers change to a user who can't read our folder.
    values = {"folder": folder, "port": server.port, "locations": locations, "user": "user root;" if os.geteuid() == 0 else ""}
    with open(f"{folder}/nginx.conf", "w", encoding="ascii") as file:
        file.write(NGINX_CONFIGURATION % values)
    return server


class Postgres:
    """A PostgreSQL of our own, with settings for a machine of some size and nothing that trades safety for speed."""

    SCRIPT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../scripts/postgres-cluster")
    SETTINGS = ["shared_buffers=4GB", "max_wal_size=8GB", "checkpoint_timeout=15min"]

    def __init__(self, folder):
        self.folder = folder

    def start(self):
        """Starts it and keeps the address of its database."""
        result = subprocess.run(
            [self.SCRIPT, "start", self.folder, *self.SETTINGS], stdout=subprocess.PIPE, timeout=120, check=True)
        self.url = f"postgres://pesanan:pesanan@127.0.0.1:{result.stdout.decode().strip()}/postgres"

    def vacuum(self, patience):
        """Does what PostgreSQL does by itself in the minutes after an import, so that it does not do it meanwhile."""
        subprocess.run(["psql", "--quiet", "--command", "VACUUM (ANALYZE)", self.url], timeout=patience, check=True)

    def stop(self):
        subprocess.run([self.SCRIPT, "stop-all", self.folder], timeout=60, check=False)


def pesanan(binary, storage, log):
    # Each request is counted against a limit that is never reached.
    limit = ["--limit-customer", "1000000/1"] if " --limit-customer" in help_of(binary) else []
    return Server("pesanan", [binary, "serve", *storage, *limit, "--port", "{port}"], log)


def run_pesanan(binary, storage, log_path, *arguments, timeout, **files):
    """Runs one of its other commands and returns what it printed, if `stdout` is a pipe."""
    with open(log_path, "ab") as log:
        try:
            result = subprocess.run(
                [binary, *arguments, *storage], timeout=timeout, stderr=log, **({"stdin": subprocess.DEVNULL, "stdout": log} | files))
        except subprocess.TimeoutExpired:
            raise Failure(f"pesanan {arguments[0]} took more than {timeout:.0f} s") from None
    if result.returncode != 0:
        raise Failure(f"pesanan {' '.join(arguments)} ended with {result.returncode}:\n{tail(log_path)}")
    return result.stdout


def help_of(binary):
    """What the program says of its options: older ones, measured for comparison, have fewer."""
    return subprocess.run([binary, "serve", "--help"], capture_output=True, text=True, timeout=10, check=True).stdout
