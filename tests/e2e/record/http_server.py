#!/usr/bin/env python3
"""http_server.py PORT: takes PUT, POST, PATCH and DELETE, and answers in ways that file servers do not."""
import http.server
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            data = b""
            while size := int(self.rfile.readline(), 16):
                data += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return data
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        if self.path == "/chunked":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Transfer-Encoding", "chunked")
            self.send_header("Trailer", "X-Sum")
            self.end_headers()
            for part in (b"<html><body>", b"one, ", b"two, " * 100, b"</body></html>\n"):
                self.wfile.write(b"%x;note=yes\r\n%s\r\n" % (len(part), part))
                time.sleep(0.02)
            self.wfile.write(b"0\r\nX-Sum: 4\r\n\r\n")
        elif self.path == "/until-close":
            self.send_response(200)
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(b"no length, only an end\n" * 20)
            self.close_connection = True
        elif self.path == "/hints":
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n")
            self.answer(200, b"after a hint\n", Content_Type="text/plain")
        elif self.path == "/empty":
            self.send_response(204)
            self.end_headers()
        elif self.path == "/redirect":
            self.answer(302, b"", Location="/empty")
        elif self.path == "/busy":
            self.answer(503, b"later\n", Retry_After="60")
        elif self.path == "/attachment":
            self.answer(200, b"a,b\n1,2\n", Content_Type="text/csv", Content_Disposition='attachment; filename="table.csv"')
        else:
            self.answer(404, b"no such thing\n", Content_Type="text/plain")

    do_HEAD = do_GET

    def do_POST(self):
        received = len(self.body())
        self.answer(201, b"%d bytes\n" % received, Content_Type="text/plain", Location="/new")

    do_PUT = do_PATCH = do_DELETE = do_POST

    def do_OPTIONS(self):
        self.answer(200, b"", Allow="GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS")


http.server.ThreadingHTTPServer.address_family = __import__("socket").AF_INET6
http.server.ThreadingHTTPServer(("::", int(sys.argv[1])), Handler).serve_forever()
