#!/usr/bin/env python3
"""Replays the captures in captures/ and compares whole logs, byte for byte, with expected/<capture>/. Speaks TAP.

  run.py BUILD             one test per capture and property
  run.py --update BUILD    writes expected/ anew (read the difference before you commit it)

Properties: the logs of one worker are the expected ones; 2, 4 and 8 workers write the same bytes; JSON says what TSV says.
"""
import argparse
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
WORKER_COUNTS = (2, 4, 8)


def replay(build, capture, out, *options):
    command = [build / "sensor", "--pcap", capture, "--log-dir", out, "--quiet", *options]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)
    return "" if run.returncode == 0 else f"exit status {run.returncode}: {run.stderr.strip()}"


def difference(want, got):
    """Empty when both folders hold the same files with the same bytes; else the first difference."""
    names = sorted({p.name for d in (want, got) if d.exists() for p in d.iterdir()})
    for name in names:
        a, b = want / name, got / name
        if not a.exists() or not b.exists():
            return f"{name} is only in {a.parent if a.exists() else b.parent}"
        if a.read_bytes() != b.read_bytes():
            shown = subprocess.run(["diff", "-u", a, b], capture_output=True, text=True, errors="replace").stdout
            return "\n".join(shown.splitlines()[:20])
    return "" if names else "no log was written"


def check_capture(build, capture, work, update):
    """Yields (property, problem); an empty problem is a pass."""
    expected, one = HERE / "expected" / capture.stem, work / "1"
    problem = replay(build, capture, one, "--workers", "1")
    if update and not problem:
        shutil.rmtree(expected, ignore_errors=True)
        shutil.copytree(one, expected)
    yield "expected logs", problem or difference(expected, one)
    for workers in WORKER_COUNTS:
        out = work / str(workers)
        yield f"{workers} workers", replay(build, capture, out, "--workers", str(workers)) or difference(one, out)
    out = work / "json"
    problem = replay(build, capture, out, "--log-format", "json", "--workers", "1")
    if not problem:
        diff = subprocess.run([build / "sensor-diff", one, out], capture_output=True, text=True, errors="replace")
        problem = diff.stdout + diff.stderr if diff.returncode else ""
    yield "JSON equals TSV", problem


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--update", action="store_true")
    args = parser.parse_args()
    count = failed = 0
    for capture in sorted((HERE / "captures").glob("*.pcap*")):
        with tempfile.TemporaryDirectory(prefix="sensor-e2e-") as work:
            for what, problem in check_capture(args.build.resolve(), capture, pathlib.Path(work), args.update):
                count += 1
                failed += bool(problem)
                print(f"{'not ok' if problem else 'ok'} {count} - {capture.stem}: {what}")
                for line in problem.splitlines():
                    print(f"# {line}")
    print(f"1..{count}")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
