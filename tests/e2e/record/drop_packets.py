#!/usr/bin/env python3
"""drop_packets.py IN OUT SHARE SEED: copies a little-endian pcap file without some of its packets, as a capture that could not keep up."""
import random
import struct
import sys


def main():
    with open(sys.argv[1], "rb") as f:
        content = f.read()
    share, rng = float(sys.argv[3]), random.Random(int(sys.argv[4]))
    out, at = [content[:24]], 24
    while at < len(content):
        captured = struct.unpack_from("<I", content, at + 8)[0]
        record = content[at : at + 16 + captured]
        at += len(record)
        if rng.random() >= share:
            out.append(record)
    with open(sys.argv[2], "wb") as f:
        f.write(b"".join(out))


main()
