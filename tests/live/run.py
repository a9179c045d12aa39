#!/usr/bin/env python3
"""The sensor on real interfaces: veth links between network namespaces. Speaks TAP; skips itself where that is not allowed.

  run.py BUILD [PART OF A NAME …]
"""
import pathlib
import shutil
import signal
import sys
import tempfile
import time
import traceback

import cases_api
import cases_docs
import cases_dpdk
import cases_logs
import cases_ops
import cases_serve
from lab import CAPTURES, Lab, Skip, expect, packets_of, pcap_of, read_rows, reason_to_skip, run

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
IDLE_SECONDS, IDLE_SHARE = 5, 0.02


def same_as_replay(lab, capture, sensor, *options, speed="--multiplier=1"):
    """The capture over the wire gives the logs that the file gives."""
    sent = lab.replay(capture, speed)
    sensor.stop()
    processed, dropped = sensor.packets()
    expect(processed == sent, f"{sent} sent, {processed} processed, {dropped} dropped")
    problem = lab.difference(lab.reference(capture), sensor.logs, *options)
    expect(not problem, problem)


def real_traffic(lab):
    """A client and a server; the packets that this host sends have no checksums yet."""
    lab.give_addresses()
    lab.serve(lab.listener, "python3", "-m", "http.server", "80", "--directory", CAPTURES)
    lab.wait_for_server("http://192.0.2.1/")
    s = lab.sensor()
    lab.in_sender("curl", "-s", "-o", "/dev/null", "http://192.0.2.1/")
    s.stop()
    rows = [r for r in s.rows() if r["id.resp_p"] == "80"]
    expect(len(rows) == 1 and rows[0]["conn_state"] == "SF" and rows[0]["service"] == "http", s.rows())
    expect("C" not in rows[0]["history"].upper(), f"bad checksums: {rows[0]['history']}")
    expect([r["status_code"] for r in s.rows("http.log")] == ["200"], s.rows("http.log"))
    text = (s.logs / "conn.log").read_text()
    expect("#close" in text, "no #close")


def first_row(lab):
    """Rows come while the sensor runs."""
    s = lab.sensor("--workers", "2")
    lab.replay(CAPTURES / "http_get.pcap")
    expect(s.wait_for_row("http.log", "GET", 10), "no row after 10 s")
    expect(s.wait_for_row("conn.log", "http", 12), "no connection was logged")
    s.stop()


def replay_case(name, *options):
    def case(lab):
        same_as_replay(lab, CAPTURES / name, lab.sensor(*options))

    return case


def generated(lab, *options):
    capture = lab.work / "generated.pcap"
    if not capture.exists():
        run(lab.build / "sensor-gen", "--out", capture, "--quiet", *options)
    return capture


def four_workers(*options):
    """No connection is split."""

    def case(lab):
        capture = generated(lab, "--connections", 1500, "--window", 2, "--mix", "dns:40,http:30,tls:30", "--seed", 7)
        same_as_replay(lab, capture, lab.sensor("--workers", "4", *options, ring_mib=64), "--only", "conn,http,dns,ssl", speed="--topspeed")

    return case


def ftp_in_several_workers(lab):
    """The kernel gives data connections to any worker, which is told what they are. Not faster than the workers talk to each other."""
    capture = lab.work / "ftp.pcap"
    frames = packets_of(CAPTURES / "ftp_passive.pcap")[:80]
    capture.write_bytes(pcap_of(frames))
    s = lab.sensor("--workers", "4")
    lab.send_frames(frames, pause=0.04)
    s.stop()
    want, got = (sorted(r["service"] for r in rows) for rows in (read_rows(lab.reference(capture)), s.rows()))
    expect("ftp-data" in want and want == got, f"{got} instead of {want}")


