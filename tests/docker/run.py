#!/usr/bin/env python3
"""The sensor in containers: the image is built, both profiles of docker-compose.yml run, their health turns green. Speaks TAP; skips itself
where there is no Docker, or no right to run it.

  run.py BUILD [PART OF A NAME …]

The base image is SENSOR_BASE_IMAGE, or one made by debootstrap and kept in BUILD/docker-base.tar; nothing is pulled.
A daemon of our own keeps everything else in a folder that goes away at the end.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "live"))
import lab  # noqa: E402
from lab import CAPTURES, expect  # noqa: E402

SCRIPT = ROOT / "scripts" / "live_capture.sh"
# Whom this host trusts beside Debian's authorities: where a proxy of its own stands between it and npm's registry, the build asks that, too.
HOST_CERTIFICATES = pathlib.Path("/usr/local/share/ca-certificates")
CAPTURE, CONNECTIONS = CAPTURES / "http_get.pcap", 7
IMAGE_USER, NET_ADMIN, NET_RAW = 10001, 1 << 12, 1 << 13
# Without a driver that shares layers, Docker copies the whole image for every container: on a busy machine that takes minutes.
LONGEST_SECONDS = 900
# What the image may add to its base, libraries and all.
MOST_MEGABYTES = 60


def run(*command, **options):
    return lab.run(*command, **{"timeout": LONGEST_SECONDS, **options})


def reason_to_skip():
    tools = [t for t in ("docker", "dockerd", "ip", "tcpreplay", "debootstrap") if shutil.which(t) is None]
    if shutil.which("docker-compose") is None and run("docker", "compose", "version", check=False).returncode != 0:
        tools.append("docker-compose")
    if tools:
        return f"missing: {', '.join(tools)}"
    if os.geteuid() != 0:
        return "they start a Docker daemon, for which one must be root"
    return ""


def wait(condition, limit):
    deadline = time.monotonic() + limit
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


class Daemon:
    """A Docker daemon with nothing in it but what these tests make, and the image of the sensor."""

    def __init__(self, build, work):
        self.build, self.work = build, work
        self.socket = f"unix://{work}/docker.sock"
        os.environ |= {"DOCKER_HOST": self.socket, "DOCKER_BUILDKIT": "0", "COMPOSE_PROJECT_NAME": "sensor"}
        self.log = (work / "dockerd.log").open("w")
        self.process = subprocess.Popen(["dockerd", "--storage-driver=vfs", f"--data-root={work}/data", f"--exec-root={work}/exec",
                                         f"--pidfile={work}/pid", f"--host={self.socket}", "--iptables=false", "--bridge=none"],
                                        stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def answers(self):
        return run("docker", "info", check=False).returncode == 0 and self.process.poll() is None

    def last_words(self):
        return " / ".join((self.work / "dockerd.log").read_text().splitlines()[-3:])

    def base_image(self):
        if name := os.environ.get("SENSOR_BASE_IMAGE"):
            return name
        self.build.mkdir(exist_ok=True)
        tar = self.build / "docker-base.tar"
        if not tar.exists():
            folder = self.work / "base"
            run("debootstrap", "--variant=minbase", "bookworm", folder, timeout=1800)
            if HOST_CERTIFICATES.is_dir():
                shutil.copytree(HOST_CERTIFICATES, folder / HOST_CERTIFICATES.relative_to("/"), dirs_exist_ok=True)
            run("tar", "-C", folder, "-cf", f"{tar}.partial", ".", timeout=600)
            shutil.rmtree(folder)
            pathlib.Path(f"{tar}.partial").rename(tar)
        run("docker", "import", tar, "sensor-base", timeout=600)
        return "sensor-base"

    def build_image(self):
        base = self.base_image()
        os.environ["SENSOR_BASE_IMAGE"] = base
        run("docker", "build", "--network=host", f"--build-arg=BASE={base}", "-f", ROOT / "docker" / "Dockerfile", "-t", "sensor", ROOT, timeout=7200)

    def close(self):
        run(SCRIPT, "--docker", "stop", check=False)
        self.process.terminate()
        self.process.wait(timeout=60)
        self.log.close()
        # What containers were cut off in the middle of leaves behind.
        for mount in (self.work / "data", *(self.work / "exec" / "netns").glob("*")):
            run("umount", "-R", mount, check=False)


class Containers:
    """live_capture.sh --docker with folders of its own."""

    def __init__(self, work):
        self.work, self.logs, self.pcaps = work, work / "logs", work / "pcaps"
        self.environment = os.environ | {"SENSOR_LOG_DIR": str(self.logs), "SENSOR_PCAP_DIR": str(self.pcaps)}

    def __call__(self, *args, check=True, **environment):
        return run(SCRIPT, "--docker", *args, check=check, env=self.environment | environment)

    def inspect(self, service):
        found = run("docker", "ps", "-aq", "--filter", f"label=com.docker.compose.service={service}").stdout.split()
        return json.loads(run("docker", "inspect", found[0]).stdout)[0]


def rows(path):
    return [line for line in path.read_text().splitlines() if not line.startswith("#")] if path.exists() else []


def image(work):
    """Small, not root, and it knows itself."""
    sizes = {name: json.loads(run("docker", "image", "inspect", name).stdout)[0]["Size"] for name in ("sensor", os.environ["SENSOR_BASE_IMAGE"])}
    added = (sizes["sensor"] - sizes[os.environ["SENSOR_BASE_IMAGE"]]) / 1e6
    expect(added < MOST_MEGABYTES, f"{added:.0f} MB more than its base")
    out = run("docker", "run", "--rm", "--network=none", "sensor", "version").stdout
    expect("sensor " in out and "nDPI" in out, out)
    out = run("docker", "run", "--rm", "--network=none", "--entrypoint", "id", "sensor", "-u").stdout
    expect(out.strip() == str(IMAGE_USER), out)


def pcap_mode(work):
    """What lies in the folder, and what comes."""
    docker = Containers(work)
    docker.pcaps.mkdir()
    shutil.copy(CAPTURE, docker.pcaps)
    try:
        docker("start-pcap")
        expect(docker.inspect("pcap")["State"]["Health"]["Status"] == "healthy", "not healthy")
        conn = docker.logs / "pcap" / CAPTURE.name / "conn.log"
        expect(wait(lambda: len(rows(conn)) == CONNECTIONS, 30), docker("logs", "pcap", check=False).stdout)
        shutil.copy(CAPTURES / "dns_types.pcap", docker.pcaps)
        expect(wait(lambda: rows(docker.logs / "pcap" / "dns_types.pcap" / "dns.log"), 30), "the new file was not replayed")
        expect(conn.stat().st_uid == IMAGE_USER, "written by somebody else")
        expect("pcap" in docker("status").stdout, "no status")
    finally:
        docker("stop")


def one_file(work):
    docker = Containers(work)
    out = docker("start-pcap", CAPTURE).stdout
    expect("Traffic" in out and len(rows(docker.logs / "pcap" / CAPTURE.name / "conn.log")) == CONNECTIONS, out)


class Link:
    """A veth pair: dk0 is for the sensor, dk1 in a namespace sends."""

    def __enter__(self):
        run("ip", "netns", "add", "sensor-dk")
        run("ip", "netns", "exec", "sensor-dk", "sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "link", "add", "dk0", "type", "veth", "peer", "name", "dk1", "netns", "sensor-dk")
        run("sysctl", "-qw", "net.ipv6.conf.dk0.disable_ipv6=1")
        run("ip", "link", "set", "dk0", "mtu", "9000", "up")
        run("ip", "-n", "sensor-dk", "link", "set", "dk1", "mtu", "9000", "up")
        return self

    def __exit__(self, *_):
        run("ip", "netns", "del", "sensor-dk", check=False)
        run("ip", "link", "del", "dk0", check=False)

    def replay(self, capture):
        run("ip", "netns", "exec", "sensor-dk", "tcpreplay", "--topspeed", "-i", "dk1", capture)


def live_mode(work):
    """Traffic on an interface of the host; no rights but those to capture."""
    docker = Containers(work)
    with Link() as link:
        try:
            expect("dk0" in docker("interfaces").stdout, "the host's interface is not there")
            docker("start-live", "dk0")
            state = docker.inspect("live")["State"]
            expect(state["Health"]["Status"] == "healthy", state)
            status = dict(line.split(":\t", 1) for line in pathlib.Path(f"/proc/{state['Pid']}/status").read_text().splitlines() if ":\t" in line)
            expect(status["Uid"].split()[0] == str(IMAGE_USER) and int(status["CapEff"], 16) & ~(NET_RAW | NET_ADMIN) == 0, status)
            expect(int(status["CapBnd"], 16) & ~(NET_RAW | NET_ADMIN) == 0 and status["Seccomp"] == "2", status)
            link.replay(CAPTURE)
            expect(wait(lambda: rows(docker.logs / "live" / "conn.log"), 20), docker("logs", "live", check=False).stdout)
            expect('"interfaces":"dk0"' in docker("status").stdout, "no status")
        finally:
            docker("stop")
    text = (docker.logs / "live" / "conn.log").read_text()
    expect("#close" in text and len([row for row in rows(docker.logs / "live" / "conn.log") if "\thttp\t" in row]) == CONNECTIONS, text)


def unwritable_logs(work):
    """Whoever gives the container somebody else's folder is told what to do."""
    (work / "logs").mkdir(mode=0o755)
    result = run("docker", "run", "--rm", "--network=none", "-v", f"{work}/logs:/logs", "sensor", "pcap", check=False)
    expect(result.returncode == 2 and f"chown {IMAGE_USER}" in result.stderr, result)


