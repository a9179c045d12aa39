"""What an operator uses: sensor doctor, scripts/live_capture.sh, Prometheus' own check of the metrics."""
import os
import re
import shutil
import time

from lab import CAPTURES, ROOT, expect, run

SCRIPT = ROOT / "scripts" / "live_capture.sh"
CAPTURE, CONNECTIONS = CAPTURES / "http_get.pcap", 7


def doctor(lab, *args):
    """Its exit status, and the verdict and the whole line of every check; commands are in the lines of the check above them."""
    result = lab.in_listener(lab.build / "sensor", "doctor", *args, check=False)
    checks, name = {}, ""
    for line in result.stdout.splitlines():
        if (found := re.match(r"  (fine|note|mend|mended) +(.{18})(.*)", line)) is not None:
            name = found[2].strip()
            checks[name] = [found[1], found[3]]
        elif name and line.startswith(" " * 20):
            checks[name].append(line.strip())
    return result, checks


def offloads_and_link(lab):
    """What is wrong is found, mended, and fine afterwards; the commands that are named do it as well."""
    lab.in_listener("ethtool", "-K", "b0", "gro", "on", "tso", "on")
    lab.in_listener("ip", "link", "set", "b0", "mtu", "9000", "down")
    result, checks = doctor(lab, "b0")
    expect(result.returncode == 1 and result.stderr == "", result)
    expect(checks["receive offloads"][0] == checks["send offloads"][0] == checks["link"][0] == "mend", result.stdout)
    expect("ethtool -K b0 gro off" in checks["receive offloads"], result.stdout)
    expect(checks["driver"][1].startswith("veth") and checks["rights"][0] == checks["MTU"][0] == "fine", result.stdout)
    result, checks = doctor(lab, "b0", "--fix")
    expect(all(checks[c][0] == "mended" for c in ("link", "receive offloads", "send offloads")), result.stdout)
    features = lab.in_listener("ethtool", "-k", "b0").stdout
    expect("generic-receive-offload: off" in features and "tcp-segmentation-offload: off" in features, features)
    lab.in_listener("ethtool", "-K", "b0", "gro", "on")
    lab.in_listener("bash", "-c", doctor(lab, "b0")[1]["receive offloads"][2])
    expect(doctor(lab, "b0")[1]["receive offloads"][0] == "fine", "the command did not mend it")


def doctor_refused(lab):
    """Without the right to change anything it says so; an interface that does not exist gets the list of those that do."""
    lab.in_listener("ethtool", "-K", "b0", "gro", "on")
    result = lab.in_listener("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", lab.build / "sensor", "doctor", "b0", "--fix", check=False)
    expect(result.returncode == 1 and "the kernel refused: Operation not permitted" in result.stdout and "setcap" in result.stdout, result)
    result = lab.in_listener(lab.build / "sensor", "doctor", "eth99", check=False)
    expect(result.returncode == 2 and "lo, b0, b1" in result.stderr.replace("b1, b0", "b0, b1"), result)


class Script:
    """scripts/live_capture.sh in the listener's namespace."""

    def __init__(self, lab):
        self.lab, self.logs, self.pcaps = lab, lab.work / "logs", lab.work / "pcaps"
        self.environment = os.environ | {"SENSOR_PROGRAM": str(lab.build / "sensor"), "SENSOR_LOG_DIR": str(self.logs), "SENSOR_PCAP_DIR": str(self.pcaps)}

    def __call__(self, *args, check=True):
        return self.lab.in_listener(SCRIPT, *args, env=self.environment, check=check)

    def wait_for(self, path, limit=20):
        deadline = time.monotonic() + limit
        while not path.exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        return path.exists()


def rows(path):
    return sum(not line.startswith("#") for line in path.read_text().splitlines())


