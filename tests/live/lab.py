"""Two namespaces with veth links between them, and a sensor that listens in one of them."""
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CAPTURES = ROOT / "tests" / "e2e" / "captures"
TOOLS = ("ip", "tcpreplay", "curl", "setpriv", "setcap", "ethtool", "promtool")


class Skip(Exception):
    """Why a case cannot run here."""


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def run(*command, check=True, **options):
    options = {"stdin": None if "input" in options else subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": 120, **options}
    result = subprocess.run([str(c) for c in command], **options)
    if check and result.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: {result.stderr.strip() or result.stdout.strip()}")
    return result


def reason_to_skip():
    """Why these tests cannot run here; empty when they can."""
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"missing: {', '.join(missing)}"
    if os.geteuid() != 0:
        return "they make network namespaces, for which one must be root"
    name = f"sensor-probe-{os.getpid()}"
    made = run("ip", "netns", "add", name, check=False)
    if made.returncode != 0:
        return f"no network namespaces: {made.stderr.strip()}"
    try:
        veth = run("ip", "-n", name, "link", "add", "x0", "type", "veth", "peer", "name", "x1", check=False)
        return "" if veth.returncode == 0 else f"no veth interfaces: {veth.stderr.strip()}"
    finally:
        run("ip", "netns", "del", name)


class Lab:
    """Sender and listener; link N joins the sender's a<N> with the listener's b<N>. Nobody has an address unless it is given one."""

    def __init__(self, build, work, links=1):
        self.build, self.work = build, pathlib.Path(work)
        self.sender, self.listener = f"sensor-a-{os.getpid()}", f"sensor-b-{os.getpid()}"
        self.processes = []
        for ns in (self.sender, self.listener):
            run("ip", "netns", "add", ns)
            run("ip", "netns", "exec", ns, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
            run("ip", "-n", ns, "link", "set", "lo", "up")
        for n in range(links):
            self.add_link(n)

    def add_link(self, n):
        a, b = f"a{n}", f"b{n}"
        run("ip", "link", "add", "name", a, "netns", self.sender, "type", "veth", "peer", "name", b, "netns", self.listener)
        for ns, name in ((self.sender, a), (self.listener, b)):
            run("ip", "-n", ns, "link", "set", name, "mtu", "9000", "up")

    def close(self):
        for p in self.processes:
            if p.poll() is None:
                p.kill()
            p.communicate()
        for ns in (self.sender, self.listener):
            run("ip", "netns", "del", ns, check=False)

    def in_sender(self, *command, **options):
        return run("ip", "netns", "exec", self.sender, *command, **options)

    def in_listener(self, *command, **options):
        return run("ip", "netns", "exec", self.listener, *command, **options)

    def wait_for_server(self, url):
        """Until the listener's web server answers the sender."""
        self.in_sender("curl", "-s", "-o", "/dev/null", "--retry", "60", "--retry-delay", "1", "--retry-connrefused", url)

    def serve(self, ns, *command):
        p = subprocess.Popen(["ip", "netns", "exec", ns, *map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                             stderr=subprocess.DEVNULL)
        self.processes.append(p)
        return p

    def give_addresses(self):
        """192.0.2.10 sends, 192.0.2.1 listens."""
        run("ip", "-n", self.sender, "addr", "add", "192.0.2.10/24", "dev", "a0")
        run("ip", "-n", self.listener, "addr", "add", "192.0.2.1/24", "dev", "b0")

    def sensor(self, *args, interface="b0", ring_mib=16, **options):
        s = Sensor(self, interface, ["--set", f"capture.ring_mib={ring_mib}", *args], ring_mib=ring_mib, **options)
        self.processes.append(s.process)
        return s

    def dpdk(self, eal, *args, **options):
        """A sensor on DPDK ports, without huge pages."""
        s = Sensor(self, None, args, eal=f"--no-huge -m 1024 --no-pci {eal}", **options)
        self.processes.append(s.process)
        return s

    def replay(self, capture, *speed, link=0):
        """Sends a capture's packets; returns how many."""
        out = self.in_sender("tcpreplay", "-i", f"a{link}", *(speed or ("--topspeed",)), capture).stdout
        return int(re.search(r"Actual: (\d+) packets", out).group(1))

    def send_frames(self, frames, links=None, pause=0.0):
        """Sends frames one by one, each over the link that `links` says of it (the first), with a pause between them."""
        script = self.work / "frames"
        script.write_bytes(b"".join(struct.pack("BH", links[i] if links else 0, len(f)) + f for i, f in enumerate(frames)))
        self.in_sender("python3", pathlib.Path(__file__).with_name("send_frames.py"), script, pause)

    def reference(self, *captures, options=()):
        """The logs of the same packets, read from files."""
        out = self.work / "reference"
        run(self.build / "sensor", "--pcap", *captures, "--log-dir", out, "--quiet", "--set", "asset.optional=always", *options)
        return out

    def difference(self, a, b, *options, ignore="ts,duration,rtt"):
        """Empty when two folders of logs say the same, times aside."""
        r = run(self.build / "sensor-diff", a, b, "--ignore", ignore, "--ignore-log", "stats,top_ips,protocols,capture_loss", *options, check=False)
        return "" if r.returncode == 0 else "\n".join(r.stdout.splitlines()[:30]) + r.stderr


class Sensor:
    """A sensor that has begun to capture when the constructor returns."""

    def __init__(self, lab, interface, args, sockets=None, logs="logs", wait=True, prefix=(), program=None, http=False, eal=None, ring_mib=0):
        self.lab, self.logs, self.ring_mib = lab, lab.work / logs, ring_mib
        source = ("--dpdk", eal) if eal else ("-i", interface)
        command = ["ip", "netns", "exec", lab.listener, *prefix, program or lab.build / "sensor", *source, "--log-dir", self.logs, *args, *(() if http else ("--no-http",))]
        self.process = subprocess.Popen([str(c) for c in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                        text=True)
        workers = int(args[args.index("--workers") + 1]) if "--workers" in args else 1
        if wait and eal:
            self.wait_until(lambda: (self.logs / "sensor.sock").exists())
            time.sleep(0.5)
        elif wait:
            self.wait_for_sockets(sockets if sockets is not None else workers * len(interface.split(",")))

    def wait_for_sockets(self, count):
        self.wait_until(lambda: self.sockets() >= count)

    def wait_until(self, capturing):
        deadline = time.monotonic() + 30
        while not capturing():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"the sensor does not capture: {self.process.communicate()}")
            time.sleep(0.02)

    def sockets(self):
        """Packet sockets that take packets in: a bound one does not yet. -1 before the sensor answers."""
        status = self.status()
        return -1 if status is None else sum(w["ring_queue_capacity"] for w in status["workers"]) // self.ring_mib

    def status(self):
        """The status document; nothing when the sensor does not answer yet."""
        try:
            with socket.socket(socket.AF_UNIX) as s:
                s.settimeout(5)
                s.connect(str(self.logs / "sensor.sock"))
                s.sendall(b"GET /api/v1/status HTTP/1.0\r\nHost: localhost\r\n\r\n")
                return json.loads(b"".join(iter(lambda: s.recv(1 << 16), b"")).partition(b"\r\n\r\n")[2])
        except (OSError, ValueError):
            return None

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def stop(self, how=signal.SIGTERM, limit=5):
        """Ends it; fails when that takes longer than the limit or the exit status is not 0."""
        time.sleep(1)  # what is in the kernel's hands arrives, on a busy machine, too
        start = time.monotonic()
        self.process.send_signal(how)
        self.out, self.err = self.process.communicate(timeout=60)
        took = time.monotonic() - start
        if self.process.returncode != 0:
            raise RuntimeError(f"exit status {self.process.returncode}: {self.err}")
        if took > limit:
            raise RuntimeError(f"it took {took:.1f} s to end")
        return self

    def wait_for_row(self, log, text, limit=15):
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            path = self.logs / log
            if path.exists() and text in path.read_text(errors="replace"):
                return True
            time.sleep(0.05)
        return False

    def packets(self):
        """Packets processed, and dropped before that, as the summary says."""
        processed = int(re.search(r"packets +(\d+) from", self.out).group(1))
        return processed, sum(map(int, re.findall(r"packets_dropped_\w+ +(\d+)", self.out)))

    def rows(self, log="conn.log"):
        return read_rows(self.logs, log)


def read_rows(folder, log="conn.log"):
    """The rows of a log as dictionaries; none when there is no such log."""
    path = folder / log
    if not path.exists():
        return []
    lines = path.read_text(errors="replace").splitlines()
    names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
    return [dict(zip(names, line.split("\t"))) for line in lines if not line.startswith("#")]


def packets_of(capture):
    """Frames of a pcap file in microseconds, this machine's byte order."""
    data = pathlib.Path(capture).read_bytes()
    frames, at = [], 24
    while at + 16 <= len(data):
        length = struct.unpack_from("I", data, at + 8)[0]
        frames.append(data[at + 16 : at + 16 + length])
        at += 16 + length
    return frames


def pcap_of(frames, gap_us=1000):
    """A capture of these frames at even distances."""
    records = (struct.pack("IIII", 1_700_000_000 + i * gap_us // 1_000_000, i * gap_us % 1_000_000, len(f), len(f)) + f for i, f in enumerate(frames))
    return struct.pack("IHHIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1) + b"".join(records)