CASES = {
    "the image": image,
    "pcap-mode": pcap_mode,
    "one file": one_file,
    "live-mode": live_mode,
    "a log folder of somebody else": unwritable_logs,
}


def attempt(case):
    """Empty, or what went wrong."""
    with tempfile.TemporaryDirectory(prefix="sensor-docker-case-") as work:
        try:
            os.chmod(work, 0o755)
            case(pathlib.Path(work))
            return ""
        except Exception as e:
            return f"{type(e).__name__}: {e}\n{traceback.format_exc().splitlines()[-3].strip()}"


def all_cases(build, cases):
    """Name, and what went wrong; None: skipped."""
    with tempfile.TemporaryDirectory(prefix="sensor-docker-") as work:
        daemon = Daemon(build, pathlib.Path(work))
        try:
            if not wait(daemon.answers, 30):
                raise RuntimeError(f"the Docker daemon does not run here: {daemon.last_words()}")
            daemon.build_image()
            for name, case in cases.items():
                yield name, attempt(case)
        finally:
            daemon.close()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    cases = {name: case for name, case in CASES.items() if not sys.argv[2:] or any(part in name for part in sys.argv[2:])}
    print(f"1..{len(cases)}", flush=True)
    if reason := reason_to_skip():
        for count, name in enumerate(cases, 1):
            print(f"ok {count} - {name} # SKIP {reason}")
        return 0
    failed = 0
    for count, (name, problem) in enumerate(all_cases(build, cases), 1):
        failed += bool(problem)
        print(f"{'not ok' if problem else 'ok'} {count} - {name}", flush=True)
        for line in problem.splitlines():
            print(f"# {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
