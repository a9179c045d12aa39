"""A sensor that serves, and a client of it."""
import http.client
import json
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CAPTURES = ROOT / "tests" / "e2e" / "captures"
JSON = {"Content-Type": "application/json"}


def expect(condition, what="it does not hold"):
    if not condition:
        raise AssertionError(what)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def expect_ledger(ledger):
    """Every packet is in one row, of the link and inside of others."""
    l = ledger
    expect(l["received"] == sum(l[row] for row in ("filtered", "dropped_capture", "dropped_end", "decoded", "undecoded", "waiting")), l)
    expect(l["decoded"] + l["inner_decoded"] == l["tracked"] + l["untracked"], l)
    expect(l["records"] >= l["records_written"] + l["records_reduced"] + l["records_lost"], l)


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status}: {self.body[:300]!r}"


class Served:
    """`sensor serve`, started and answering; `with` ends it. A second one with the same folder goes on where the first one ended."""

    def __init__(self, sensor, folder, *arguments, prefix=(), host="127.0.0.1", port=None):
        self.folder, self.logs, self.pcaps, self.host = folder, folder / "logs", folder / "pcaps", host
        self.pcaps.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.command = [*prefix, sensor, "serve", "--log-dir", self.logs, "--set", f"api.port={self.port}", "--set", f"api.pcap_dir={self.pcaps}", *arguments]

    def __enter__(self):
        self.process = subprocess.Popen([str(c) for c in self.command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 30
        while True:
            try:
                self.ask("GET", "/healthz", token=False)
                break
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the sensor does not answer: {self.process.communicate()}") from None
                time.sleep(0.05)
        self.token = (self.logs / "api.token").read_text().strip()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.out, self.err = self.process.communicate(timeout=30)
        expect(self.process.returncode == 0, f"exit status {self.process.returncode}: {self.err}")

    def ask(self, method, path, body=None, headers=None, token=True, timeout=30):
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        sent = dict(headers or {})
        if token:
            sent["Authorization"] = f"Bearer {self.token}"
        connection.request(method, path, body=body, headers=sent)
        response = connection.getresponse()
        answer = Answer(response.status, response.headers, response.read())
        connection.close()
        return answer

    def get(self, path, **options):
        return self.ask("GET", path, **options)

    def post(self, path, value, headers=JSON, **options):
        return self.ask("POST", path, body=json.dumps(value), headers=headers, **options)

    def capture(self, **order):
        answer = self.post("/api/v1/capture", order)
        expect(answer.status == 200, answer)
        return answer.json

    def wait_until(self, condition, limit=30):
        """Until the status document fulfils it; gives the document."""
        deadline = time.monotonic() + limit
        while True:
            status = self.get("/api/v1/status").json
            expect_ledger(status["ledger"])
            if condition(status):
                return status
            expect(time.monotonic() < deadline, f"it did not come to that: {status}")
            time.sleep(0.1)

    def replay(self, *names):
        self.capture(mode="pcap", files=list(names))
        return self.wait_until(lambda s: s["mode"] == "idle")

    def connect(self):
        return socket.create_connection((self.host, self.port), timeout=30)

    def open_stream(self):
        s = self.connect()
        s.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: {self.host}\r\nAuthorization: Bearer {self.token}\r\n\r\n".encode())
        return s

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100