def two_ports_of_a_tap(lab):
    """One interface has what the client sends, the other what the server sends: connections are whole, and begin at the client's end."""
    capture = generated(lab, "--connections", 300, "--window", 2, "--mix", "http:1", "--seed", 3)
    frames = packets_of(capture)
    s = lab.sensor("--workers", "2", interface="b0,b1", ring_mib=64)
    lab.send_frames(frames, [int(b"\0P" in (frame[34:36], frame[54:56])) for frame in frames])
    s.stop()
    processed, dropped = s.packets()
    expect(processed == len(frames), f"{len(frames)} sent, {processed} processed, {dropped} dropped")
    problem = lab.difference(lab.reference(capture), s.logs, "--only", "conn,http")
    expect(not problem, problem)


def loopback(lab):
    """What goes out over lo comes in again, and is one packet."""
    s = lab.sensor(interface="lo")
    lab.in_listener("ping", "-c", "3", "-i", "0.2", "127.0.0.1")
    s.stop()
    rows = s.rows()
    expect(len(rows) == 1 and (rows[0]["orig_pkts"], rows[0]["resp_pkts"]) == ("3", "3"), rows)


def with_tag(frame, vlan):
    return frame[:12] + b"\x81\0" + vlan.to_bytes(2, "big") + frame[12:]


def vlan_tags(lab):
    """The kernel takes tags out of packets; they are put back, and a filter may ask for them."""
    frames = packets_of(CAPTURES / "http_get.pcap")
    whole, filtered = lab.sensor(), lab.sensor("--filter", "vlan 8", logs="filtered")
    lab.send_frames([with_tag(frame, 7) for frame in frames] + [with_tag(frames[0], 8), frames[0]])
    whole.stop(), filtered.stop()
    tags = [r["vlan"] for r in whole.rows()]
    expect(tags.count("7") == 7 and "8" in tags, tags)
    expect([r["vlan"] for r in filtered.rows()] == ["8"], filtered.rows())


def kernel_filter(lab):
    s = lab.sensor("--filter", "udp port 53", "--workers", "2")
    lab.replay(CAPTURES / "http_get.pcap")
    lab.replay(CAPTURES / "dns_types.pcap")
    s.stop()
    rows = s.rows()
    expect(rows and all(r["id.resp_p"] == "53" for r in rows), rows)


def link_down_and_up(lab):
    s = lab.sensor("--workers", "2")
    lab.replay(CAPTURES / "dns_types.pcap")
    run("ip", "-n", lab.listener, "link", "set", "b0", "down")
    time.sleep(1.5)
    run("ip", "-n", lab.listener, "link", "set", "b0", "up")
    time.sleep(1.5)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect("b0 went down" in s.err and "b0 is up again" in s.err, s.err)
    expect(any(r["service"] == "http" for r in s.rows()), "nothing after the link came back")
    expect(any(r["service"] == "dns" for r in s.rows()), "what came before it went down is missing")


def interface_removed(lab):
    s = lab.sensor("--workers", "3")
    lab.replay(CAPTURES / "dns_types.pcap")
    run("ip", "-n", lab.listener, "link", "del", "b0")
    s.wait_until(lambda: s.sockets() == 0)
    lab.add_link(0)
    s.wait_for_sockets(3)
    time.sleep(1)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect("b0 has gone away" in s.err and "b0 is there" in s.err, s.err)
    problem = lab.difference(lab.reference(CAPTURES / "http_get.pcap", CAPTURES / "dns_types.pcap"), s.logs, "--only", "conn,http,dns")
    expect(not problem, problem)


def down_at_the_start(lab):
    run("ip", "-n", lab.listener, "link", "set", "b0", "down")
    s = lab.sensor("--workers", "2", sockets=0)
    run("ip", "-n", lab.listener, "link", "set", "b0", "up")
    s.wait_for_sockets(2)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect("b0 is down" in s.err, s.err)
    expect(any(r["service"] == "http" for r in s.rows()), "nothing after the link came up")


def interrupted(lab):
    s = lab.sensor()
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop(signal.SIGINT)
    expect(s.rows() and "Traffic" in s.out, s.out)


def duration(lab):
    s = lab.sensor("--duration", "1.5", "--quiet", wait=False)
    out, err = s.process.communicate(timeout=10)
    expect(s.process.returncode == 0 and not out + err, out + err)


