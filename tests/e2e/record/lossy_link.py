#!/usr/bin/env python3
"""lossy_link.py IF1 IF2 LOSS REORDER DUPLICATE SEED: carries frames between two interfaces and loses, swaps and doubles some of them.

The choices follow from the seed and the order of the frames. Works where the kernel has no netem.
"""
import random
import select
import socket
import sys

ETH_P_ALL = 3
PACKET_OUTGOING = 4


def open_interface(name):
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.bind((name, 0))
    return s


def main():
    first, second = open_interface(sys.argv[1]), open_interface(sys.argv[2])
    loss, reorder, duplicate = (float(a) for a in sys.argv[3:6])
    rng = random.Random(int(sys.argv[6]))
    other = {first: second, second: first}
    held = {first: None, second: None}  # a frame that the next one overtakes
    while True:
        ready, _, _ = select.select([first, second], [], [], 0.02)
        for s in ready:
            frame, address = s.recvfrom(65536)
            if address[2] == PACKET_OUTGOING:
                continue
            roll = rng.random()
            if roll < loss:
                continue
            if roll < loss + reorder and held[s] is None:
                held[s] = frame
                continue
            other[s].send(frame)
            if roll > 1 - duplicate:
                other[s].send(frame)
            if held[s] is not None:
                other[s].send(held[s])
                held[s] = None
        if not ready:
            for s in (first, second):
                if held[s] is not None:
                    other[s].send(held[s])
                    held[s] = None


main()