def script_live(lab):
    """From start-live to the first connection in conn.log; then status, logs and stop."""
    script = Script(lab)
    try:
        expect("b0" in script("interfaces").stdout, "no list")
        expect("capturing from b0" in script("start-live", "b0").stdout, "not started")
        expect(script("start-live", "b0", check=False).returncode == 2, "started twice")
        lab.replay(CAPTURE)
        expect(script.wait_for(script.logs / "live" / "conn.log", 10), "no conn.log after 10 s")
        status = script("status").stdout
        expect('"interfaces":"b0"' in status and "no folder is watched" in status, status)
        expect("conn.log" in script("logs", "live").stdout, "no logs")
    finally:
        out = script("stop").stdout
    expect("Traffic" in out, f"no summary: {out}")
    expect(rows(script.logs / "live" / "conn.log") == CONNECTIONS, "connections are missing")
    expect("nothing runs" in script("stop").stdout, "it runs still")
    expect("no process runs" in script("status").stdout, "it runs still")


def script_live_refused(lab):
    """What the sensor has to say comes to the terminal."""
    script = Script(lab)
    result = script("start-live", "eth99", check=False)
    expect(result.returncode == 1 and "there is no interface 'eth99'" in result.stderr, result)
    result = script("start-live", check=False)
    expect(result.returncode == 2 and "which interface?" in result.stderr, result)


def script_pcap(lab):
    """What lies in the folder, what comes later, what changes, and what is no capture."""
    script = Script(lab)
    script.pcaps.mkdir()
    shutil.copy(CAPTURE, script.pcaps / "first.pcap")
    (script.pcaps / "notes with space.txt").write_text("not a capture")
    try:
        script("start-pcap")
        expect(script.wait_for(script.logs / "pcap" / "first.pcap"), "the file was not replayed")
        expect(rows(script.logs / "pcap" / "first.pcap" / "conn.log") == CONNECTIONS, "connections are missing")
        shutil.copy(CAPTURES / "dns_types.pcap", script.pcaps / "second.pcap")
        expect(script.wait_for(script.logs / "pcap" / "second.pcap" / "dns.log"), "the new file was not replayed")
        shutil.copy(CAPTURES / "dns_types.pcap", script.pcaps / "first.pcap")
        expect(script.wait_for(script.logs / "pcap" / "first.pcap" / "dns.log"), "the changed file was not replayed")
        expect(not (script.logs / "pcap" / "first.pcap" / "http.log").exists(), "a log of the file before was left")
        said = (script.logs / "pcap" / "notes with space.txt" / "messages.txt").read_text()
        expect("not a capture" in said or "sensor:" in said, said)
        expect("pcap: process" in script("status").stdout, "no status")
        expect("dns.log" in script("logs", "pcap").stdout, "no logs")
    finally:
        out = script("stop").stdout
    expect("second.pcap: logs in" in out and "notes with space.txt: sensor:" in out, out)
    result = script("start-pcap", CAPTURE)
    expect("Traffic" in result.stdout and (script.logs / "pcap" / CAPTURE.name / "http.log").exists(), result)
    expect(script("start-pcap", "/nowhere", check=False).returncode == 2, "a folder that is not there")


def promtool(lab):
    """Prometheus finds nothing to object to, before traffic, with it, and with drops."""
    s = lab.sensor("--workers", "2", http=True)
    for _ in range(2):
        metrics = lab.in_listener("curl", "-sf", "http://127.0.0.1:9047/metrics").stdout
        checked = run("promtool", "check", "metrics", input=metrics, check=False)
        expect(checked.returncode == 0 and checked.stderr == "", f"{checked.stdout}{checked.stderr}")
        lab.replay(CAPTURE)
        time.sleep(2)
    s.stop()


CASES = {
    "the doctor mends offloads and the link": offloads_and_link,
    "the doctor without rights": doctor_refused,
    "live_capture.sh on an interface": script_live,
    "live_capture.sh says what is wrong": script_live_refused,
    "live_capture.sh on a folder": script_pcap,
    "promtool reads the metrics": promtool,
}
