"""A sensor on DPDK's software ports."""
import pathlib
import shutil
import subprocess
import time

from lab import CAPTURES, Skip, expect, packets_of, pcap_of, read_rows, run

AF_PACKET = "--vdev=net_af_packet0,iface=b0"
IDLE_SECONDS, IDLE_SHARE = 4, 0.05


def pcap_port(capture):
    return f"--vdev=net_pcap0,rx_pcap={capture}"


TIMES = "ts,duration,rtt"
# A file is read so fast that connections last no microsecond, and conn.log has neither duration nor payload bytes then.
TIMES_IN_NO_TIME = f"{TIMES},orig_bytes,resp_bytes"


def same_as_file(lab, sensor, capture, count, *options, ignore=TIMES_IN_NO_TIME, reading=()):
    """What was sent was processed or dropped and counted, and the logs are those of the file."""
    sensor.stop()
    processed, dropped = sensor.packets()
    expect(processed == count and dropped == 0, f"{count} sent, {processed} processed, {dropped} dropped")
    problem = lab.difference(lab.reference(capture, options=reading), sensor.logs, *options, ignore=ignore)
    expect(not problem, problem)


def pcap_case(name, *options):
    def case(lab):
        capture = CAPTURES / name
        same_as_file(lab, lab.dpdk(pcap_port(capture), *options), capture, len(packets_of(capture)))

    return case


def distributed(lab):
    """One queue, four workers: no connection is split."""
    capture = lab.work / "generated.pcap"
    run(lab.build / "sensor-gen", "--out", capture, "--quiet", "--connections", 300, "--window", 2, "--mix", "dns:40,http:30,tls:30", "--seed", 7)
    s = lab.dpdk(pcap_port(capture), "--workers", "4", "--set", "dpdk.ring_packets=32768")
    same_as_file(lab, s, capture, len(packets_of(capture)), "--only", "conn,http,dns,ssl")


def small_ring(lab):
    """What finds a worker's ring full is counted."""
    capture = lab.work / "syns.pcap"
    run(lab.build / "sensor-gen", "--out", capture, "--quiet", "--profile", "syn", "--connections", 50_000)
    s = lab.dpdk(pcap_port(capture), "--workers", "2", "--set", "dpdk.ring_packets=64").stop()
    processed, dropped = s.packets()
    expect(processed + dropped == 50_000, f"50000 sent, {processed} processed, {dropped} dropped")


def jumbo(lab):
    """Packets that are spread over several buffers."""
    payload = bytes(range(256)) * 34
    ip = bytes.fromhex("4500") + (28 + len(payload)).to_bytes(2, "big") + bytes.fromhex("00004000401100000a0000010a000002")
    udp = bytes.fromhex("30390035") + (8 + len(payload)).to_bytes(2, "big") + b"\0\0"
    frames = [b"\2" * 12 + b"\x08\0" + ip + udp + payload] * 3 + packets_of(CAPTURES / "http_get.pcap")
    capture = lab.work / "jumbo.pcap"
    capture.write_bytes(pcap_of(frames))
    same_as_file(lab, lab.dpdk(pcap_port(capture), "-C"), capture, len(frames), "--only", "conn,http", reading=("-C",))
    rows = [r for r in read_rows(lab.work / "logs") if r["id.orig_h"] == "10.0.0.1"]
    expect([r["orig_ip_bytes"] for r in rows] == [str(3 * (28 + len(payload)))], rows)


def af_packet_case(name, *options):
    def case(lab):
        s = lab.dpdk(AF_PACKET, *options)
        same_as_file(lab, s, CAPTURES / name, lab.replay(CAPTURES / name, "--multiplier=1"), ignore=TIMES)

    return case


def vlan_tags(lab):
    """The kernel takes tags out of packets; they are there again, and a filter may ask for them."""
    frames = packets_of(CAPTURES / "http_get.pcap")
    tagged = [frame[:12] + b"\x81\0\0" + bytes([vlan]) + frame[12:] for vlan in (7, 8) for frame in frames]
    s = lab.dpdk(AF_PACKET, "--filter", "vlan 8")
    lab.send_frames(tagged)
    s.stop()
    tags = [r["vlan"] for r in s.rows()]
    expect(tags == ["8"] * 7, tags)
    expect(s.packets()[0] == len(frames) and f"packets_filtered{len(frames):>36}" in s.out, s.out)


def need_tap():
    if not pathlib.Path("/dev/net/tun").exists():
        raise Skip("no /dev/net/tun, which net_tap needs")


