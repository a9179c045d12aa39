#!/usr/bin/env python3
"""live_rates.py BUILD SENSOR [af_packet] [dpdk]: what live.sh measures."""
import os
import pathlib
import re
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests" / "live"))
from lab import Lab, run  # noqa: E402

RATES = [40_000 * 5**i // 4**i for i in range(20)]  # packets per second to try, a quarter more each time
SECONDS = 2  # at a rate
TRIES = 2  # a machine that was busy is no loss
TOP_SPEED_PACKETS = 1_000_000  # of each generator
TOP_SPEED_ROUNDS = 5
DPDK_RUNS = 5  # of which the median counts
FEED_PAUSE = 1.0  # seconds from its "loaded" to its first packet
TESTPMD_ROUNDS = 100  # a million packets take it less than a tenth of a second


def generate(build, path, *options):
    if not path.exists():
        run(build / "sensor-gen", "--out", path, "--quiet", *options, timeout=600)
    return path


# AF_PACKET


class Listener:
    """A program that captures from b0 until it is stopped."""

    def __init__(self, lab, *command, ready=1.5):
        self.process = subprocess.Popen(["ip", "netns", "exec", lab.listener, *map(str, command)], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        lab.processes.append(self.process)
        time.sleep(ready)

    def stop(self):
        time.sleep(1)
        self.process.send_signal(signal.SIGINT)
        return self.process.communicate(timeout=60)[0]


def number(pattern, text):
    found = re.search(pattern, text)
    return int(found.group(1)) if found else 0


def sensor_sees(lab, sensor, send):
    # A folder of its own: where logs of an earlier run lie, they are archived and compressed first.
    s = Listener(lab, sensor, "-i", "b0", "--log-dir", tempfile.mkdtemp(dir=lab.work), "--no-http", "-C")
    send()
    return number(r"packets +(\d+) from", s.stop())


def tcpdump_sees(lab, _, send):
    s = Listener(lab, "tcpdump", "-i", "b0", "-w", "/dev/null")
    send()
    return number(r"(\d+) packets captured", s.stop())


def softflowd_sees(lab, _, send):
    control = lab.work / "softflowd.ctl"
    s = Listener(lab, "softflowd", "-i", "b0", "-d", "-c", control, "-p", lab.work / "softflowd.pid", "-m", "1000000")
    send()
    time.sleep(1)
    said = lab.in_listener("softflowctl", "-c", control, "statistics", check=False).stdout
    s.stop()
    return number(r"received by libpcap: (\d+)", said) - number(r"dropped by libpcap: (\d+)", said)


def send_and_count(lab, sees, sensor, capture, packets, pace, senders=1):
    """How many packets were seen, how many were sent, and how many a second."""
    sent, rate = 0, 0.0

    def send():
        nonlocal sent, rate
        command = ["ip", "netns", "exec", lab.sender, "tcpreplay", "-i", "a0", "--preload-pcap", "--loop=0", f"--limit={packets}", pace]
        running = [subprocess.Popen([*command, str(capture)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(senders)]
        for process in running:
            out, errors = process.communicate(timeout=300)
            if process.returncode != 0:
                raise RuntimeError(f"tcpreplay ended with status {process.returncode}: {errors}")
            sent += number(r"Actual: (\d+) packets", out)
            rate += float(re.search(r"([\d.]+) pps", out).group(1))

    seen = sees(lab, sensor, send)
    return seen, sent, rate


def highest_rate(lab, sees, sensor, capture):
    """Packets per second of two generators, as they were sent; the highest of those at which every packet was seen. One generator reaches
    less than any listener takes. Ends where two do."""
    best = 0
    for pace in RATES:
        for _ in range(TRIES):
            seen, sent, rate = send_and_count(lab, sees, sensor, capture, SECONDS * pace // 2, f"--pps={pace // 2}", senders=2)
            if seen >= sent:
                best = max(best, rate)
                break
        if seen < sent or rate < 0.8 * pace:
            break
    return best


def at_top_speed(lab, sees, sensor, capture):
    """Two generators as fast as they can: packets lost, packets sent, and the rate, over some rounds."""
    rounds = [send_and_count(lab, sees, sensor, capture, TOP_SPEED_PACKETS, "--topspeed", senders=2) for _ in range(TOP_SPEED_ROUNDS)]
    lost = sum(sent - seen for seen, sent, _ in rounds)
    return lost, sum(sent for _, sent, _ in rounds), sum(rate for _, _, rate in rounds) / len(rounds)


def af_packet(build, sensor, work):
    capture = generate(build, work / "veth.pcap", "--connections", "12000", "--window", "4", "--packets-per-connection", "40", "--seed", "1")
    print("AF_PACKET, packets per second without loss, two generators on the same cores", flush=True)
    for name, sees in (("sensor", sensor_sees), ("tcpdump -w /dev/null", tcpdump_sees), ("softflowd", softflowd_sees)):
        with tempfile.TemporaryDirectory() as lab_work:
            lab = Lab(build, lab_work)
            try:
                best = highest_rate(lab, sees, sensor, capture)
                lost, sent, rate = at_top_speed(lab, sees, sensor, capture)
                print(f"  {name:<24}{best:>12,.0f}   at top speed: {lost:,} of {sent:,} lost at {rate:,.0f}", flush=True)
            finally:
                lab.close()


# DPDK


def thread_seconds(pid):
    """CPU seconds by the name of a thread; the scheduler counts nanoseconds, /proc/PID/stat ticks."""
    seconds = {}
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        try:
            name, spent = (task / "comm").read_text().strip(), (task / "schedstat").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended meanwhile
            continue
        seconds[name] = seconds.get(name, 0) + int(spent.split()[0]) / 1e9
    return seconds


class Fed:
    """A DPDK program on a port that is fed with a capture from memory."""

    def __init__(self, build, capture, loops, command):
        eal = ["--no-huge", "-m", "4500", "--no-pci", "--no-shconf", "--no-telemetry", "-d", str(build / "dpdk_feed.so"), "--vdev=net_ring0"]
        arguments = [part for c in command for part in ([" ".join(eal)] if c == "EAL" else eal if c == "EAL..." else [str(c)])]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                        env={**os.environ, "FEED_FILE": str(capture), "FEED_LOOPS": str(loops)})
        self.packets, self.seconds, before = 0, 0.0, {}
        for line in self.process.stderr:
            if line.startswith("feed:") and "loaded" in line:
                time.sleep(FEED_PAUSE - 0.1)  # an idle second is no part of what packets cost
                before = thread_seconds(self.process.pid)
            found = re.match(r"feed: (\d+) packets in ([\d.]+) s", line)
            if found:
                self.packets, self.seconds = int(found.group(1)), float(found.group(2))
                break
        after = thread_seconds(self.process.pid) if self.packets else {}
        self.cpu = {name: s - before.get(name, 0) for name, s in after.items()}
        self.process.send_signal(signal.SIGTERM)
        self.out, _ = self.process.communicate(timeout=120)

    @property
    def rate(self):
        return self.packets / self.seconds if self.seconds else 0


def fed_sensor(build, sensor, capture, work):
    fed = Fed(build, capture, 1, [sensor, "--dpdk", "EAL", "--workers", "1", "--log-dir", work / "logs", "--no-http", "-C"])
    worker = fed.cpu.get("worker 0", 0)
    # The plugin's thread has the name of the program, as the main thread has; the kernel keeps 15 bytes of it.
    others = sum(s for name, s in fed.cpu.items() if name not in ("worker 0", sensor.name[:15]))
    return fed, worker, worker + others


def fed_testpmd(build, capture, loops):
    command = ["dpdk-testpmd", "-l", "0,1", "EAL...", "--", "--forward-mode=rxonly", "--auto-start", "--no-flush-rx", "--total-num-mbufs=4096"]
    return Fed(build, capture, loops, command)


def cpu_of(*command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run(*command, timeout=600)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def spread(values):
    """The median, and between what it lies."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def dpdk(build, sensor, work):
    mixed = generate(build, work / "mixed.pcap", "--connections", "15000", "--window", "10", "--packets-per-connection", "48", "--mix",
                     "dns:10,http:40,tls:40,bulk:10", "--seed", "2")
    # A second round would be retransmissions of the first.
    established = generate(build, work / "established.pcap", "--profile", "flows", "--connections", "2000", "--packets-per-connection", "1000",
                           "--window", "10", "--seed", "3")
    print(f"DPDK, one worker, packets from memory; medians of {DPDK_RUNS} runs, and the lowest and highest", flush=True)
    for name, capture in (("mixed", mixed), ("established", established)):
        cpu, clock, testpmd, ratio, sensors, peers = [], [], [], [], [], []
        for _ in range(DPDK_RUNS):  # in turn: a busy moment of the machine falls on all
            fed, worker, total = fed_sensor(build, sensor, capture, work)
            cpu.append(fed.packets / worker / 1e6 if worker else 0)
            clock.append(fed.rate / 1e6)
            testpmd.append(fed_testpmd(build, capture, TESTPMD_ROUNDS).rate / 1e6)
            if capture == mixed:
                sensors.append(total)
                peers.append(cpu_of("ndpiReader", "-i", mixed, "-q"))
                ratio.append(total / peers[-1])
        print(f"  {name}: {fed.packets} packets; {spread(cpu)} M/s of the worker's CPU, {spread(clock)} M/s by the clock; "
              f"testpmd rxonly {spread(testpmd)} M/s by the clock", flush=True)
        if ratio:
            print(f"  {name}: {spread(sensors)} s of CPU, all threads; ndpiReader on the same packets {spread(peers)} s; ratio {spread(ratio)}",
                  flush=True)


def main():
    build, sensor, parts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:] or ["af_packet", "dpdk"]
    with tempfile.TemporaryDirectory(prefix="sensor-live-bench-") as work:
        for part in parts:
            {"af_packet": af_packet, "dpdk": dpdk}[part](build, sensor, pathlib.Path(work))


if __name__ == "__main__":
    main()
