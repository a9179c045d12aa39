#!/usr/bin/env python3
"""How long a sensor that serves takes for the first page of a search in 1 GB of conn.log.

  log_search.py SENSOR [FOLDER]          FOLDER: where the log is made, 1 GB; else a temporary one
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse

BYTES, ROUNDS = 1_000_000_000, 5
CAPTURE = pathlib.Path(__file__).resolve().parent.parent / "tests" / "e2e" / "captures" / "http_get.pcap"


def make_log(sensor, folder):
    """The rows of a replay again and again, each round a second later, with one row in the middle that has its like nowhere."""
    subprocess.run([sensor, "--pcap", CAPTURE, "--log-dir", folder / "one", "--quiet"], check=True)
    lines = (folder / "one" / "conn.log").read_text().splitlines(keepends=True)
    head, rows = "".join(l for l in lines if l.startswith("#") and not l.startswith("#close")), [l for l in lines if not l.startswith("#")]
    begin = int(rows[0].split(".", 1)[0])
    logs = folder / "logs"
    logs.mkdir()
    with open(logs / "conn.log", "w") as out:
        n = out.write(head)
        middle = False
        for second in range(begin, sys.maxsize):
            n += out.write("".join(re.sub(r"^\d+", str(second), row) for row in rows) * 50)
            if n > BYTES / 2 and not middle:
                middle = True
                n += out.write(rows[0].replace("192.0.2.", "203.0.113."))
            if n > BYTES:
                return logs, begin, second


def ask(logs, path):
    out = subprocess.run(["curl", "-sf", "--unix-socket", logs / "sensor.sock", f"http://sensor{path}"], check=True, capture_output=True, text=True)
    return json.loads(out.stdout)


def main():
    sensor = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory(dir=sys.argv[2] if len(sys.argv) > 2 else None) as work:
        logs, begin, end = make_log(sensor, pathlib.Path(work))
        process = subprocess.Popen([sensor, "serve", "--log-dir", logs, "--no-http"], stdout=subprocess.DEVNULL)
        try:
            while not (logs / "sensor.sock").exists():
                time.sleep(0.1)
            searches = {"the newest rows": {}, "an address that is in every row": {"address": "192.0.2.1"}, "a text in the middle": {"text": "203.0.113."},
                        "a text that is nowhere": {"text": "nowhere.example"}, "a minute at the begin": {"from": begin, "to": begin + 60},
                        "a port that is nowhere": {"port": 9}}
            print(f"{'first page of':<34}{'ms':>6}  rows  MB read  to the end")
            for name, filters in searches.items():
                path = "/api/v1/logs/conn?" + urllib.parse.urlencode({"source": "live", **filters})
                times = []
                for _ in range(ROUNDS):
                    start = time.monotonic()
                    page = ask(logs, path)
                    times.append(time.monotonic() - start)
                read = page.get("scanned_bytes", 0) / 1e6
                print(f"{name:<34}{1000 * sorted(times)[ROUNDS // 2]:>6.0f}{len(page['rows']):>6}{read:>9.0f}  {'yes' if page['complete'] else 'no: goes on with the cursor'}")
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
