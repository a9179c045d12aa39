#!/usr/bin/env python3
"""Captures that are cut, damaged, empty or none at all, and command lines that are wrong: exit statuses as the README says. Speaks TAP.

  exit_status.py BUILD
"""
import fcntl
import gzip
import pathlib
import resource
import shlex
import signal
import struct
import subprocess
import sys
import termios
import time

from tap import run_cases

HERE = pathlib.Path(__file__).resolve().parent
CAPTURE = HERE / "captures" / "http_get.pcap"
OTHER = HERE / "captures" / "dns_types.pcap"
README = HERE.parent.parent / "README.md"
HELP_LINES, HELP_COLUMNS = 40, 110


class Case:
    """One folder to work in, one run of the sensor, and what is said about it."""

    def __init__(self, build, work):
        self.build, self.work, self.logs = build, pathlib.Path(work), pathlib.Path(work) / "logs"

    def file(self, name, content):
        path = self.work / name
        path.write_bytes(content)
        return path

    def run(self, *args, **options):
        command = [self.build / "sensor", *args]
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "timeout": 300, "cwd": self.work, **options}
        self.result = subprocess.run(command, **options)
        return self.result

    def replay(self, *files, **options):
        return self.run("--pcap", *files, "--log-dir", self.logs, "--quiet", **options)

    def rows(self, log="conn.log"):
        path = self.logs / log
        return sum(not line.startswith(b"#") for line in path.read_bytes().splitlines()) if path.exists() else 0

    def problem(self, status, said=b"", rows=None):
        """Empty when the run ended with the status, said so, and (when given) left the connections that it should."""
        out, err = self.result.stdout or b"", self.result.stderr or b""
        if self.result.returncode != status:
            return f"exit status {self.result.returncode} instead of {status}: {err.decode(errors='replace')}"
        if said not in out + err:
            return f"'{said.decode()}' was not said: {(out + err).decode(errors='replace')}"
        if status != 0 and not all(line.startswith((b"sensor: ", b"Try ")) for line in err.splitlines()):
            return f"more than sentences: {err.decode(errors='replace')}"
        if status == 2 and self.logs.exists() and any(self.logs.iterdir()):
            return "a log was opened"
        if rows is not None and self.rows() != rows:
            return f"{self.rows()} connections instead of {rows}"
        return ""


def good(c):
    c.replay(CAPTURE)
    return c.problem(0, rows=7)


def cut_in_a_record(c):
    c.replay(c.file("cut.pcap", CAPTURE.read_bytes()[:-10]))
    return c.problem(1, b"breaks off", rows=7)


def cut_in_the_header(c):
    c.replay(c.file("cut.pcap", CAPTURE.read_bytes()[:20]))
    return c.problem(1, b"breaks off", rows=0)


def cut_among_good_ones(c):
    c.replay(c.file("cut.pcap", CAPTURE.read_bytes()[:-10]), OTHER)
    return c.problem(1, b"cut.pcap", rows=7 + 24)


def cut_when_compressed(c):
    c.replay(c.file("cut.pcap.gz", gzip.compress(CAPTURE.read_bytes())[:-40]))
    return c.problem(1, b"after ")


def damaged(c):
    whole = CAPTURE.read_bytes()
    c.replay(c.file("damaged.pcap", whole + b"\xff" * 64))
    return c.problem(1, b"is damaged at byte", rows=7)


def empty(c):
    c.replay(c.file("empty.pcap", b""))
    return c.problem(1, b"is empty", rows=0)


def without_packets(c):
    c.replay(c.file("none.pcap", CAPTURE.read_bytes()[:24]))
    return c.problem(0, rows=0)


def no_capture(c):
    c.replay(c.file("text.pcap", b"This is no capture, but a text.\n"))
    return c.problem(2, b"is not a capture file")


def missing(c):
    c.replay(CAPTURE, "nowhere.pcap")
    return c.problem(2, b"No such file")


def folder(c):
    c.replay(c.work)
    return c.problem(2, b"is a directory")


def standard_input(c):
    with CAPTURE.open("rb") as capture:
        c.replay("-", stdin=capture)
    return c.problem(0, rows=7)


def unread(pipe):
    """Bytes that wait in a pipe."""
    return struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0]


