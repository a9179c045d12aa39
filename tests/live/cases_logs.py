"""Logs of a live sensor: rotation, full and stalled disks, reloading."""
import gzip
import os
import re
import shutil
import signal
import time

from lab import CAPTURES, expect, run

CAPTURE, CONNECTIONS = CAPTURES / "http_get.pcap", 7
ARCHIVED = re.compile(r"(\w+)\.\d\d:\d\d:\d\d-\d\d:\d\d:\d\d(\.\d+)?\.log\.gz")


def archived(folder, log):
    """The contents of a log's archived files; their names are as they should be."""
    files = sorted(folder.glob("????-??-??/*"))
    wrong = [f.name for f in files if not ARCHIVED.fullmatch(f.name)]
    expect(not wrong, f"names in the archive: {wrong}")
    return [gzip.decompress(f.read_bytes()).decode() for f in files if ARCHIVED.fullmatch(f.name)[1] == log]


def rows_of(text):
    return sum(not line.startswith("#") for line in text.splitlines())


def wait(condition, limit=20):
    deadline = time.monotonic() + limit
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


def rotation_by_time(lab):
    """Every closed log is whole, compressed and named by its time; no row is missing."""
    s = lab.sensor("--set", "log.rotate_interval=1s", "--set", f"log.archive_dir={lab.work / 'archive'}")
    for _ in range(3):
        lab.replay(CAPTURE)
        time.sleep(1.1)
    time.sleep(6)  # the connections are over
    expect(wait(lambda: archived(lab.work / "archive", "http")), "nothing was archived")
    s.stop()
    texts = archived(lab.work / "archive", "conn")
    left = s.logs / "conn.log"
    rows = sum(map(rows_of, texts)) + (rows_of(left.read_text()) if left.exists() else 0)
    expect(texts and all(t.startswith("#separator") and "#close" in t for t in texts), texts)
    expect(rows >= CONNECTIONS, f"{rows} connections")


def rotation_by_size(lab):
    capture = lab.work / "syns.pcap"
    run(lab.build / "sensor-gen", "--out", capture, "--quiet", "--profile", "syn", "--connections", 30_000)
    s = lab.sensor("--set", "log.rotate_mib=1", ring_mib=64)
    sent = lab.replay(capture)
    s.stop(limit=10)
    run(lab.build / "sensor", "-i", "lo", "--log-dir", s.logs, "--duration", "2", "--quiet")  # compresses what was left
    texts = archived(s.logs, "conn")
    rows = sum(map(rows_of, texts)) + rows_of((s.logs / "conn.log").read_text())
    expect(len(texts) > 3 and rows == sent, f"{len(texts)} files, {rows} of {sent} connections")


def retention(lab):
    old = lab.work / "logs" / "2001-02-03"
    old.mkdir(parents=True)
    (old / "conn.00:00:00-01:00:00.log.gz").write_bytes(b"")
    (old / "notes.txt").write_text("not ours")
    os.utime(old / "conn.00:00:00-01:00:00.log.gz", (1, 1))
    s = lab.sensor("--set", "log.rotate_interval=1s", "--set", "log.keep=1h")
    lab.replay(CAPTURE)
    expect(wait(lambda: not (old / "conn.00:00:00-01:00:00.log.gz").exists()), "the old log was kept")
    s.stop()
    expect((old / "notes.txt").exists(), "somebody else's file was deleted")


def earlier_run(lab):
    """A new run does not write over the logs of the one before."""
    for _ in range(2):
        s = lab.sensor()
        lab.replay(CAPTURE)
        s.stop()
    expect(wait(lambda: any(s.logs.glob("????-??-??/conn.*"))), "nothing was kept")
    expect(len(s.rows()) == CONNECTIONS, s.rows())


