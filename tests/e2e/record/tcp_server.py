#!/usr/bin/env python3
"""tcp_server.py PORT: does what the first byte of a connection says: r resets it, c closes it, s sends and closes, anything else echoes."""
import socket
import socketserver
import struct
import sys


class Handler(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            if data[:1] == b"r":
                self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return
            if data[:1] == b"c":
                return
            if data[:1] == b"s":
                self.request.sendall(b"answer" * 1000)
                return
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True

    def shutdown_request(self, request):  # no shutdown(): a reset must stay one
        request.close()


Server(("0.0.0.0", int(sys.argv[1])), Handler).serve_forever()
