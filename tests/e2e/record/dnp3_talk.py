#!/usr/bin/env python3
"""dnp3_talk.py outstation|master tcp|udp ADDRESS PORT

The two ends of a small DNP3 dialogue (IEEE 1815): the master reads, writes, selects and operates, and wants unsolicited responses; answers to
reads are longer than a frame. Debian has no program that speaks it."""
import socket
import sys

MASTER, OUTSTATION = 3, 4
CONFIRM, READ, WRITE, SELECT, OPERATE, ENABLE_UNSOLICITED, DELAY_MEASURE = 0, 1, 2, 3, 4, 0x14, 0x17
RESPONSE, UNSOLICITED = 0x81, 0x82


def with_checksum(data):
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0xA6BC if crc & 1 else crc >> 1
    return data + (~crc & 0xFFFF).to_bytes(2, "little")


def frame(from_master, content, function=4):
    control = (0xC0 if from_master else 0x40) | function
    source, destination = (MASTER, OUTSTATION) if from_master else (OUTSTATION, MASTER)
    head = bytes([5, 0x64, len(content) + 5, control]) + destination.to_bytes(2, "little") + source.to_bytes(2, "little")
    blocks = [content[i : i + 16] for i in range(0, len(content), 16)]
    return b"".join(map(with_checksum, [head, *blocks]))


def frames(from_master, fragment):
    """A fragment in as many frames as it takes, 249 bytes in each."""
    parts = [fragment[i : i + 249] for i in range(0, len(fragment), 249)]
    for i, part in enumerate(parts):
        first, final = 0x40 * (i == 0), 0x80 * (i == len(parts) - 1)
        yield frame(from_master, bytes([first | final | i]) + part)


class Peer:
    def __init__(self, sock, from_master, address=None):
        self.sock, self.from_master, self.address, self.data = sock, from_master, address, b""

    def send(self, function, rest=b""):
        for one in frames(self.from_master, bytes([0xC0, function]) + rest):
            self.put(one)

    def put(self, data):
        if self.sock.type == socket.SOCK_DGRAM:
            self.sock.sendto(data, self.address)
        else:
            self.sock.sendall(data)

    def more(self):
        if self.sock.type == socket.SOCK_DGRAM:
            data, self.address = self.sock.recvfrom(4096)
        else:
            data = self.sock.recv(4096)
        self.data += data
        return bool(data)

    def receive(self):
        """The function of the next whole fragment, or None at the end."""
        function = None
        while True:
            while len(self.data) < 10 or len(self.data) < self.frame_size():
                if not self.more():
                    return None
            one, self.data = self.data[: self.frame_size()], self.data[self.frame_size() :]
            if len(one) == 10:
                continue
            if one[10] & 0x40:
                function = one[12]
            if one[10] & 0x80:
                return function

    def frame_size(self):
        content = self.data[2] - 5
        return 10 + content + (content + 15) // 16 * 2


def outstation(sock, udp):
    peer = Peer(sock if udp else sock.accept()[0], False)
    indications = b"\x90\x00"
    while (function := peer.receive()) is not None:
        if function == CONFIRM:
            continue
        peer.send(RESPONSE, indications + (b"\x1e\x01\x00\x00\x63" + bytes(500) if function == READ else b""))
        indications = b"\x00\x00"
        if function == ENABLE_UNSOLICITED:
            peer.send(UNSOLICITED, indications + b"\x02\x01\x28\x01\x00\x01\x00\x81")


def master(sock):
    peer = Peer(sock, True, None)
    peer.address = sock.getpeername()
    peer.put(frame(True, b"", 9))  # is the link alive?
    everything = b"\x3c\x02\x06\x3c\x03\x06\x3c\x04\x06\x3c\x01\x06"
    relay = b"\x0c\x01\x28\x01\x00\x05\x00\x41\x01\x64\x00\x00\x00\x64\x00\x00\x00\x00"
    clock = b"\x32\x01\x07\x01\x00\x00\x00\x00\x00\x01"
    for function, objects in [(READ, everything), (WRITE, clock), (SELECT, relay), (OPERATE, relay), (DELAY_MEASURE, b""), (0x70, b"")]:
        peer.send(function, objects)
        peer.receive()
    peer.send(ENABLE_UNSOLICITED, everything[:9])
    peer.receive()
    peer.receive()
    peer.send(CONFIRM)


def main():
    role, kind, address, port = sys.argv[1:]
    udp = kind == "udp"
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM if udp else socket.SOCK_STREAM)
    if role == "outstation":
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, int(port)))
        if not udp:
            sock.listen(1)
        outstation(sock, udp)
    else:
        sock.connect((address, int(port)))
        master(sock)


if __name__ == "__main__":
    main()
