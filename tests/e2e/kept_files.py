#!/usr/bin/env python3
"""Files that are hashed and kept: what the copies hold, that files.log says it, the limits, and a disk that takes no more. Speaks TAP.

  kept_files.py BUILD
"""
import hashlib
import pathlib
import resource
import signal
import subprocess
import sys

from tap import run_cases

HERE = pathlib.Path(__file__).resolve().parent
CAPTURES = [HERE / "captures" / f"{name}.pcap" for name in ("http_cache_and_ranges", "http_post_and_upload", "ftp_passive", "smtp_mail")]
SHA256 = "--set=files.sha256=true"


class Run:
    """One replay, its copies and its files.log."""

    def __init__(self, build, work, *args, captures=tuple(CAPTURES), **options):
        self.logs, self.kept = work / "logs", work / "kept"
        command = [build / "sensor", "--pcap", *captures, "--log-dir", self.logs, f"--set=files.extract_dir={self.kept}", *args]
        self.result = subprocess.run(command, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL, **options)
        lines = (self.logs / "files.log").read_text().splitlines()
        names = next(line for line in lines if line.startswith("#fields")).split("\t")[1:]
        self.rows = [dict(zip(names, line.split("\t"))) for line in lines if not line.startswith("#")]

    def copies(self):
        return {p.name: p.read_bytes() for p in self.kept.iterdir()} if self.kept.exists() else {}

    def named(self):
        return {r["extracted"]: r for r in self.rows if r["extracted"] != "-"}


def whole(build, work):
    """Every copy is the file that its row describes."""
    run = Run(build, work, SHA256, "--set=files.md5=true", "--set=files.sha1=true")
    copies, named = run.copies(), run.named()
    if run.result.returncode != 0 or len(named) < 10 or set(copies) != set(named):
        return f"{run.result.returncode}, {len(copies)} copies, {len(named)} named: {run.result.stderr}"
    for name, r in named.items():
        content = copies[name]
        if r["extracted_cutoff"] != "F" or r["extracted_size"] != "-" or not name.endswith(f"-{r['source']}-{r['fuid']}"):
            return f"{name}: {r}"
        if int(r["seen_bytes"]) + int(r["missing_bytes"]) != len(content):
            return f"{name} has {len(content)} bytes: {r}"
        for hash_name in ("md5", "sha1", "sha256"):
            want = hashlib.new(hash_name, content).hexdigest() if r["missing_bytes"] == "0" and content else "-"
            if r[hash_name] != want:
                return f"{name}: {hash_name} {r[hash_name]} instead of {want}"
    return ""


def workers(build, work):
    one, four = (Run(build, work / n, SHA256, "--workers", n) for n in ("1", "4"))
    same = one.copies() == four.copies() and one.rows == four.rows
    return "" if same else "four workers keep other files than one"


def cut_off(build, work):
    run = Run(build, work, "--set=files.extract_max_bytes=1000")
    for name, content in run.copies().items():
        r = run.named()[name]
        large = int(r["seen_bytes"]) + int(r["missing_bytes"]) > 1000
        if len(content) > 1000 or (r["extracted_cutoff"], r["extracted_size"]) != (("T", "1000") if large else ("F", "-")):
            return f"{name} has {len(content)} bytes: {r}"
    return "" if any(r["extracted_cutoff"] == "T" for r in run.rows) else "nothing was cut off"


def few(build, work):
    run = Run(build, work, "--set=files.extract_max_files=3")
    told = "files_not_extracted" in run.result.stdout
    return "" if len(run.copies()) == len(run.named()) == 3 and told else f"{len(run.copies())} copies: {run.result.stdout}"


def full_disk(build, work):
    """Files of more than 15 kB do not fit: they are lost and counted, the others and the logs are whole."""

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (15000, 15000))

    run = Run(build, work, captures=CAPTURES[:1], preexec_fn=limit)
    small = {name for name, r in run.named().items() if int(r["seen_bytes"]) + int(r["missing_bytes"]) <= 15000}
    if run.result.returncode != 1 or "cannot keep files" not in run.result.stderr or "file_bytes_lost" not in run.result.stdout:
        return f"{run.result.returncode}: {run.result.stdout}{run.result.stderr}"
    return "" if small and set(run.copies()) == small < set(run.named()) else f"{len(small)} small files, {len(run.copies())} copies"


def no_directory(build, work):
    (work / "kept").write_text("in the way")
    command = [build / "sensor", "--pcap", CAPTURES[0], "--log-dir", work / "logs", f"--set=files.extract_dir={work / 'kept'}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=300, stdin=subprocess.DEVNULL)
    return "" if run.returncode == 2 and "files.extract_dir" in run.stderr else f"{run.returncode}: {run.stderr}"


CASES = {
    "copies and hashes": whole,
    "four workers keep the same": workers,
    "the size of a copy": cut_off,
    "the number of copies": few,
    "a full disk": full_disk,
    "a directory that cannot be: 2": no_directory,
}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    return run_cases(CASES, "sensor-kept-", lambda case, work: case(build, work))


if __name__ == "__main__":
    sys.exit(main())