def killed(lab):
    """kill -9 leaves whole lines."""
    s = lab.sensor()
    lab.replay(CAPTURES / "http_get.pcap")
    expect(s.wait_for_row("conn.log", "http", 15), "no connection was logged")
    s.process.kill()
    s.process.wait()
    for log in s.logs.glob("*.log"):
        expect(log.read_bytes().endswith(b"\n"), f"{log.name} ends in the middle of a line")


def many_syns(lab):
    """Half a million connections that nobody answers: sent = processed + dropped, and every connection of what was processed is logged."""
    capture = generated(lab, "--profile", "syn", "--connections", 500_000, "--seed", 5)
    s = lab.sensor("--set", "label.enabled=false", ring_mib=64)
    sent = lab.replay(capture)
    s.stop(limit=10)
    processed, dropped = s.packets()
    expect(processed + dropped == sent, f"{sent} sent, {processed} processed, {dropped} dropped")
    logged = int(next(part.split()[1] for part in s.out.split(": ")[-1].split(", ") if part.startswith("conn.log")))
    lost = sum(int(line.split()[1]) for line in s.out.splitlines() if line.split()[:1] in (["log_records_dropped"], ["log_records_lost"]))
    expect(logged + lost >= processed, f"{processed} connections, {logged} logged, {lost} lost and counted")


def card_without_a_clock(lab):
    """veth stamps nothing: the kernel's time is taken instead, which is said once."""
    s = lab.sensor("--workers", "2", "--set", "capture.timestamps=hardware")
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect(len(s.rows()) == 7 and s.err.count("b0 has no clock that stamps every packet") == 1, f"{s.rows()} {s.err}")
    expect(all(abs(float(r["ts"]) - time.time()) < 60 for r in s.rows()), s.rows())


def idle_cost(lab):
    s = lab.sensor()
    before = s.cpu_seconds()
    time.sleep(IDLE_SECONDS)
    share = (s.cpu_seconds() - before) / IDLE_SECONDS
    s.stop()
    expect(share < IDLE_SHARE, f"{100 * share:.1f} % of a core")


def unknown_interface(lab):
    s = lab.sensor(interface="nowhere0", wait=False)
    out, err = s.process.communicate(timeout=10)
    expect(s.process.returncode == 2 and "'nowhere0'" in err and "lo, b0" in err, f"{s.process.returncode}: {out + err}")


def without_the_right(lab):
    s = lab.sensor(wait=False, prefix=NOBODY)
    out, err = s.process.communicate(timeout=10)
    expect(s.process.returncode == 1 and "setcap" in err, f"{s.process.returncode}: {out + err}")


