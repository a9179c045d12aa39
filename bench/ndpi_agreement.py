#!/usr/bin/env python3
"""ndpi_agreement.py [--min SHARE] [--show N] FOLDER SENSOR [ARGUMENT ...]

How often the labels of conn.log agree with ndpiReader's, over every capture file below FOLDER. SENSOR and its arguments are run as
  SENSOR ARGUMENT ... --pcap FILE --log-dir DIR --log-format json --quiet
and connections are matched by addresses, ports and protocol. What counts is where ndpiReader is certain (confidence DPI); of a
connection that either of them split into several, one equal label suffices. Two shares are told: of equal labels, and of those that are
equal or finer. Finer: ndpiReader names a protocol and the sensor the application in it as well ("QUIC" and "QUIC.YouTube"), and the host
name that tells it is in the sensor's ssl.log, http.log or dns.log (ndpiReader 4.2 does not put together a ClientHello that comes in
several QUIC packets out of order). Exit status 1 when the second share is below --min (default 0.97).
Needs ndpiReader (Debian: libndpi-bin)."""
import argparse
import collections
import gzip
import ipaddress
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FLOW = re.compile(r"^\t\d+\t(?P<proto>\S+) (?P<a>\S+) (?:<->|->|<-) (?P<b>\S+) (?:\[VLAN: \d+\])?\[proto: [^/\]]*/(?P<app>[^\]]*)\]"
                  r".*?\[Confidence: (?P<confidence>[^\]]*)\](?:\[cat: (?P<category>[^\]]*)/\d+\])?")
TRANSPORTS = {"TCP": "tcp", "UDP": "udp"}
HOST_NAMES = {"ssl": "server_name", "http": "host", "dns": "query"}  # log: its column with the host's name
CAPTURES = (".pcap", ".pcapng", ".cap", ".trace", ".dmp", ".gz")


def endpoint(text):
    """'1.2.3.4:80' or '[2001:db8::1]:80' -> (address, port)"""
    host, _, port = text.rpartition(":")
    if not host:
        host, port = text, "0"
    return str(ipaddress.ip_address(host.strip("[]"))), int(port)


def key_of(proto, a, b):
    return (proto, *sorted((a, b)))


def reader_labels(capture):
    """key -> set of (label, category, confidence)"""
    run = subprocess.run(["ndpiReader", "-q", "-v", "2", "-i", capture], capture_output=True, text=True, errors="replace", timeout=600)
    labels = collections.defaultdict(set)
    for line in run.stdout.splitlines():
        m = FLOW.match(line)
        if not m or m["proto"] not in TRANSPORTS:
            continue
        try:
            key = key_of(TRANSPORTS[m["proto"]], endpoint(m["a"]), endpoint(m["b"]))
        except ValueError:
            continue
        labels[key].add((m["app"], m["category"] or "", m["confidence"]))
    return labels


def rows(folder, log):
    path = pathlib.Path(folder) / f"{log}.log"
    if path.exists():
        with open(path) as lines:
            yield from map(json.loads, lines)


def sensor_labels(command, capture, folder):
    """(key, label, category, confidence, whether a host name was seen) for every TCP and UDP connection, from conn.log"""
    subprocess.run([*command, "--pcap", capture, "--log-dir", folder, "--log-format", "json", "--quiet"], timeout=600,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    named = {r["uid"] for log, column in HOST_NAMES.items() for r in rows(folder, log) if column in r}
    for r in rows(folder, "conn"):
        if r["proto"] not in ("tcp", "udp"):
            continue
        key = key_of(r["proto"], (str(ipaddress.ip_address(r["id.orig_h"])), r["id.orig_p"]),
                     (str(ipaddress.ip_address(r["id.resp_h"])), r["id.resp_p"]))
        yield key, r.get("app", "Unknown"), r.get("app_category", "Unspecified"), r.get("app_confidence", "Unknown"), r["uid"] in named


def compare_labels(capture, key, labels, certain, totals, differences):
    if not certain:
        totals["ndpiReader uncertain or without it"] += 1
        return
    totals["certain"] += 1
    equal = [label for label in labels if any(label[0] == r[0] for r in certain)]
    if equal:
        totals["agree"] += 1
        totals["category agrees"] += any(label[1] == r[1] for label in equal for r in certain)
        return
    app, _, confidence, named = labels[0]
    finer = any(app.startswith(r[0] + ".") for r in certain)
    totals["finer"] += finer and named
    totals["finer by address alone"] += finer and not named
    differences[(certain[0][0], app, confidence)].append((capture, key))


def compare(command, capture, totals, differences, scratch):
    if capture.suffix == ".gz":  # ndpiReader cannot read it
        plain = pathlib.Path(scratch) / "plain.pcap"
        with gzip.open(capture) as packed, open(plain, "wb") as out:
            shutil.copyfileobj(packed, out)
    else:
        plain = capture
    reader = reader_labels(str(plain))
    with tempfile.TemporaryDirectory() as logs:
        ours = collections.defaultdict(list)
        for key, *label in sensor_labels(command, str(plain), logs):
            ours[key].append(label)
    for key, labels in ours.items():
        compare_labels(capture, key, labels, [r for r in reader.get(key, ()) if r[2] == "DPI"], totals, differences)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--min", type=float, default=0.97)
    parser.add_argument("--show", type=int, default=25, help="kinds of disagreement to list")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("sensor", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    if not options.sensor or not options.folder.is_dir():
        parser.error("FOLDER and SENSOR are needed")

    totals, differences = collections.Counter(), collections.defaultdict(list)
    captures = sorted(p for p in options.folder.rglob("*") if p.is_file() and p.suffix in CAPTURES)
    with tempfile.TemporaryDirectory() as scratch:
        for capture in captures:
            try:
                compare(options.sensor, capture, totals, differences, scratch)
            except (subprocess.TimeoutExpired, OSError, EOFError) as error:
                print(f"{capture}: {error}", file=sys.stderr)
                totals["captures failed"] += 1

    print("ndpiReader            sensor                confidence      connections  an example")
    for (theirs, ours, confidence), where in sorted(differences.items(), key=lambda d: -len(d[1]))[: options.show]:
        capture, (proto, (a, ap), (b, bp)) = where[0]
        print(f"{theirs:21} {ours:21} {confidence:15} {len(where):11}  {capture.relative_to(options.folder)} {proto} {a}:{ap} {b}:{bp}")
    equal, shown = (n / max(totals["certain"], 1) for n in (totals["agree"], totals["agree"] + totals["finer"]))
    for name, n in totals.items():
        print(f"{name}: {n}")
    print(f"equal {equal:.4f}, equal or finer {shown:.4f}, over {len(captures)} captures")
    return 0 if shown >= options.min else 1


if __name__ == "__main__":
    sys.exit(main())
