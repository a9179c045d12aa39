#!/usr/bin/env python3
"""The dashboard in Debian's Chromium, against a sensor that captures real clients and servers in a network namespace. Speaks TAP; skips
itself where that is not allowed, or where Chromium or node is missing.

  run.py BUILD [PART OF A NAME …]        screenshots are in BUILD/browser/screenshots
"""
import filecmp
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
import lab as live  # noqa: E402

TOOLS = ("node", "npm", "chromium", "curl", "openssl")
SERVER, PORT = "192.0.2.1", 9047


def reason_to_skip(build):
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        return f"missing: {', '.join(missing)}"
    if not (build / "dashboard" / "work" / "size").exists():
        return "built without the dashboard"
    return live.reason_to_skip()


def packages(folder):
    """What package-lock.json names, in the build folder."""
    names = ("package.json", "package-lock.json")
    if all((folder / n).exists() and filecmp.cmp(HERE / n, folder / n, shallow=False) for n in names) and (folder / "node_modules").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for n in names:
        shutil.copy(HERE / n, folder / n)
    try:
        live.run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", cwd=folder, timeout=300)
    except RuntimeError:
        (folder / "package-lock.json").unlink()
        raise


def run_suite(build, work, parts):
    out = build / "browser"
    packages(out)
    shots = out / "screenshots"
    shutil.rmtree(shots, ignore_errors=True)
    shots.mkdir()
    lab = live.Lab(build, work)
    try:
        lab.give_addresses()
        lab.serve(lab.listener, "python3", HERE / "hostile.py", "serve", SERVER, work)
        settings = {"build": str(build), "work": str(work), "packages": str(out), "screenshots": str(shots), "captures": str(live.CAPTURES),
                    "hostile": str(HERE / "hostile.py"), "sender": lab.sender, "server": SERVER, "port": PORT, "parts": parts}
        command = ["ip", "netns", "exec", lab.listener, "node", str(HERE / "suite.mjs"), json.dumps(settings)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, check=False).returncode
    finally:
        lab.close()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    reason = reason_to_skip(build)
    if reason:
        print(f"1..1\nok 1 - the dashboard in a browser # SKIP {reason}", flush=True)
        return 0
    with tempfile.TemporaryDirectory(prefix="sensor-browser-") as work:
        return run_suite(build, pathlib.Path(work), sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