def stopped(c):
    """SIGTERM in the middle of a pipe: what was read is written."""
    command = [c.build / "sensor", "--pcap", "-", "--log-dir", c.logs, "--quiet"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as sensor:
        sensor.stdin.write(CAPTURE.read_bytes())
        sensor.stdin.flush()
        deadline = time.monotonic() + 60
        while unread(sensor.stdin) and time.monotonic() < deadline:
            time.sleep(0.05)
        time.sleep(1)
        sensor.send_signal(signal.SIGTERM)
        err = sensor.stderr.read()
        c.result = subprocess.CompletedProcess(command, sensor.wait(60), b"", err)
    closed = b"#close" in (c.logs / "conn.log").read_bytes() if c.rows() else False
    return c.problem(0) or ("" if closed else "what was read is not in the logs")


def full_disk(c):
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    c.replay(CAPTURE, preexec_fn=limit)
    return c.problem(1)


def usage(*args, said=b"--help"):
    def case(c):
        c.run(*args, "--log-dir", c.logs)
        return c.problem(2, said)

    return case


def bad_config(c):
    c.run("--pcap", CAPTURE, "--log-dir", c.logs, "--config", c.file("sensor.toml", b"[flow]\ncapacity = 'many'\n"))
    return c.problem(2, b"line 2")


def check_config(c):
    c.run("check-config", c.file("sensor.toml", b"[flow]\ncapacity = 65536\n"))
    return c.problem(0, b"fine")


def unusable_log_dir(c):
    c.run("--pcap", CAPTURE, "--log-dir", c.file("file", b"") / "logs")
    return c.problem(2, b"log directory")


def help_fits(c):
    c.run("--help")
    lines = c.result.stdout.decode().splitlines()
    wide = [line for line in lines if len(line) > HELP_COLUMNS]
    if len(lines) > HELP_LINES or wide:
        return f"{len(lines)} lines, {len(wide)} of them too long"
    return c.problem(0, b"--pcap")


def readme_examples(c):
    """The indented commands under "Use", in a folder that has what they name."""
    section = README.read_text().split("\n## Use\n")[1].split("\n## ")[0]
    commands = [line.strip() for line in section.splitlines() if line.startswith("    build/") and "--interface" not in line and "--dpdk" not in line]
    (c.work / "build").symlink_to(c.build)
    (c.work / "day").mkdir()
    for name in ("trace.pcap", "day/1.pcap.zst"):
        c.file(name, CAPTURE.read_bytes())
    c.file("day/2.pcap.zst", OTHER.read_bytes())
    for name in ("logs-before", "logs-after"):
        c.run("--pcap", CAPTURE, "--log-dir", c.work / name, "--quiet")
    if len(commands) < 3:
        return "the README's examples were not found"
    for command in commands:
        run = subprocess.run(["bash", "-ec", command], cwd=c.work, capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
        if run.returncode != 0:
            return f"{shlex.quote(command)}: exit status {run.returncode}: {run.stderr.decode(errors='replace')}"
        # sensor-cut reads a TSV log; the example before it may have written JSON.
        c.run("--pcap", CAPTURE, OTHER, "--log-dir", c.logs, "--quiet")
    return ""


CASES = {
    "a whole capture: 0": good,
    "cut in the middle of a record: 1": cut_in_a_record,
    "cut in the middle of its header: 1": cut_in_the_header,
    "cut, and read among whole ones: 1": cut_among_good_ones,
    "cut, and compressed: 1": cut_when_compressed,
    "damaged: 1": damaged,
    "an empty file: 1": empty,
    "a capture without packets: 0": without_packets,
    "no capture: 2": no_capture,
    "a missing file: 2": missing,
    "a folder: 2": folder,
    "standard input: 0": standard_input,
    "stopped by SIGTERM: 0": stopped,
    "a full disk: 1": full_disk,
    "nothing to read: 2": usage(),
    "an unknown option: 2": usage("--pcap", CAPTURE, "--nonsense"),
    "a filter that makes no sense: 2": usage("--pcap", CAPTURE, "--filter", "port and port", said=b"port and port"),
    "an unknown key: 2": usage("--pcap", CAPTURE, "--set", "flow.capacty=65536", said=b"flow.capacity"),
    "a value out of range: 2": usage("--pcap", CAPTURE, "--workers", "9999", said=b"worker.count"),
    "an unknown format: 2": usage("--pcap", CAPTURE, "--log-format", "xml", said=b"tsv, json, both"),
    "a wrong configuration file: 2": bad_config,
    "check-config: 0": check_config,
    "a log directory that cannot be: 2": unusable_log_dir,
    "the help fits a screen": help_fits,
    "the README's examples run": readme_examples,
}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    return run_cases(CASES, "sensor-exit-", lambda case, work: case(Case(build, work)))


if __name__ == "__main__":
    sys.exit(main())
