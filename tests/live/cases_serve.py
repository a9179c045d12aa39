"""A sensor that serves, on real interfaces: it changes between them and capture files, and gives up its rights first."""
import json
import shutil
import socket
import subprocess
import time

from cases_ops import Script
from lab import CAPTURES, expect, packets_of, read_rows, run

CAPTURE, PACKETS, CONNECTIONS = CAPTURES / "http_get.pcap", 87, 7


class Served:
    """`sensor serve` in the listener's namespace, asked through its Unix socket."""

    def __init__(self, lab, *arguments, prefix=()):
        self.lab, self.logs, self.pcaps = lab, lab.work / "logs", lab.work / "pcaps"
        self.pcaps.mkdir(exist_ok=True)
        shutil.copy(CAPTURE, self.pcaps)
        command = ["ip", "netns", "exec", lab.listener, *prefix, lab.build / "sensor", "serve", "--log-dir", self.logs, "--no-http", "--set", f"api.pcap_dir={self.pcaps}", "--set", "capture.ring_mib=16", *arguments]
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        lab.processes.append(self.process)
        deadline = time.monotonic() + 30
        while run("curl", "-s", "--unix-socket", self.logs / "sensor.sock", "http://sensor/healthz", check=False).returncode != 0:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"it does not serve: {self.process.communicate()}")
            time.sleep(0.1)

    def ask(self, path, body=None):
        more = () if body is None else ("-H", "Content-Type: application/json", "-d", json.dumps(body))
        return json.loads(run("curl", "-s", "--unix-socket", self.logs / "sensor.sock", *more, f"http://sensor/api/v1/{path}").stdout)

    def capture(self, **order):
        answer = self.ask("capture", order)
        expect("error" not in answer, answer)
        time.sleep(0.5)
        return answer

    def wait_until(self, condition, limit=20):
        deadline = time.monotonic() + limit
        while not condition(status := self.ask("status")):
            expect(time.monotonic() < deadline, f"it did not come to that: {status}")
            time.sleep(0.2)
        l = status["ledger"]
        expect(l["received"] == sum(l[row] for row in ("filtered", "dropped_capture", "dropped_end", "decoded", "undecoded", "waiting")), l)
        return status

    def stop(self):
        self.process.terminate()
        _, self.err = self.process.communicate(timeout=30)
        expect(self.process.returncode == 0, self.err)


def switching(lab):
    """Live, files, another interface, stop: each capture's logs are whole, and the figures are those of the traffic."""
    s = Served(lab)
    expect({i["name"] for i in s.ask("interfaces")["interfaces"]} >= {"b0", "b1", "lo"}, "interfaces are missing")
    s.capture(mode="live", interface="b0")
    sent = lab.replay(CAPTURE)
    status = s.wait_until(lambda d: d["traffic"]["packets"] == sent)
    expect(status["mode"] == "live" and status["interfaces"] == "b0" and status["ledger"]["received"] == sent, status)
    s.capture(mode="pcap", files=["http_get.pcap"])
    expect(len(read_rows(s.logs)) == CONNECTIONS and "#close" in (s.logs / "conn.log").read_text(), "the live logs are not whole")
    status = s.wait_until(lambda d: d["mode"] == "idle")
    expect(status["last_run"] | {"ended": 0} == {"mode": "replay", "origin": "http_get.pcap", "ended": 0, "ok": True, "message": "", "packets": PACKETS}, status)
    problem = lab.difference(lab.reference(CAPTURE, options=("--set", "asset.optional=live")), s.logs / "replay", ignore="")
    expect(not problem, problem)
    s.capture(mode="live", interface="b1", filter="tcp")
    sent = lab.replay(CAPTURE, link=1)
    s.wait_until(lambda d: d["traffic"]["packets"] == sent)
    conn = {r["uid"] for r in s.ask("logs/conn")["rows"]}
    s.capture(mode="stop")
    rows = s.ask("logs/conn?source=live&limit=1000")["rows"]
    expect(len(rows) == 2 * CONNECTIONS and conn <= {r["uid"] for r in rows}, f"{len(rows)} rows, with those of the first capture in the archive")
    expect(s.ask("capture", {"mode": "live", "interface": "b0", "filter": "port and port"})["error"]["code"] == "not_usable", "a filter that is none")
    expect(s.ask("status")["mode"] == "idle", "it is not idle")
    s.stop()


SEND_WHEN_TOLD = """
import socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
link.bind(("a0", 0))
print("ready", flush=True)
for line in sys.stdin:
    link.send(bytes.fromhex(line))
"""


