#!/usr/bin/env python3
"""A sensor that serves, asked as a browser, a script and an attacker ask. Speaks TAP.

  run.py BUILD [PART OF A NAME …]
"""
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.parse

from cases_ledger import ledger
from client import CAPTURES, JSON, ROOT, Served, expect

try:
    import jsonschema
except ImportError:
    jsonschema = None

DOCUMENT = json.loads((ROOT / "docs" / "openapi.json").read_text())


def schema_of(operation, status, kind="application/json"):
    response = operation["responses"].get(str(status))
    if response is None:
        return None
    if "$ref" in response:
        response = DOCUMENT["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return response.get("content", {}).get(kind, {}).get("schema", {})


def check_answer(path, method, answer):
    """The answer is one that the document knows, and of the form that it says."""
    operation = DOCUMENT["paths"][path][method.lower()]
    kind = answer.headers.get("Content-Type", "").split(";")[0]
    schema = schema_of(operation, answer.status, kind)
    expect(schema is not None, f"{method} {path}: the document knows no {answer}")
    value = answer.json if kind == "application/json" else answer.body.decode()
    if answer.status == 204:
        return
    whole = {"components": DOCUMENT["components"], **schema}
    jsonschema.Draft202012Validator(whole).validate(value)


def contract(sensor, folder):
    """Every path and method of the document answers as it says, with data and without; examples are valid."""
    with Served(sensor, folder) as s:
        shutil.copy(CAPTURES / "http_get.pcap", s.pcaps)
        expect(s.get("/api/v1/openapi.json").json == DOCUMENT, "another document is served")
        for _ in range(2):
            uid = "C1"
            rows = s.get("/api/v1/logs/conn").json["rows"]
            uid = rows[0]["uid"] if rows else "C1"
            filled = {"{log}": "conn", "{uid}": uid, "{id}": "0123456789abcdef"}
            bodies = {"/api/v1/session": {"token": s.token}, "/api/v1/capture": {"mode": "stop"}, "/api/v1/notices/{id}/ack": {"note": "x"}}
            for path, methods in DOCUMENT["paths"].items():
                for method in methods:
                    where = path
                    for name, value in filled.items():
                        where = where.replace(name, value)
                    if path == "/api/v1/stream":
                        continue  # tested by itself
                    if path == "/api/v1/pcaps" and method == "post":
                        a = s.ask("POST", where + "?name=again.pcap", body=(CAPTURES / "http_get.pcap").read_bytes(), headers={"Content-Type": "application/octet-stream"})
                    elif method == "post":
                        a = s.post(where, bodies[path])
                    else:
                        a = s.ask(method.upper(), where)
                    check_answer(path, method, a)
                    if DOCUMENT["paths"][path][method].get("security") != [] and method != "delete":
                        a = s.post(where, {}, token=False) if method == "post" and path != "/api/v1/pcaps" else None if method == "post" else s.get(where, token=False)
                        if a is not None:
                            expect(a.status == 401, f"{path} without a token: {a}")
                            check_answer(path, method, a)
            s.replay("http_get.pcap")
            time.sleep(1.2)
        check_examples()
        for wrong in ("/api/v1/top?period=x", "/api/v1/history?from=x", "/api/v1/logs/conn?limit=0", "/api/v1/logs/conn?cursor=x", "/api/v1/logs/nothing",
                      "/api/v1/connections/C0nothing", "/api/v1/logs/conn?address=x", "/api/v1/logs/conn?port=65536", "/api/v1/logs/conn?source=x"):
            a = s.get(wrong)
            expect(a.status in (400, 404), f"{wrong}: {a}")
            path = wrong.split("?")[0].replace("/conn", "/{log}") if "/logs" in wrong else wrong.split("?")[0].replace("C0nothing", "{uid}")
            check_answer("/api/v1/logs/{log}" if "/logs" in wrong else path, "get", a)


def check_examples():
    for name, schema in DOCUMENT["components"]["schemas"].items():
        if "example" in schema:
            jsonschema.Draft202012Validator({"components": DOCUMENT["components"], **schema}).validate(schema["example"])


def routes(sensor, folder):
    """The server has no path and no method that the document lacks."""
    with Served(sensor, folder) as s:
        for path, methods in DOCUMENT["paths"].items():
            where = path.replace("{log}", "conn").replace("{uid}", "C1").replace("{id}", "0" * 16)
            a = s.ask("PATCH", where, headers=JSON)
            expect(a.status == 405 and set(a.headers["Allow"].lower().split(", ")) == set(methods), f"{path}: {a} {a.headers['Allow']}")
        source = (ROOT / "src" / "api" / "api_server.cpp").read_text()
        known = {p for p in source.split('"') if p.startswith(("/api/", "/healthz", "/metrics"))}
        expect(known == set(DOCUMENT["paths"]), f"only one of both has: {known ^ set(DOCUMENT['paths'])}")


def sessions(sensor, folder):
    with Served(sensor, folder, "--set", "api.session=3s") as s:
        expect((s.logs / "api.token").stat().st_mode & 0o777 == 0o600, "others may read the token")
        expect(s.post("/api/v1/session", {"token": "wrong" * 5}, token=False).status == 401)
        a = s.post("/api/v1/session", {"token": s.token}, token=False)
        cookie = a.headers["Set-Cookie"]
        expect(a.status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie and s.token not in cookie, cookie)
        with_cookie = {"Cookie": cookie.split(";")[0]}
        expect(s.get("/api/v1/status", headers=with_cookie, token=False).status == 200)
        stop = {"mode": "stop"}
        expect(s.post("/api/v1/capture", stop, headers={**JSON, **with_cookie}, token=False).status == 200)
        for more in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Content-Type": "text/plain"}, {"Host": "evil.example"}):
            a = s.post("/api/v1/capture", stop, headers={**JSON, **with_cookie, **more}, token=False)
            expect(a.status in (400, 403), f"{more}: {a}")
        expect(s.ask("DELETE", "/api/v1/session", headers=with_cookie, token=False).status == 204)
        expect(s.get("/api/v1/status", headers=with_cookie, token=False).status == 401, "it is worth something after the logout")
        with_cookie = {"Cookie": s.post("/api/v1/session", {"token": s.token}, token=False).headers["Set-Cookie"].split(";")[0]}
        time.sleep(3.2)
        expect(s.get("/api/v1/status", headers=with_cookie, token=False).status == 401, "the session does not end")
    with Served(sensor, folder, "--set", "api.open_reading=true") as again:
        expect(again.token == s.token, "the token does not stay")
        expect(again.get("/api/v1/status", token=False).status == 200 and again.post("/api/v1/capture", {"mode": "stop"}, token=False).status == 401)


def headers(sensor, folder):
    with Served(sensor, folder) as s:
        for path in ("/", "/api/v1/status", "/nothing"):
            a = s.get(path, headers={"Accept-Encoding": "gzip"})
            policy = a.headers["Content-Security-Policy"]
            expect("default-src 'none'" in policy and "unsafe" not in policy and a.headers["X-Content-Type-Options"] == "nosniff", policy)
        expect(s.get("/", headers={"Accept-Encoding": "gzip"}, token=False).status == 200, "no page")


def traversal(sensor, folder):
    with Served(sensor, folder) as s:
        (folder / "secret.pcap").write_bytes((CAPTURES / "http_get.pcap").read_bytes())
        for path in ("/../api.token", "/api/v1/logs/..%2f..%2fetc%2fpasswd", "/api/v1/logs/%2e%2e", "/api/v1/logs/conn%00", "/%2e%2e/%2e%2e/etc/passwd",
                     "/api/v1/connections/..%2f", "/assets/../../api.token"):
            expect(s.get(path).status in (400, 404), path)
        for name in ("../secret.pcap", "/etc/passwd", "..", ".hidden", "a/b", "", "x" * 129, "a\0b"):
            a = s.post("/api/v1/capture", {"mode": "pcap", "files": [name]})
            expect(a.status == 422, f"{name}: {a}")
            a = s.ask("POST", f"/api/v1/pcaps?name={urllib.parse.quote(name, safe='')}", body=b"x", headers={"Content-Type": "application/octet-stream"})
            expect(a.status == 400, f"{name}: {a}")
        expect(sorted(p.name for p in s.pcaps.iterdir()) == [] and not (folder / "b").exists())


def uploads(sensor, folder):
    with Served(sensor, folder, "--set", "api.upload_mib=1") as s:
        binary = {"Content-Type": "application/octet-stream"}
        capture = (CAPTURES / "http_get.pcap").read_bytes()
        up = lambda name, body: s.ask("POST", f"/api/v1/pcaps?name={name}", body=body, headers=binary)
        expect(up("one.pcap", capture).status == 201)
        expect(up("one.pcap", capture).status == 409, "it was replaced")
        expect(up("two.pcap", b"no capture at all").status == 422)
        connection = s.connect()  # larger than allowed: refused before it is sent
        connection.sendall(f"POST /api/v1/pcaps?name=big.pcap HTTP/1.1\r\nHost: {s.host}\r\nAuthorization: Bearer {s.token}\r\nContent-Type: application/octet-stream\r\nContent-Length: 99999999\r\n\r\n".encode())
        expect(b" 413 " in connection.recv(100), "too much is taken")
        connection.close()
        connection = s.connect()  # breaks off
        connection.sendall(f"POST /api/v1/pcaps?name=half.pcap HTTP/1.1\r\nHost: {s.host}\r\nAuthorization: Bearer {s.token}\r\nContent-Type: application/octet-stream\r\nContent-Length: 9999\r\n\r\nabc".encode())
        time.sleep(0.3)
        connection.close()
        time.sleep(0.5)
        listed = s.get("/api/v1/pcaps").json
        expect([f["name"] for f in listed["files"]] == ["one.pcap"] and [p.name for p in s.pcaps.iterdir()] == ["one.pcap"], listed)
        status = s.replay("one.pcap")
        expect(status["last_run"]["ok"] and status["last_run"]["packets"] == 87 and status["ledger"]["connections_opened"] == 7, status)


def oversized(sensor, folder):
    with Served(sensor, folder) as s:
        a = s.ask("POST", "/api/v1/session", body="x" * 70000, headers=JSON)
        expect(a.status == 413, a)
        for head in (b"GET /" + b"a" * 100000, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 20000, b"\0\0\0\0\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
            with s.connect() as c:
                try:
                    c.sendall(head)
                    c.recv(1000)
                except OSError:
                    pass
        expect(s.get("/healthz").status == 200)


def slow(sensor, folder):
    """Clients that trickle are cut off and hold up nobody."""
    with Served(sensor, folder) as s:
        slow_ones = [s.connect() for _ in range(50)]
        start = time.monotonic()
        for c in slow_ones:
            c.sendall(b"GET / HTTP/1.1\r\nX: ")
        alive = len(slow_ones)
        while alive and time.monotonic() - start < 25:
            time.sleep(1)
            asked = time.monotonic()
            expect(s.get("/api/v1/status").status == 200 and time.monotonic() - asked < 20, "others wait")
            for c in slow_ones:
                try:
                    c.sendall(b"y")
                except OSError:
                    pass
            alive = sum(not closed(c) for c in slow_ones)
        expect(alive == 0, f"{alive} are still connected")


def closed(connection):
    connection.setblocking(False)
    try:
        return connection.recv(1) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        try:
            connection.settimeout(30)
        except OSError:
            pass


def read_events(connection, seconds):
    connection.settimeout(0.5)
    data, end = b"", time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            piece = connection.recv(65536)
            if not piece:
                break
            data += piece
        except TimeoutError:
            pass
    return data


def body_of(answer):
    """Of a chunked answer (RFC 9112 section 7.1), as far as it has come."""
    rest, body = answer.split(b"\r\n\r\n", 1)[1], b""
    while b"\r\n" in rest:
        size, rest = rest.split(b"\r\n", 1)
        size = int(size, 16)
        body, rest = body + rest[:size], rest[size + 2 :]
    return body


def streams(sensor, folder):
    """200 pages that stay open: each gets its events, requests are answered meanwhile, and it costs next to nothing."""
    with Served(sensor, folder) as s:
        open_ones = [s.open_stream() for _ in range(200)]
        first = body_of(read_events(open_ones[0], 4.5)).decode()
        events = [json.loads(line[6:]) for line in first.splitlines() if line.startswith("data: ") and line.endswith("}")]
        expect(len(events) >= 1 and first.count("event: status") - len(events) in (0, 1), first[:500])
        schema = {"components": DOCUMENT["components"], **DOCUMENT["components"]["schemas"]["Status"]}
        jsonschema.Draft202012Validator(schema).validate(events[-1])
        before, start = s.cpu_seconds(), time.monotonic()
        for _ in range(5):
            asked = time.monotonic()
            expect(s.get("/api/v1/status").status == 200 and time.monotonic() - asked < 20, "requests wait for the streams")
            time.sleep(1)
        share = (s.cpu_seconds() - before) / (time.monotonic() - start)
        expect(share < 0.10, f"200 idle streams cost {share:.1%} of a core")
        print(f"# 200 streams cost {share:.1%} of a core")
        last = read_events(open_ones[199], 2.5)
        expect(last.count(b"event: status") >= 3, "the last one gets no events")
        more = [s.open_stream() for _ in range(60)]
        refused = read_events(more[-1], 0.6)
        expect(b" 503 " in refused, f"there is no limit: {refused[:100]}")
        for c in open_ones + more:
            c.close()


def history(sensor, folder):
    """It is there after a restart, and its sum is what was replayed."""
    with Served(sensor, folder) as s:
        shutil.copy(CAPTURES / "http_get.pcap", s.pcaps)
        time.sleep(1.5)
        s.replay("http_get.pcap")
        time.sleep(2.5)
    with Served(sensor, folder) as s:
        h = s.get("/api/v1/history?step=1").json
        expect(round(sum(v or 0 for v in h["packets"])) in range(80, 95), [v for v in h["packets"] if v])
        expect("http" in h["protocols"] and len(h["time"]) == len(h["packets"]) == len(h["protocols"]["http"]), h["protocols"].keys())
        h = s.get("/api/v1/history?step=60").json
        expect(h["step"] == 60 and sum(v or 0 for v in h["packets"]) > 0, h)


def logs(sensor, folder):
    """Pages, filters and connections say what the files say."""
    with Served(sensor, folder) as s:
        shutil.copy(CAPTURES / "http_get.pcap", s.pcaps)
        s.replay("http_get.pcap")
        page, rows = s.get("/api/v1/logs/conn?limit=3").json, []
        while True:
            rows += page["rows"]
            if page["next_cursor"] is None:
                break
            page = s.get(f"/api/v1/logs/conn?limit=3&cursor={page['next_cursor']}").json
        lines = [line for line in (s.logs / "replay" / "conn.log").read_text().splitlines() if not line.startswith("#")]
        expect([r["uid"] for r in rows] == [line.split("\t")[1] for line in reversed(lines)], "other rows")
        one = rows[0]
        found = s.get(f"/api/v1/logs/conn?uid={one['uid']}&address={one['id.orig_h']}&port={one['id.orig_p']}&from={one['ts']}&to={one['ts']}&text=HTTP").json
        expect(found["rows"] == [one], found)
        joined = s.get(f"/api/v1/connections/{one['uid']}").json
        expect([part["log"] for part in joined["logs"]] == ["conn", "files", "http"] and joined["logs"][0]["rows"] == [one], joined)


def notices(sensor, folder):
    """A notice is acknowledged once, and stays so over a restart; hostile text is text."""
    with Served(sensor, folder) as s:
        head = "#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tnotice\n#open\tx\n#fields\tts\tnote\tmsg\tseverity\n#types\ttime\tenum\tstring\tstring\n"
        (s.logs / "notice.log").write_text(head + "1.0\tScan::Port_Scan\t<script>\\x1b[2J\"\tmedium\n2.0\tSSH::Guessing\tx\thigh\n")
        listed = s.get("/api/v1/notices").json
        expect([n["row"]["ts"] for n in listed["notices"]] == [2.0, 1.0] and listed["unacknowledged"] == 2, listed)
        expect(listed["notices"][1]["row"]["msg"] == "<script>\\x1b[2J\"", listed["notices"][1])
        which = listed["notices"][1]["id"]
        a = s.post(f"/api/v1/notices/{which}/ack", {"note": "seen"})
        expect(a.status == 200 and s.post(f"/api/v1/notices/{which}/ack", {"note": "again"}).json == a.json, a)
        expect(s.post("/api/v1/notices/xyz/ack", {}).status == 400)
    with Served(sensor, folder) as s:
        expect([n["id"] for n in s.get("/api/v1/notices?acknowledged=true").json["notices"]] == [which])
        expect([n["row"]["severity"] for n in s.get("/api/v1/notices?acknowledged=false&severity=high").json["notices"]] == ["high"])


def elsewhere(sensor, folder):
    """Listening elsewhere takes TLS or leave; TLS works."""
    refused = subprocess.run([sensor, "serve", "--log-dir", folder / "no", "--set", "api.address=0.0.0.0"], capture_output=True, text=True, timeout=20)
    expect(refused.returncode == 2 and "api.certificate" in refused.stderr, refused)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key", "-out", folder / "cert", "-days", "2", "-subj",
                    "/CN=sensor"], check=True, capture_output=True)
    s = Served(sensor, folder, "--set", "api.address=0.0.0.0", "--set", f"api.certificate={folder / 'cert'}", "--set", f"api.key={folder / 'key'}")
    s.process = subprocess.Popen([str(c) for c in s.command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        expect(s.process.stdout.readline().startswith("serving on https://"))
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(socket.create_connection(("127.0.0.1", s.port), timeout=10)) as c:
            token = (s.logs / "api.token").read_text().strip()
            body = json.dumps({"token": token})
            c.sendall(f"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}".encode())
            answer = read_events(c, 1).decode()
            expect(" 200 " in answer and "; Secure" in answer, answer)
    finally:
        s.process.terminate()
        s.process.communicate(timeout=20)


def bad_orders(sensor, folder):
    with Served(sensor, folder) as s:
        for body in ({}, [], {"mode": "x"}, {"mode": "live"}, {"mode": "live", "interface": 1}, {"mode": "pcap", "files": []}, {"mode": "pcap", "files": "a"},
                     {"mode": "live", "interface": "x" * 300}, {"mode": "live", "interface": "lo", "filter": 5}):
            a = s.post("/api/v1/capture", body)
            expect(a.status == 400, f"{body}: {a}")
        a = s.post("/api/v1/capture", {"mode": "live", "interface": "nothere9"})
        expect(a.status == 422 and "nothere9" in a.json["error"]["message"], a)
        shutil.copy(CAPTURES / "http_get.pcap", s.pcaps)
        a = s.post("/api/v1/capture", {"mode": "pcap", "files": ["http_get.pcap"], "filter": "no filter at all"})
        expect(a.status == 422, a)
        expect(s.get("/api/v1/status").json["mode"] == "idle")


CASES = {
    "the contract": contract,
    "the routes": routes,
    "sessions and other sites": sessions,
    "headers": headers,
    "names that would escape": traversal,
    "uploads": uploads,
    "oversized requests": oversized,
    "slow clients": slow,
    "200 streams": streams,
    "history across a restart": history,
    "the ledger": ledger,
    "log pages": logs,
    "notices": notices,
    "TLS": elsewhere,
    "orders that make no sense": bad_orders,
}


def main():
    if jsonschema is None:
        print("1..0 # SKIP python3-jsonschema is missing")
        return
    sensor = pathlib.Path(sys.argv[1]).resolve() / "sensor"
    cases = {name: case for name, case in CASES.items() if not sys.argv[2:] or any(part in name for part in sys.argv[2:])}
    print(f"1..{len(cases)}", flush=True)
    failed = 0
    for number, (name, case) in enumerate(cases.items(), 1):
        with tempfile.TemporaryDirectory(prefix="sensor-api-") as folder:
            try:
                case(sensor, pathlib.Path(folder))
                print(f"ok {number} - {name}", flush=True)
            except Exception:
                failed += 1
                print(f"not ok {number} - {name}", flush=True)
                print("".join(f"# {line}\n" for line in traceback.format_exc().splitlines()), flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