def tap(lab):
    """What this host sends out over the sensor's own tap interface."""
    need_tap()
    s = lab.dpdk("--vdev=net_tap0,iface=t0")
    out = lab.in_listener("tcpreplay", "-i", "t0", "--multiplier=1", CAPTURES / "http_get.pcap").stdout
    expect("Actual: 87 packets" in out, out)
    s.stop()
    problem = lab.difference(lab.reference(CAPTURES / "http_get.pcap"), s.logs, "--only", "http")
    expect(not problem, problem)


def interrupts(lab):
    """Threads wait until the tap wakes them, and take what comes after a silence; two workers, too."""
    need_tap()
    for workers in ("1", "2"):
        s = lab.dpdk("--vdev=net_tap0,iface=t0", "--set", "dpdk.idle=interrupt", "--workers", workers, logs=f"logs{workers}")
        expect(s.status()["ports"] == [{"name": "net_tap0", "idle": "interrupt"}], s.status())
        before = s.cpu_seconds()
        time.sleep(IDLE_SECONDS)
        print(f"# {s.cpu_seconds() - before:.2f} s of CPU in {IDLE_SECONDS} s of silence, {workers} workers", flush=True)
        waits = sum(w["interrupt_waits"] for w in s.status()["workers"])
        expect(waits > 0, "nobody waited")
        for _ in range(2):
            out = lab.in_listener("tcpreplay", "-i", "t0", "--multiplier=1", CAPTURES / "http_get.pcap").stdout
            expect("Actual: 87 packets" in out, out)
            time.sleep(1)  # silence again
        expect(sum(w["interrupt_waits"] for w in s.status()["workers"]) > waits, "nobody waited again")
        s.stop()
        processed, dropped = s.packets()
        expect((processed, dropped) == (2 * 87, 0) and not s.err, f"174 sent, {processed} processed, {dropped} dropped: {s.err}")
        expect(len(s.rows("http.log")) == 20, s.rows("http.log"))


def no_interrupts(lab):
    """A port that cannot wake anybody is read as before, and that is said once."""
    s = lab.dpdk(AF_PACKET, "--set", "dpdk.idle=interrupt")
    expect(s.status()["ports"] == [{"name": "net_af_packet0", "idle": "sleep"}], s.status())
    time.sleep(1)
    sent = lab.replay(CAPTURES / "http_get.pcap", "--multiplier=1")
    s.stop()
    expect(s.packets() == (sent, 0), s.out)
    expect(s.err.count("\n") == 1 and "net_af_packet0: who reads it sleeps" in s.err and "no receive interrupts" in s.err, s.err)


def ring(lab):
    """Packets out of memory, as fast as they are read: none is lost, whoever shares them out."""
    capture = lab.work / "generated.pcap"
    run(lab.build / "sensor-gen", "--out", capture, "--quiet", "--connections", 300, "--window", 2, "--mix", "dns:40,http:30,tls:30", "--seed", 7)
    for workers in (1, 3):
        s = lab.dpdk(f"-d {lab.build}/dpdk_feed.so --vdev=net_ring0", "--workers", workers, "--set", "dpdk.ring_packets=32768",
                     logs=f"logs{workers}", prefix=("env", f"FEED_FILE={capture}"))
        time.sleep(4)
        same_as_file(lab, s, capture, len(packets_of(capture)), "--only", "conn,http,dns,ssl")
        expect("feed: " in s.err, s.err)