def full_disk(lab):
    """Rows are lost and counted; when there is room again, logs go on."""
    logs = lab.work / "logs"
    logs.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", logs)
    try:
        s = lab.sensor("--set", "flow.timeout_tcp_attempt=1s", "--set", "label.enabled=false", ring_mib=64)
        capture = lab.work / "syns.pcap"
        run(lab.build / "sensor-gen", "--out", capture, "--quiet", "--profile", "syn", "--connections", 5000)
        lab.replay(capture)
        time.sleep(4)
        run("mount", "-o", "remount,size=64m", logs)
        lab.replay(CAPTURE)
        expect(s.wait_for_row("http.log", "GET"), "no log after there was room again")
        s.process.send_signal(signal.SIGTERM)
        out, err = s.process.communicate(timeout=20)
        expect(s.process.returncode == 1 and "No space left" in err and "log_records_lost" in out, f"{s.process.returncode}: {out}{err}")
    finally:
        run("umount", logs, check=False)


def full_disk_of_kept_files(lab):
    """What does not fit is lost and counted; the logs go on, and so do kept files when there is room again."""
    kept = lab.work / "kept"
    kept.mkdir()
    run("mount", "-t", "tmpfs", "-o", "size=8k", "tmpfs", kept)
    try:
        s = lab.sensor("--set", f"files.extract_dir={kept}")
        lab.replay(CAPTURES / "http_cache_and_ranges.pcap")
        expect(s.wait_for_row("files.log", "extract-"), "no file was kept")
        run("mount", "-o", "remount,size=64m", kept)
        before = {p.name for p in kept.iterdir()}
        lab.replay(CAPTURE)
        expect(wait(lambda: {p.name for p in kept.iterdir()} - before), "nothing was kept after there was room again")
        s.process.send_signal(signal.SIGTERM)
        out, err = s.process.communicate(timeout=20)
        expect(s.process.returncode == 1 and "No space left" in err and "file_bytes_lost" in out, f"{s.process.returncode}: {out}{err}")
    finally:
        run("umount", kept, check=False)


def removed_directory(lab):
    s = lab.sensor()
    lab.replay(CAPTURE)
    expect(s.wait_for_row("http.log", "GET"), "no row")
    shutil.rmtree(s.logs)
    time.sleep(1)
    lab.replay(CAPTURE)
    expect(s.wait_for_row("http.log", "GET"), "no row after the directory was removed")
    s.process.send_signal(signal.SIGTERM)
    out, err = s.process.communicate(timeout=20)
    expect("was removed while it was written" in err and "Traffic" in out, out + err)


def stalled_directory(lab):
    """Whoever reads a log does not read on: capture goes on, and the end comes nevertheless."""
    logs = lab.work / "logs"
    logs.mkdir()
    os.mkfifo(logs / "conn.log")
    s = lab.sensor("--set", "flow.timeout_tcp_attempt=1s", "--set", "label.enabled=false")
    lab.replay(CAPTURE)
    time.sleep(7)
    lab.replay(CAPTURE)
    time.sleep(1)
    expect(s.process.poll() is None, "it ended")
    start = time.monotonic()
    s.process.send_signal(signal.SIGTERM)
    out, err = s.process.communicate(timeout=20)
    took = time.monotonic() - start
    expect(took < 6 and s.process.returncode == 1 and "is lost" in err, f"{took:.1f} s, {s.process.returncode}: {out}{err}")


def reload(lab):
    config = lab.work / "sensor.toml"
    config.write_text('[input]\nfilter = "udp"\n')
    s = lab.sensor("--config", config)
    lab.replay(CAPTURE)
    config.write_text('[input]\nfilter = "tcp"\n[log]\nformat = "json"\n[worker]\ncount = 7\n')
    s.process.send_signal(signal.SIGHUP)
    time.sleep(2)
    lab.replay(CAPTURE)
    config.write_text('[input]\nfilter = "port and port"\n')
    s.process.send_signal(signal.SIGHUP)
    time.sleep(1)
    s.stop()
    expect("changed input.filter, log.format" in s.err and "worker.count take" in s.err and "stays as it was" in s.err, s.err)
    lines = (s.logs / "conn.log").read_text().splitlines()
    expect(len(lines) == CONNECTIONS and all(line.startswith("{") for line in lines), lines)


