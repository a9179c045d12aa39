"""What became of every packet, and of the packets inside of packets."""
import shutil
import struct

from client import CAPTURES, Served, expect


def in_vxlan(capture, to):
    """The Ethernet frames of a pcap file, each in VXLAN between the same two hosts (RFC 7348 section 5)."""
    old = capture.read_bytes()
    order = "<" if old[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    out, at = bytearray(old[:24]), 24
    while at < len(old):
        seconds, fraction, captured, length = struct.unpack_from(f"{order}IIII", old, at)
        frame = old[at + 16 : at + 16 + captured]
        at += 16 + captured
        udp = struct.pack("!HHHH", 40000, 4789, 16 + length, 0) + b"\x08\0\0\0\0\0\x01\0"
        ip = bytearray(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp) + length, 0, 0, 64, 17, 0, bytes([10, 9, 0, 1]), bytes([10, 9, 0, 2])))
        check = sum(struct.unpack("!10H", ip))
        check = (check & 0xFFFF) + (check >> 16)
        struct.pack_into("!H", ip, 10, 0xFFFF - ((check & 0xFFFF) + (check >> 16)))
        outer = frame[:12] + b"\x08\0" + ip + udp
        out += struct.pack(f"{order}IIII", seconds, fraction, captured + len(outer), length + len(outer)) + outer + frame
    to.write_bytes(out)


def ledger(sensor, folder):
    """Received is decoded and every reason why a packet was not, to the packet; what is inside of packets has rows of its own."""
    with Served(sensor, folder) as s:
        in_vxlan(CAPTURES / "http_get.pcap", s.pcaps / "tunnel.pcap")
        for name in ("http_get", "fragments", "fragments_lossy", "neighbours"):
            shutil.copy(CAPTURES / f"{name}.pcap", s.pcaps)
        plain, tunnel = (s.replay(f"{name}.pcap")["ledger"] for name in ("http_get", "tunnel"))
        expect(plain["received"] == plain["decoded"] == plain["tracked"] == 87 and plain["inner_decoded"] == 0, plain)
        expect(tunnel["received"] == tunnel["decoded"] == tunnel["inner_decoded"] == 87 and tunnel["tracked"] == 174, tunnel)
        text = s.get("/metrics").body.decode()
        for row in ("received", "decoded", "inner_decoded"):
            expect(f'sensor_ledger_packets_total{{row="{row}"}} 87\n' in text, text)
        expect("sensor_ledger_packets_waiting 0\n" in text, text)
        for l in (plain, tunnel):
            expect(l["records"] == l["records_written"] + l["records_reduced"] and l["records_lost"] == 0, l)
        for name in ("fragments", "fragments_lossy"):
            l = s.replay(f"{name}.pcap")["ledger"]
            expect(l["waiting"] == 0 and l["received"] == l["decoded"] + l["undecoded"] and l["inner_decoded"] > 0 and l["untracked"] > 0, l)
        s.capture(mode="pcap", files=["http_get.pcap", "neighbours.pcap"], filter="tcp")
        l = s.wait_until(lambda d: d["mode"] == "idle")["ledger"]
        expect(l["filtered"] > 0 and l["waiting"] == 0 and l["received"] == l["filtered"] + l["decoded"], l)
