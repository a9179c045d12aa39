"""The commands of the operator's documents are run as they are written."""
import re
import shutil
import time

from lab import CAPTURES, ROOT, expect, run

# They change this host, or want what a test does not have: another namespace, a container, a unit, a crash, a minute.
LEFT_OUT = re.compile(r"systemctl|meson|quickstart|[Dd]ocker|NAME|CONTAINER|sysctl -w|^echo|cpupower|journalctl|coredumpctl|dmesg|lspci|timedatectl|chronyc"
                      r"|ethtool -S|setcap|--duration 60|ip addr flush|/tmp/mix|taskset|^top|live_capture.sh (start|stop)"
                      r"|dpdk-devbind|modprobe|driverctl|install -m|/dev/vfio|0000:03")


def commands_of(text):
    """Indented lines, and what stands between backquotes with an argument, where the program is there."""
    blocks = [line.strip() for line in text.splitlines() if line.startswith("    ")]
    spans = [span.replace(r"\|", "|") for span in re.findall(r"`([^`\n]+)`", text)]
    for command in blocks + spans:
        program = command.split()[0]
        ours = program.startswith(("build/", "scripts/"))
        if (ours or (" " in command and shutil.which(program))) and not LEFT_OUT.search(command):
            yield command


def documents(lab):
    """On an interface of the name that they use, with a sensor that runs as they say."""
    run("ip", "-n", lab.listener, "link", "set", "b0", "down")
    run("ip", "-n", lab.listener, "link", "set", "b0", "name", "eth1", "up")
    for name in ("configs", "scripts"):
        (lab.work / name).symlink_to(ROOT / name)
    (lab.work / "build").symlink_to(lab.build)
    commands = dict.fromkeys(c for name in ("DEPLOYMENT.md", "TROUBLESHOOTING.md") for c in commands_of((ROOT / "docs" / name).read_text()))
    expect(len(commands) > 20, f"only {len(commands)} commands were found: {list(commands)}")

    def shell(command, seconds=20):
        return lab.in_listener("timeout", seconds, "bash", "-c", command, cwd=lab.work, check=False)

    shell("scripts/live_capture.sh start-live eth1")
    try:
        lab.replay(CAPTURES / "http_get.pcap")
        time.sleep(2)
        problems = []
        for command in commands:
            result = shell(command, 3 if "tcpdump" in command else 20)
            if result.returncode in (2, 126, 127) or re.search("usage|syntax|invalid|unknown", result.stderr, re.I):
                problems.append(f"{command}: {result.returncode} {result.stderr.strip()[:200]}")
        expect(not problems, "\n".join(problems))
    finally:
        shell("scripts/live_capture.sh stop")


CASES = {"the commands of the documents": documents}
