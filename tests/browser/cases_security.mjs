// Who may not do what: other sites, ended sessions, paths that lead elsewhere, requests that are too large or too slow.
import * as http from "node:http";
import * as net from "node:net";
import { Sensor, expect, logIn, open, same, settings, until, wait } from "./bench.mjs";

/** Sends bytes as they are; gives what comes back until the other end closes, or the time is over. */
function raw(port, pieces, { pause = 0, limit = 20_000 } = {}) {
  return new Promise((done) => {
    const socket = net.connect(port, "127.0.0.1");
    const start = Date.now();
    let got = "";
    const finish = () => {
      socket.destroy();
      done({ got, ms: Date.now() - start });
    };
    socket.on("data", (d) => (got += d.toString("latin1")));
    socket.on("close", finish);
    socket.on("error", finish);
    setTimeout(finish, limit);
    socket.on("connect", async () => {
      for (const piece of pieces) {
        if (socket.destroyed) return;
        socket.write(piece);
        if (pause > 0) await wait(pause);
      }
    });
  });
}

const status = (answer) => Number(/^HTTP\/1\.1 (\d+)/.exec(answer.got)?.[1] ?? 0);

export function security(sensor) {
  const port = settings.port;
  return {
    "without a session nothing is told and nothing done": async () => {
      for (const what of ["status", "stream", "top", "history", "interfaces", "pcaps", "logs", "logs/conn", "connections/C1", "notices"])
        same((await fetch(`${sensor.url}api/v1/${what}`)).status, 401, what);
      const post = await fetch(`${sensor.url}api/v1/capture`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"mode":"stop"}' });
      same(post.status, 401, "capture");
    },

    "the page's policy is strict": async () => {
      const { headers } = await fetch(sensor.url);
      const policy = headers.get("content-security-policy") ?? "";
      expect(policy.includes("default-src 'none'") && policy.includes("script-src 'self'") && policy.includes("frame-ancestors 'none'"), policy);
      expect(!/unsafe|\*/.test(policy), policy);
      same(headers.get("x-content-type-options"), "nosniff", "X-Content-Type-Options");
    },

    "another site can do nothing in the operator's name": async () => {
      const site = http.createServer((_, r) => r.setHeader("Content-Type", "text/html").end("<title>elsewhere</title>")).listen(8099, "127.0.0.1");
      try {
        const page = await open();
        await logIn(page, sensor);
        const before = (await sensor.get("status")).last_run?.ended;
        // localhost and 127.0.0.1 are two sites for a browser.
        await page.goto("http://localhost:8099/");
        const target = `${sensor.url}api/v1/capture`;
        const results = await page.evaluate(async (url) => {
          const post = (type) => fetch(url, { method: "POST", credentials: "include", mode: type === "text/plain" ? "no-cors" : "cors", headers: { "Content-Type": type }, body: '{"mode":"live","interface":"b0"}' }).then((r) => r.status, () => "refused");
          const read = await fetch(url.replace("capture", "status"), { credentials: "include" }).then((r) => r.text(), () => "refused");
          return [await post("application/json"), await post("text/plain"), read];
        }, target);
        expect(results[0] === "refused" && results[2] === "refused", results);
        await page.setContent(`<form method="post" enctype="text/plain" action="${target}"><input name='{"mode":"live","interface":"b0","x":"' value='"}'><button>go</button></form>`);
        await page.getByRole("button").click();
        await page.waitForTimeout(800);
        const now = await sensor.get("status");
        same([now.mode, now.last_run?.ended], ["idle", before], "nothing was started");
        await page.context().close();
      } finally {
        site.close();
      }
      const cookieless = await sensor.ask("POST", "capture", { mode: "stop" }, { Origin: "http://elsewhere.example", "Sec-Fetch-Site": "cross-site" });
      same(cookieless.status, 403, "a request that says it comes from elsewhere");
      const rebound = await raw(port, [`GET /api/v1/status HTTP/1.1\r\nHost: elsewhere.example\r\nAuthorization: Bearer ${sensor.token}\r\nConnection: close\r\n\r\n`]);
      expect(status(rebound) >= 400, `a host name that is not ours: ${rebound.got.slice(0, 80)}`);
    },

    "no path leads out": async () => {
      for (const path of ["/../../../../etc/passwd", "/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "//etc/passwd", "/api/v1/logs/..%2f..%2fetc%2fpasswd", "/api/v1/logs/%00"]) {
        const a = await raw(port, [`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${sensor.token}\r\nConnection: close\r\n\r\n`]);
        expect(status(a) >= 400 && !a.got.includes("root:"), `${path}: ${a.got.slice(0, 80)}`);
      }
      for (const name of ["../x.pcap", "..%2fx.pcap", "/tmp/x.pcap", "a/b.pcap", ".hidden", "", "x\0y"]) {
        const up = await sensor.ask("POST", `pcaps?name=${encodeURIComponent(name)}`, "x", { "Content-Type": "application/octet-stream" });
        same(up.status >= 400 && up.status < 500, true, `upload as '${name}': ${up.status}`);
        const replay = await sensor.ask("POST", "capture", { mode: "pcap", files: [name] });
        same(replay.status >= 400 && replay.status < 500, true, `replay of '${name}': ${replay.status}`);
      }
    },

    "what is too large is refused": async () => {
      const body = await raw(port, [`POST /api/v1/capture HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${sensor.token}\r\nContent-Type: application/json\r\nContent-Length: 50000000\r\nConnection: close\r\n\r\n`, "x".repeat(1_000_000)]);
      expect(status(body) >= 400 || body.got === "", `a large body: ${body.got.slice(0, 60)}`);
      const header = await raw(port, [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Large: ${"x".repeat(200_000)}\r\nConnection: close\r\n\r\n`]);
      expect(status(header) !== 200, `a large header: ${header.got.slice(0, 60)}`);
      const path = await raw(port, [`GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`]);
      expect(status(path) !== 200, `a long path: ${path.got.slice(0, 60)}`);
      expect((await fetch(`${sensor.url}healthz`)).ok, "it answers others");
    },

    "slow clients are cut off and hold up nobody": async () => {
      const drip = () => raw(port, "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa".split(""), { pause: 1000, limit: 40_000 });
      const slow = Array.from({ length: 10 }, drip);
      await wait(1000);
      const start = Date.now();
      expect((await fetch(`${sensor.url}healthz`)).ok && Date.now() - start < 2000, `others waited ${Date.now() - start} ms`);
      for (const { ms } of await Promise.all(slow)) expect(ms < 38_000, `a slow client was kept for ${ms} ms`);
    },

    "where reading is open, the page shows everything and controls nothing": async () => {
      const other = await new Sensor("open", port + 3, "--set", "api.open_reading=true").ready();
      try {
        const page = await open();
        await page.goto(other.url);
        await page.getByText("Nothing is captured yet.").waitFor();
        await page.getByRole("link", { name: "Start a live capture or replay capture files" }).click();
        await page.getByText("Log in to start and stop captures.").waitFor();
        await page.getByRole("checkbox", { name: "b0" }).check();
        same(await page.getByRole("button", { name: "Start live capture" }).isDisabled(), true, "the button is disabled");
        same((await fetch(`${other.url}api/v1/capture`, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"mode":"stop"}' })).status, 401, "controls without a login");
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByLabel("Token").fill(other.token);
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByRole("checkbox", { name: "b0" }).check();
        same(await page.getByRole("button", { name: "Start live capture" }).isDisabled(), false, "the button after logging in");
        same(page.problems, [], "problems");
        await page.context().close();
      } finally {
        await other.stop();
      }
    },

    "an ended session leads to the login": async () => {
      const other = await new Sensor("short", port + 1, "--set", "api.session=4s").ready();
      try {
        const page = await open();
        await logIn(page, other);
        await page.getByText("The session has ended.").waitFor({ timeout: 20_000 });
        await page.getByLabel("Token").fill(other.token);
        await page.getByRole("button", { name: "Log in" }).click();
        await page.getByRole("navigation").waitFor();
        same(page.problems, [], "problems");
        await page.context().close();
      } finally {
        await other.stop();
      }
    },

    "the page says when the sensor is gone, and goes on when it is back": async () => {
      const first = await new Sensor("gone", port + 2).ready();
      const page = await open();
      await logIn(page, first);
      await page.getByText("Nothing is captured yet.").waitFor();
      same(await first.stop(), 0, "exit status");
      await page.getByText("The connection to the sensor is lost").waitFor({ timeout: 15_000 });
      const second = await new Sensor("gone", port + 2).ready();
      try {
        // The session went with the process; the token stays.
        same(second.token, first.token, "the token");
        await until(async () => (await page.getByLabel("Token").count()) + (await page.getByText("Nothing is captured yet.").count()) > 0, "login or overview");
        await page.context().close();
      } finally {
        await second.stop();
      }
    },
  };
}
