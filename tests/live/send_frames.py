"""Sends the frames in a file, each a link's number, a length and the bytes, over a0, a1 …: send_frames.py FILE PAUSE"""
import pathlib
import socket
import struct
import sys
import time

HEADER = struct.Struct("BH")

data, at, sockets = pathlib.Path(sys.argv[1]).read_bytes(), 0, {}
while at < len(data):
    link, length = HEADER.unpack_from(data, at)
    if link not in sockets:
        sockets[link] = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        sockets[link].bind((f"a{link}", 0))
    at += HEADER.size
    sockets[link].send(data[at : at + length])
    at += length
    time.sleep(float(sys.argv[2]))