def status_of(sensor):
    lines = pathlib.Path(f"/proc/{sensor.process.pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


NET_RAW, DAC_OVERRIDE = 1 << 13, 1 << 1


def rights_of_root(lab):
    """Of root's rights two are left, and no program can be started."""
    s = lab.sensor()
    status = status_of(s)
    expect(int(status["CapEff"], 16) == NET_RAW | DAC_OVERRIDE, status["CapEff"])
    expect(int(status["CapBnd"], 16) == 0 and status["NoNewPrivs"] == "1" and status["Seccomp"] == "2", status)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect(len(s.rows()) == 7, s.rows())


def another_user(lab):
    """Its logs are its own; an interface that comes back is opened with what is left of the rights."""
    lab.work.chmod(0o755)
    s = lab.sensor("--set", "run.user=nobody", "--workers", "2")
    status = status_of(s)
    expect(status["Uid"].split() == ["65534"] * 4 and status["Groups"].strip() == "", status)
    expect(int(status["CapEff"], 16) == NET_RAW and status["Seccomp"] == "2", status)
    run("ip", "-n", lab.listener, "link", "del", "b0")
    s.wait_until(lambda: s.sockets() == 0)
    lab.add_link(0)
    s.wait_for_sockets(2)
    time.sleep(1)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect(len(s.rows()) == 7 and s.logs.stat().st_uid == 65534, f"{s.rows()} {s.err}")


def file_capabilities(lab):
    """Nobody special, but the program has the right."""
    program = lab.work / "sensor"
    shutil.copy(lab.build / "sensor", program)
    run("setcap", "cap_net_raw,cap_net_admin=eip", program)
    lab.work.chmod(0o777)
    s = lab.sensor(program=program, prefix=NOBODY)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop()
    expect(len(s.rows()) == 7 and s.logs.stat().st_uid == 65534, s.rows())


def unusable_log_dir(lab):
    """Root's directory is not the other user's; the remedy is said."""
    (lab.work / "logs").mkdir(mode=0o755)
    s = lab.sensor("--set", "run.user=nobody", wait=False)
    out, err = s.process.communicate(timeout=10)
    expect(s.process.returncode == 2 and "log directory" in err, f"{s.process.returncode}: {out + err}")


def interface_list(lab):
    run("ip", "-n", lab.listener, "addr", "add", "192.0.2.1/24", "dev", "b0")
    run("ip", "-n", lab.listener, "link", "set", "b1", "down")
    out = lab.in_listener(lab.build / "sensor", "interfaces").stdout
    lines = {line.split()[0]: line for line in out.splitlines() if not line.startswith(" ")}
    expect(set(lines) == {"name", "lo", "b0", "b1"} and "192.0.2.1" in out, out)
    expect(" up " in lines["b0"] and "veth" in lines["b0"] and " down " in lines["b1"], out)


CASES = {
    "a client and a server on this host": real_traffic,
    "rows come while the sensor runs": first_row,
    "http over the wire as from the file": replay_case("http_get.pcap"),
    "dns over the wire as from the file": replay_case("dns_types.pcap", "--workers", "2", "--set", "capture.fanout=bpf"),
    "IPv6 over the wire as from the file": replay_case("http_ipv6.pcap", "--workers", "3"),
    "four workers split no connection, hash": four_workers(),
    "four workers split no connection, bpf": four_workers("--set", "capture.fanout=bpf"),
    "ftp data connections reach other workers": ftp_in_several_workers,
    "the two ports of a tap": two_ports_of_a_tap,
    "loopback": loopback,
    "VLAN tags": vlan_tags,
    "a filter in the kernel": kernel_filter,
    "a link goes down and up": link_down_and_up,
    "an interface is removed and comes back": interface_removed,
    "an interface is down at the start": down_at_the_start,
    "SIGINT": interrupted,
    "a duration": duration,
    "kill -9": killed,
    "500 000 SYNs": many_syns,
    "a card without a clock": card_without_a_clock,
    "an idle sensor": idle_cost,
    "an unknown interface": unknown_interface,
    "without the right": without_the_right,
    "the rights of root": rights_of_root,
    "another user": another_user,
    "capabilities of the file": file_capabilities,
    "a log directory of somebody else": unusable_log_dir,
    "the list of interfaces": interface_list,
}


CASES |= cases_logs.CASES | cases_api.CASES | cases_docs.CASES | cases_ops.CASES | cases_serve.CASES | cases_dpdk.CASES


def attempt(build, case):
    """(what went wrong, why it was skipped), of which one or both are empty."""
    with tempfile.TemporaryDirectory(prefix="sensor-live-") as work:
        lab = Lab(build, work, links=2)
        try:
            case(lab)
            return "", ""
        except Skip as e:
            return "", str(e)
        except Exception as e:
            return f"{type(e).__name__}: {e}\n{traceback.format_exc().splitlines()[-3].strip()}", ""
        finally:
            lab.close()


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    cases = {name: case for name, case in CASES.items() if not sys.argv[2:] or any(part in name for part in sys.argv[2:])}
    reason = reason_to_skip()
    print(f"1..{len(cases)}", flush=True)
    failed = 0
    for count, (name, case) in enumerate(cases.items(), 1):
        problem, skipped = ("", reason) if reason else attempt(build, case)
        failed += bool(problem)
        print(f"{'not ok' if problem else 'ok'} {count} - {name}{f' # SKIP {skipped}' if skipped else ''}", flush=True)
        for line in problem.splitlines():
            print(f"# {line}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