def from_the_answer_on(lab):
    """When the answer says that capture has begun, no packet is lost any more to what workers still make ready."""
    s = Served(lab, "--workers", "2")
    sender = subprocess.Popen(["ip", "netns", "exec", lab.sender, "python3", "-c", SEND_WHEN_TOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    lab.processes.append(sender)
    sender.stdout.readline()
    s.ask("capture", {"mode": "live", "interface": "b0"})
    sender.stdin.write(packets_of(CAPTURE)[0].hex() + "\n")
    sender.stdin.flush()
    s.wait_until(lambda d: d["traffic"]["packets"] == 1, 5)
    s.stop()


def rights(lab):
    """As another user with CAP_NET_RAW alone it opens interfaces that it had not opened before."""
    user = "nobody"
    (lab.work / "logs").mkdir()
    shutil.chown(lab.work / "logs", user)
    lab.work.chmod(0o755)
    s = Served(lab, "--interface", "b0", "--set", f"run.user={user}")
    state = dict(line.split(":\t", 1) for line in open(f"/proc/{s.process.pid}/status").read().splitlines() if ":\t" in line)
    expect(state["Uid"].split()[0] == "65534" and int(state["CapEff"], 16) == 1 << 13 and state["NoNewPrivs"].strip() == "1" and state["Seccomp"].strip() == "2", state)
    s.capture(mode="live", interface="b1")
    sent = lab.replay(CAPTURE, link=1)
    s.wait_until(lambda d: d["traffic"]["packets"] == sent and d["interfaces"] == "b1")
    modes = {name: (s.logs / name).stat().st_mode & 0o777 for name in ("sensor.sock", "api.token", "history.sqlite", "history.sqlite-wal")}
    expect(set(modes.values()) == {0o600}, f"others may use them: { {name: oct(m) for name, m in modes.items()} }")
    s.stop()
    expect(len(read_rows(s.logs)) == CONNECTIONS, s.err)


def no_rights(lab):
    """Without the right to capture it serves, says so, and replays."""
    lab.work.chmod(0o777)
    s = Served(lab, prefix=("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"))
    error = s.ask("capture", {"mode": "live", "interface": "b0"})["error"]
    expect(error["code"] == "not_permitted", error)
    s.capture(mode="pcap", files=["http_get.pcap"])
    s.wait_until(lambda d: d["last_run"] is not None and d["last_run"]["packets"] == PACKETS)
    s.stop()


def script(lab):
    """scripts/live_capture.sh tells the sensor that serves what to do."""
    s = Served(lab)
    tell = Script(lab)
    expect("capturing from b0" in tell("start-live", "b0").stdout, "not started")
    lab.replay(CAPTURE)
    s.wait_until(lambda d: d["traffic"]["packets"] == PACKETS)
    shutil.copy(CAPTURE, lab.work / "new.pcap")
    expect("replaying 1 file" in tell("start-pcap", lab.work / "new.pcap").stdout and (s.pcaps / "new.pcap").exists(), "not replayed")
    s.wait_until(lambda d: d["mode"] == "idle")
    expect("conn.log" in tell("logs", "pcap").stdout and '"mode":"idle"' in tell("status").stdout, "no logs")
    refused = tell("start-live", "nothere9", check=False)
    expect(refused.returncode != 0 and "nothere9" in refused.stdout + refused.stderr, refused)
    expect("stopped" in tell("stop").stdout, "not stopped")
    s.stop()


def top(lab):
    """'sensor top' shows the traffic; without a terminal once."""
    s = Served(lab, "--interface", "b0")
    lab.replay(CAPTURE)
    s.wait_until(lambda d: d["traffic"]["packets"] == PACKETS)
    shown = run(lab.build / "sensor", "top", "--log-dir", s.logs).stdout
    expect("live b0" in shown and f"{PACKETS} packets" in shown and "\x1b" not in shown, shown)
    s.stop()
    gone = run(lab.build / "sensor", "top", "--log-dir", s.logs, check=False)
    expect(gone.returncode == 1 and "no sensor answers" in gone.stderr, gone)


def streams(lab):
    """200 pages that are open cost no packet."""
    s = Served(lab, "--interface", "b0", "--set", "capture.ring_mib=64")
    pages = []
    for _ in range(200):
        page = socket.socket(socket.AF_UNIX)
        page.connect(str(s.logs / "sensor.sock"))
        page.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: x\r\n\r\n")
        pages.append(page)
    lab.replay(CAPTURE, "--pps=20000", "--loop=700")
    # A busy machine's veth loses packets before they come to a socket: those that came are looked at.
    status = s.wait_until(lambda d: d["traffic"]["packets"] > 10000 and d["rates"]["packets"] == 0)
    expect(status["ledger"]["dropped_capture"] == 0 and status["ledger"]["received"] == status["traffic"]["packets"], status)
    for page in pages:
        page.settimeout(5)
        expect(b"event: status" in page.recv(1 << 16), "a page gets no events")
        page.close()
    s.stop()


CASES = {
    "serve: interfaces and files by turns": switching,
    "serve: from the answer on": from_the_answer_on,
    "serve: rights": rights,
    "serve: no rights": no_rights,
    "serve: live_capture.sh": script,
    "serve: sensor top": top,
    "serve: 200 pages": streams,
}