def reload_settings(lab):
    """Intervals, notices and known assets: as the file says from then on, and what was known before is not told again."""
    config, tls = lab.work / "sensor.toml", CAPTURES / "tls_versions.pcap"
    config.write_text('[stats]\ninterval = "1h"\n[notice]\noptional = "never"\n[asset]\nhosts = "none"\n')
    s = lab.sensor("--config", config)
    lab.replay(tls)
    expect(s.wait_for_row("ssl.log", "TLSv1"), "no handshake")
    time.sleep(1)
    early = [name for name in ("notice.log", "stats.log", "known_services.log") if (s.logs / name).exists()]
    expect(not early, f"written before they were asked for: {early}")

    asked_for = '[stats]\ninterval = "2s"\ntop = 3\n[notice]\noptional = "live"\nservers = "all"\nminimum_tls = "TLSv12"\n[asset]\nhosts = "all"\n'
    config.write_text(asked_for)
    s.process.send_signal(signal.SIGHUP)
    time.sleep(2)
    for _ in range(2):
        lab.replay(tls)
        expect(s.wait_for_row("notice.log", "SSL::Old_Version"), "no notice")
    expect(s.wait_for_row("stats.log", "\t") and s.wait_for_row("known_services.log", "SSL"), "no statistics, or no services")
    config.write_text(asked_for + '[flow]\ncapacity = 5000\n')
    s.process.send_signal(signal.SIGHUP)
    time.sleep(3)
    s.stop()
    changed = "notice.optional, notice.servers, notice.minimum_tls, asset.hosts, stats.interval, stats.top"
    expect(f"changed {changed}\n" in s.err and "nothing changed that can; flow.capacity take a restart" in s.err, s.err)
    told = [(r["note"], r["src"], r["dst"], r["p"], r["msg"]) for r in s.rows("notice.log") if r["note"] == "SSL::Old_Version"]
    expect(len(told) == len(set(told)), told)
    services = [(r["host"], r["port_num"], r["service"]) for r in s.rows("known_services.log")]
    expect(services and len(services) == len(set(services)), services)
    lengths = [float(r["interval"]) for r in s.rows("stats.log")]
    expect(len(lengths) > 1 and max(lengths[1:]) <= 2, lengths)


KNOCK = """
import socket
for port in range(1000, 1015):
    with socket.socket() as s:
        s.connect_ex(("192.0.2.1", port))
"""


def notice_in_time(lab):
    """A scan of closed ports is told of when it happens, and not when its connections are forgotten, 5 s later."""
    lab.give_addresses()
    s = lab.sensor("--workers", "2")
    lab.in_sender("python3", "-c", KNOCK)
    asked, log = time.monotonic(), s.logs / "notice.log"
    told = wait(lambda: log.exists() and "Scan::Port_Scan" in log.read_text(), limit=10)
    expect(told and time.monotonic() - asked < 2, f"told of after {time.monotonic() - asked:.1f} s")
    s.stop()
    expect(log.read_text().count("Scan::Port_Scan") == 1, log.read_text())


CASES = {
    "a notice within a second of its cause": notice_in_time,
    "logs rotate by time": rotation_by_time,
    "logs rotate by size": rotation_by_size,
    "old logs are deleted": retention,
    "logs of an earlier run are kept": earlier_run,
    "a full disk": full_disk,
    "a full disk of kept files": full_disk_of_kept_files,
    "the log directory is removed": removed_directory,
    "a log that nobody reads on": stalled_directory,
    "SIGHUP": reload,
    "SIGHUP changes intervals, notices and assets": reload_settings,
}
