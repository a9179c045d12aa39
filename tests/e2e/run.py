#!/usr/bin/env python3
"""Replays the captures in captures/ and compares whole logs, byte for byte, with expected/<capture>/. Speaks TAP.

  run.py BUILD [NAME …]             one test per capture and property; all captures, or the named ones
  run.py --update BUILD [NAME …]    writes expected/ anew (read the difference before you commit it)
  run.py --only PROPERTY,… BUILD    some properties: logs, workers, json, together; see --help

Properties: the logs of one worker are the expected ones; 2, 4 and 8 workers write the same bytes; JSON says what TSV says; all captures
on one command line give the rows of each. The counts of stats.log and its kind are expected of a few captures only.
"""
import argparse
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
PROPERTIES = ("logs", "workers", "json", "together")
STATISTICS = {"stats.log", "top_ips.log", "protocols.log", "capture_loss.log"}
STATISTICS_OF = {"dns_multicast", "fragments", "http_dropped"}
# What a capture is replayed with, besides the defaults.
OPTIONS_OF = {
    "assets": ("asset.optional=always",),
    "notices": ("notice.optional=always", "notice.ssh_guesses=3", "notice.scan_hosts=10", "notice.minimum_tls=TLSv12"),
    "software": ("asset.optional=always",),
}
# One row per event, whatever else is read in the same run; other logs leave out what was seen before.
ROW_PER_EVENT = ("conn.log", "dns.log", "http.log", "ssl.log", "files.log")


def replay(build, captures, out, *options):
    chosen = OPTIONS_OF.get(captures[0].stem, ()) if len(captures) == 1 else ()
    options += tuple(f"--set={o}" for o in chosen)
    command = [build / "sensor", "--pcap", *captures, "--log-dir", out, "--quiet", *options]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600)
    return "" if run.returncode == 0 else f"exit status {run.returncode}: {run.stderr.strip()}"


def difference(want, got, left_out=frozenset()):
    """Empty when both folders hold the same files with the same bytes; else the first difference."""
    names = sorted({p.name for d in (want, got) if d.exists() for p in d.iterdir()} - left_out)
    for name in names:
        a, b = want / name, got / name
        if not a.exists() or not b.exists():
            return f"{name} is only in {a.parent if a.exists() else b.parent}"
        if a.read_bytes() != b.read_bytes():
            shown = subprocess.run(["diff", "-u", a, b], capture_output=True, text=True, errors="replace").stdout
            return "\n".join(shown.splitlines()[:20])
    return "" if names else "no log was written"


def check_capture(args, capture, work):
    """Yields (property, problem); an empty problem is a pass."""
    expected, one = HERE / "expected" / capture.stem, work / "1"
    left_out = frozenset() if capture.stem in STATISTICS_OF else STATISTICS
    problem = replay(args.build, [capture], one, "--workers", "1")
    if args.update and not problem:
        shutil.rmtree(expected, ignore_errors=True)
        shutil.copytree(one, expected, ignore=shutil.ignore_patterns(*left_out))
    if "logs" in args.only:
        yield "expected logs", problem or difference(expected, one, left_out)
    for workers in args.workers if "workers" in args.only else ():
        out = work / str(workers)
        yield f"{workers} workers", replay(args.build, [capture], out, "--workers", str(workers)) or difference(one, out)
    if "json" in args.only:
        out = work / "json"
        problem = replay(args.build, [capture], out, "--log-format", "json", "--workers", "1")
        if not problem:
            diff = subprocess.run([args.build / "sensor-diff", one, out], capture_output=True, text=True, errors="replace")
            problem = diff.stdout + diff.stderr if diff.returncode else ""
        yield "JSON equals TSV", problem


def rows(path):
    """Without pings: those of one pair of hosts are one connection, also when two captures lie within a minute."""
    lines = path.read_bytes().splitlines() if path.exists() else []
    return sum(not line.startswith(b"#") and b"\ticmp\t" not in line for line in lines)


def check_together(args, captures):
    """All captures in one run: nothing is lost, in whatever order they are named."""
    with tempfile.TemporaryDirectory(prefix="sensor-e2e-") as work:
        ascending, descending = pathlib.Path(work) / "a", pathlib.Path(work) / "d"
        problem = replay(args.build, captures, ascending, "--workers", "1") or replay(args.build, captures[::-1], descending, "--workers", "4")
        yield "all captures in either order", problem or difference(ascending, descending)
        for log in ROW_PER_EVENT:
            want, got = sum(rows(HERE / "expected" / c.stem / log) for c in captures), rows(ascending / log)
            yield f"all captures, rows of {log}", "" if want == got else f"{got} rows, and {want} when each capture is replayed alone"
        described = (HERE.parent.parent / "docs" / "LOGS.md").read_text()
        unknown = [p.name for p in sorted(ascending.iterdir()) if f"\n## {p.name}\n" not in described]
        yield "every log is in docs/LOGS.md", ", ".join(unknown)


def run_capture(args, capture):
    with tempfile.TemporaryDirectory(prefix="sensor-e2e-") as work:
        return [(f"{capture.stem}: {what}", problem) for what, problem in check_capture(args, capture, pathlib.Path(work))]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=lambda p: pathlib.Path(p).resolve())
    parser.add_argument("names", nargs="*")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--only", type=lambda s: s.split(","), default=PROPERTIES)
    parser.add_argument("--workers", type=int, nargs="+", default=(2, 4, 8), help="how many workers to compare with one")
    args = parser.parse_args()
    captures = sorted(p for p in (HERE / "captures").glob("*.pcap*") if not args.names or p.stem in args.names)
    results = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for some in pool.map(lambda c: run_capture(args, c), captures):
            results += some
    if "together" in args.only and not args.names:
        results += check_together(args, captures)
    for count, (what, problem) in enumerate(results, 1):
        print(f"{'not ok' if problem else 'ok'} {count} - {what}")
        for line in problem.splitlines():
            print(f"# {line}")
    print(f"1..{len(results)}")
    return 1 if not results or any(problem for _, problem in results) else 0


if __name__ == "__main__":
    sys.exit(main())
