#!/usr/bin/env python3
"""Link types that libpcap cannot filter, in captures that are built here: the notice, whatever the files come as. Speaks TAP.

  link_types.py BUILD
"""
import pathlib
import struct
import subprocess
import sys

from tap import run_cases

ETHERNET, IEEE802_15_4, CAN = 1, 195, 227
FRAME = b"\x02\x00\x01\xff\xff"  # an acknowledgement of IEEE 802.15.4


def pcap(link, seconds=()):
    header = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link)
    return header + b"".join(struct.pack("<IIII", t, 0, len(FRAME), len(FRAME)) + FRAME for t in seconds)


def block(kind, body):
    length = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + length + body + length


def pcapng(*content):
    """Numbers are interfaces of that link type, and None is a packet of the last one."""
    blocks = [block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))]
    interfaces = 0
    for link in content:
        if link is None:
            body = struct.pack("<IIIII", interfaces - 1, 0, 7_000_000, len(FRAME), len(FRAME)) + FRAME + bytes(3)
            blocks.append(block(6, body))
        else:
            interfaces += 1
            blocks.append(block(1, struct.pack("<HHI", link, 0, 0)))
    return b"".join(blocks)


class Replay:
    """Files through the sensor, and the notices that it wrote: their times."""

    def __init__(self, build, work, files, *args, piped=False):
        work.mkdir(exist_ok=True)
        paths = []
        for i, content in enumerate(files):
            paths.append(work / f"{i}.pcap")
            paths[-1].write_bytes(content)
        command = [build / "sensor", "--quiet", "--log-dir", work / "logs", *args, "--pcap", *(["-"] if piped else paths)]
        piped_bytes = files[0] if piped else b""
        self.result = subprocess.run(command, input=piped_bytes, capture_output=True, timeout=300)
        log = work / "logs" / "notice.log"
        self.log = log.read_text() if log.exists() else ""
        rows = [line.split("\t") for line in self.log.splitlines() if not line.startswith("#")]
        wanted = ["PacketFilter::Install_Failure", "Installing packet filter failed", "ip or not ip"]
        self.times = [row[0] if row[10:13] == wanted else row for row in rows]

    def problem(self, *times):
        if self.result.returncode != 0:
            return f"exit status {self.result.returncode}: {self.result.stderr.decode()}"
        return "" if self.times == list(times) else f"{self.times} instead of {list(times)}"


AT_THE_START = "0.000000"


def told(*files, times, args=(), piped=False):
    return lambda build, work: Replay(build, work, files, *args, piped=piped).problem(*times)


def workers(build, work):
    files = [pcap(IEEE802_15_4, (5, 6)), pcapng(ETHERNET, None, CAN, None)]
    one, four = (Replay(build, work / n, files, "--workers", n) for n in ("1", "4"))
    return one.problem(AT_THE_START, "7.000000") or ("" if one.log == four.log else "four workers write another notice.log than one")


CASES = {
    "a file of IEEE 802.15.4": told(pcap(IEEE802_15_4, (5,)), times=[AT_THE_START]),
    "without packets": told(pcap(IEEE802_15_4), times=[AT_THE_START]),
    "Ethernet": told(pcap(ETHERNET, (5,)), times=[]),
    "two files of the same link type": told(pcap(IEEE802_15_4, (5,)), pcap(IEEE802_15_4, (9,)), times=[AT_THE_START]),
    "two link types, and one that can be filtered": told(
        pcap(IEEE802_15_4, (5,)), pcap(CAN, (6,)), pcap(ETHERNET, (7,)), times=[AT_THE_START, AT_THE_START]
    ),
    "all interfaces of a pcapng file": told(pcapng(ETHERNET, IEEE802_15_4, CAN, None), times=[AT_THE_START, AT_THE_START]),
    "an interface that is described after packets": told(pcapng(ETHERNET, None, CAN, None), times=["7.000000"]),
    "standard input": told(pcap(IEEE802_15_4, (5,)), piped=True, times=["5.000000"]),
    "left out": told(pcap(IEEE802_15_4, (5,)), args=["--set", "notice.ignore=PacketFilter::Install_Failure"], times=[]),
    "any number of workers": workers,
}


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    return run_cases(CASES, "sensor-links-", lambda case, work: case(build, pathlib.Path(work)))


if __name__ == "__main__":
    sys.exit(main())