class Forwarder:
    """Another DPDK program, which sends a capture's packets into a shared memory link (memif)."""

    def __init__(self, lab, capture):
        link = f"net_memif0,role=client,socket-abstract=no,socket={lab.work}/memif.sock"
        self.process = subprocess.Popen(
            ["dpdk-testpmd", "--no-huge", "-m", "512", "--no-pci", "--no-shconf", "--no-telemetry", f"--vdev=net_pcap0,rx_pcap={capture}",
             f"--vdev={link}", "--", "-i", "--forward-mode=io", "--no-flush-rx", "--total-num-mbufs=20000"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        lab.processes.append(self.process)

    def say(self, command):
        self.process.stdin.write(f"{command}\n".encode())
        self.process.stdin.flush()

    def forward(self):
        """Once the link is there; then it goes away."""
        time.sleep(4)
        self.say("start")
        time.sleep(2)
        self.say("stop")
        self.say("quit")
        self.process.wait(timeout=20)


def memif(lab):
    """Another program's packets over shared memory; it goes away and comes back."""
    capture = CAPTURES / "http_get.pcap"
    s = lab.dpdk(f"--vdev=net_memif0,role=server,socket-abstract=no,socket={lab.work}/memif.sock")
    for _ in range(2):
        Forwarder(lab, capture).forward()
        time.sleep(2)
    s.stop()
    processed, dropped = s.packets()
    expect((processed, dropped) == (2 * 87, 0), f"174 sent, {processed} processed, {dropped} dropped: {s.err}")
    expect(s.err.count("has no link") >= 2 and s.err.count("has a link") == 2, s.err)
    expect(len(s.rows("http.log")) == 20, s.rows("http.log"))


def endless(lab):
    """A port that always has packets, two queues of it: received = processed + dropped, and the end comes nevertheless."""
    s = lab.dpdk("--vdev=net_null0", "--workers", "2")
    time.sleep(1)
    s.stop()
    row, = s.rows("stats.log")
    expect(int(row["pkts_link"]) == int(row["pkts_proc"]) > 100_000 and row["pkts_dropped"] == "0", row)


def idle_cost(lab):
    s = lab.dpdk(AF_PACKET)
    before = s.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    share = (s.cpu_seconds() - before) / IDLE_SECONDS
    s.stop()
    expect(share < IDLE_SHARE, f"{100 * share:.1f} % of a core")


def rights(lab):
    """No thread, DPDK's own ones included, keeps a right or an unfiltered system call."""
    lab.work.chmod(0o755)
    s = lab.dpdk(AF_PACKET, "--set", "run.user=nobody")
    for task in pathlib.Path(f"/proc/{s.process.pid}/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
        expect(status["Uid"].split() == ["65534"] * 4 and int(status["CapPrm"], 16) == 0 and status["Seccomp"] == "2", status)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect(len(s.rows()) == 7, s.rows())


def refusals(lab):
    """Every failure says the step, what DPDK said, and the remedy."""
    cases = [
        ("--vdev=net_pcap0,rx_pcap=/nowhere", (), 2, ("no port", "/nowhere: No such file", "--vdev")),
        ("--vdev=net_null0 --nonsense", (), 2, ("cannot start DPDK", "--nonsense", "dpdk.eal")),
        ("--vdev=net_null0", ("--set", "dpdk.ports=other"), 2, ("no port 'other'", "net_null0")),
        ("--vdev=net_null0", ("--set", "dpdk.queue_packets=32768", "--workers", "16"), 1, ("buffers", "net_null0", "dpdk.queue_packets")),
        (pcap_port(CAPTURES / "http_get.pcap"), ("--workers", "2", "--set", "capture.fanout=qm"), 2, ("1 queues", "worker.count")),
        (pcap_port(CAPTURES / "http_get.pcap"), ("--workers", "2", "--set", "dpdk.ring_packets=1000"), 1, ("ring", "power of two")),
        ("--vdev=net_null0", ("--set", "dpdk.idle=interrupt", "--set", "capture.busy_poll=true"), 2, ("capture.busy_poll", "dpdk.idle")),
        ("--vdev=net_null0", ("--filter", "port and port"), 2, ("filter", "pcap-filter")),
    ]
    for eal, options, status, words in cases:
        s = lab.dpdk(eal, *options, wait=False)
        out, err = s.process.communicate(timeout=20)
        missing = [word for word in words if word not in err]
        expect(s.process.returncode == status and not missing and err.count("\n") == 1, f"{s.process.returncode}, not in it: {missing}: {out + err}")


CASES = {
    "DPDK: http from net_pcap as from the file": pcap_case("http_get.pcap"),
    "DPDK: dns from net_pcap, three workers": pcap_case("dns_types.pcap", "--workers", "3"),
    "DPDK: four workers split no connection": distributed,
    "DPDK: a small ring": small_ring,
    "DPDK: jumbo packets": jumbo,
    "DPDK: http over net_af_packet as from the file": af_packet_case("http_get.pcap"),
    "DPDK: IPv6 over net_af_packet, two workers": af_packet_case("http_ipv6.pcap", "--workers", "2"),
    "DPDK: VLAN tags and a filter": vlan_tags,
    "DPDK: net_tap": tap,
    "DPDK: receive interrupts": interrupts,
    "DPDK: no receive interrupts": no_interrupts,
    "DPDK: net_ring": ring,
    "DPDK: net_memif": memif,
    "DPDK: net_null": endless,
    "DPDK: an idle sensor": idle_cost,
    "DPDK: rights": rights,
    "DPDK: refusals": refusals,
}
if shutil.which("dpdk-testpmd") is None:
    del CASES["DPDK: net_memif"]
