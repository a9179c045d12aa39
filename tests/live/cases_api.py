"""A live sensor is asked: HTTP endpoint, Unix socket, sensor status."""
import json
import re
import time

from lab import CAPTURES, expect, run

URL = "http://127.0.0.1:9047"


def get(lab, path):
    return lab.in_listener("curl", "-sf", "--max-time", "5", URL + path).stdout


def endpoint(lab):
    """Every path answers, and the figures are those of the traffic."""
    s = lab.sensor("--workers", "2", "--set", "stats.interval=1s", http=True)
    sent = lab.replay(CAPTURES / "http_get.pcap")
    time.sleep(3)
    expect(get(lab, "/healthz") == "ok\n", "no health")
    status = json.loads(get(lab, "/api/v1/status"))
    delivered = sum(w["packets_delivered"] for w in status["workers"])
    expect(len(status["workers"]) == 2 and delivered == sent == status["traffic"]["packets"], status)
    expect(status["interfaces"] == "b0" and status["uptime_s"] > 2 and status["memory_bytes"] > 0 and status["lag_s"] < 1, status)
    expect(all(w["ring_queue_capacity"] == 16 and w["ring_queue"] <= 1 for w in status["workers"]), status["workers"])
    names = {t["name"] for t in status["threads"]}
    expect(names >= {"main", "worker 0", "worker 1", "logs", "statistics", "http"}, names)
    lab.replay(CAPTURES / "http_get.pcap")
    time.sleep(1)
    later = json.loads(get(lab, "/api/v1/status"))
    sent *= 2
    expect(later["cpu_percent"] > 0 and later["rates"]["packets"] > 0 and later["disk"]["free_bytes"] > 0, later)
    expect(abs(sum(t["cpu_percent"] for t in later["threads"]) - later["cpu_percent"]) < 0.1, later["threads"])
    top = run(lab.build / "sensor", "top", "--log-dir", s.logs).stdout
    expect("cpu by thread" in top and "worker" in top and "packets/s" in top, top)
    metrics = get(lab, "/metrics")
    line = re.compile(r'(# (HELP|TYPE) .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.e+-]+)')
    wrong = [text for text in metrics.splitlines() if not line.fullmatch(text)]
    expect(not wrong and f"sensor_packets_total {sent}" in metrics, wrong or metrics)
    expect('sensor_queue_capacity{worker="1",queue="ring"} 16' in metrics, metrics)
    expect(json.loads(get(lab, "/api/v1/top"))["packets"] >= 0, "no top")
    s.stop()


def status_command(lab):
    """Over the Unix socket, which goes away with the sensor."""
    s = lab.sensor()
    asked = run(lab.build / "sensor", "status", "--log-dir", s.logs)
    expect(json.loads(asked.stdout)["log_dir"] == str(s.logs), asked.stdout)
    s.stop()
    asked = run(lab.build / "sensor", "status", "--log-dir", s.logs, check=False)
    expect(asked.returncode == 1 and "no sensor answers" in asked.stderr and not (s.logs / "sensor.sock").exists(), asked)


def slow_client(lab):
    """Clients that ask and do not go on hold up neither the capture nor the end."""
    s = lab.sensor(http=True)
    for _ in range(4):
        lab.serve(lab.listener, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9047; printf 'GET / HT' >&3; sleep 60")
    time.sleep(1)
    lab.replay(CAPTURES / "http_get.pcap")
    s.stop(limit=7)
    expect(len(s.rows()) == 7, s.rows())


def port_in_use(lab):
    s = lab.sensor(http=True)
    other = lab.sensor(http=True, logs="other", wait=False)
    out, err = other.process.communicate(timeout=10)
    expect(other.process.returncode == 2 and "--no-http" in err, f"{other.process.returncode}: {out + err}")
    s.stop()


CASES = {
    "the HTTP endpoint": endpoint,
    "sensor status": status_command,
    "slow clients": slow_client,
    "a port in use": port_in_use,
}
