#!/usr/bin/env python3
"""replay_table.py FILE PACKETS RESULTS COMMANDS [OUT.json]: the table of replay.sh, and the same as JSON."""
import json
import os
import statistics
import sys


def read_runs(path):
    """name -> list of (status, user, system, wall seconds, peak KB), in the order of first appearance."""
    runs = {}
    with open(path) as lines:
        for line in lines:
            name, status, *figures = line.split()
            runs.setdefault(name, []).append((int(status), *map(float, figures)))
    return runs


def summarise(runs, packets):
    good = [r for r in runs if r[0] == 0]
    failed = [r[0] for r in runs if r[0] != 0]
    row = {"runs": len(runs), "failed": len(failed)}
    if failed:
        row["failed_status"] = failed[0]
    if good and not failed:
        cpu = [user + system for _, user, system, _, _ in good]
        row |= {
            "cpu_s": statistics.median(cpu),
            "cpu_s_min": min(cpu),
            "cpu_s_max": max(cpu),
            "cpu_s_per_mpkt": statistics.median(cpu) / packets * 1e6,
            "wall_s": statistics.median(r[3] for r in good),
            "peak_mb": statistics.median(r[4] for r in good) / 1024,
        }
    return row


def main():
    file, packets = sys.argv[1], int(sys.argv[2])
    rows = {name: summarise(runs, packets) for name, runs in read_runs(sys.argv[3]).items()}
    with open(sys.argv[4]) as lines:
        for line in lines:
            name, command = line.rstrip("\n").split("\t")
            rows[name]["command"] = command
    base = rows["sensor"].get("cpu_s")
    for row in rows.values():
        if base and row.get("cpu_s"):
            row["sensor_cpu_ratio"] = base / row["cpu_s"]

    print(f"{file}: {packets} packets, {os.path.getsize(file) / 1e6:.0f} MB, {os.cpu_count()} CPUs, medians")
    print(f"{'':12} {'CPU s':>8} {'min':>8} {'max':>8} {'CPU s/Mpkt':>11} {'wall s':>8} {'peak MB':>8} {'sensor / it':>12}")
    for name, row in rows.items():
        if "cpu_s" not in row:
            print(f"{name:12} failed in {row['failed']} of {row['runs']} runs with status {row['failed_status']}")
            continue
        ratio = f"{row['sensor_cpu_ratio']:.2f}" if "sensor_cpu_ratio" in row else "-"
        print(f"{name:12} {row['cpu_s']:8.2f} {row['cpu_s_min']:8.2f} {row['cpu_s_max']:8.2f} {row['cpu_s_per_mpkt']:11.3f}"
              f" {row['wall_s']:8.2f} {row['peak_mb']:8.0f} {ratio:>12}")
    for name, row in rows.items():
        print(f"  {name}: {row['command']}")
    if len(sys.argv) > 5:
        with open(sys.argv[5], "w") as out:
            json.dump({"file": file, "packets": packets, "bytes": os.path.getsize(file), "cpus": os.cpu_count(), "programs": rows}, out, indent=2)
            out.write("\n")


if __name__ == "__main__":
    main()
