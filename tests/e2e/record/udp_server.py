#!/usr/bin/env python3
"""udp_server.py PORT: sends every datagram back to its sender, over both families."""
import socket
import sys

s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.bind(("::", int(sys.argv[1])))
while True:
    data, sender = s.recvfrom(65536)
    s.sendto(data, sender)
