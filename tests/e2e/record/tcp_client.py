#!/usr/bin/env python3
"""tcp_client.py HOST PORT: connections to tcp_server.py that end in every way."""
import socket
import struct
import sys
import time


def connect():
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=2)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return s


def reset(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    s.close()


def read_all(s):
    try:
        while s.recv(65536):
            pass
    except OSError:
        pass


def main():
    for first in (b"r", b"c", b"s"):  # the server ends it
        s = connect()
        s.sendall(first)
        read_all(s)
        s.close()
    s = connect()  # the client resets after an echo
    s.sendall(b"echo")
    s.recv(10)
    reset(s)
    s = connect()  # and before anything was said
    reset(s)
    s = connect()  # a half-closed connection
    s.sendall(b"last words")
    s.shutdown(socket.SHUT_WR)
    read_all(s)
    s.close()
    s = connect()  # urgent data
    s.sendall(b"before")
    s.send(b"!", socket.MSG_OOB)
    s.sendall(b"after")
    time.sleep(0.2)
    s.close()
    s = connect()  # data that comes after the client has closed
    s.sendall(b"s")
    s.close()
    s = connect()  # byte by byte
    for b in b"slowly":
        s.sendall(bytes([b]) if b != ord("s") else b"S")
        time.sleep(0.01)
    s.close()
    time.sleep(0.2)
    left_open = connect()  # still open when the capture ends
    left_open.sendall(b"open")
    time.sleep(0.7)


main()
