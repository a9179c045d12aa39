// What open pages cost, and that capture does not suffer from them.
import * as fs from "node:fs";
import * as http from "node:http";
import * as path from "node:path";
import { spawnSync } from "node:child_process";
import { expect, inSender, note, same, settings, until, wait } from "./bench.mjs";

const SHARE_OF_TEN_PAGES = 0.03;
const STREAMS = 200;
const SECONDS = 10;

/** An open stream; `events` counts what came. */
function stream(sensor) {
  const s = { events: 0, status: 0 };
  s.request = http.get(`${sensor.url}api/v1/stream`, { agent: false, headers: { Authorization: `Bearer ${sensor.token}` } }, (r) => {
    s.status = r.statusCode;
    r.on("data", (d) => (s.events += String(d).split("event: status").length - 1));
    r.on("error", () => undefined);
  });
  s.request.on("error", () => undefined);
  return s;
}
const endAll = (streams) => streams.forEach((s) => s.request.destroy());

/** Processor time of the sensor so far, in seconds (proc(5), stat). */
function cpuSeconds(sensor) {
  const fields = fs.readFileSync(`/proc/${sensor.process.pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function shareOver(sensor, seconds) {
  const before = cpuSeconds(sensor);
  await wait(seconds * 1000);
  return (cpuSeconds(sensor) - before) / seconds;
}

/** Sends a capture as fast as it goes; gives what the sensor's queues lost of it. */
async function lostAtFullSpeed(sensor, capture) {
  const before = (await sensor.get("status")).ledger;
  inSender("tcpreplay", "-i", "a0", "--topspeed", "--loop=5", capture);
  await wait(1500);
  const after = (await sensor.get("status")).ledger;
  expect(after.received > before.received, "packets came");
  return after.dropped_capture - before.dropped_capture;
}

export function load(sensor) {
  return {
    "ten open pages cost at most three hundredths of a core": async () => {
      const idle = await shareOver(sensor, SECONDS);
      const streams = Array.from({ length: 10 }, () => stream(sensor));
      // What a page asks for beside its stream: the top lists every two seconds.
      const asking = setInterval(() => streams.forEach(() => sensor.get("top?period=run").catch(() => undefined)), 2000);
      const busy = await shareOver(sensor, SECONDS);
      clearInterval(asking);
      const events = streams.map((s) => s.events);
      endAll(streams);
      note(`ten pages: ${(busy * 100).toFixed(1)} % of a core, ${(idle * 100).toFixed(1)} % without`);
      expect(Math.min(...events) >= SECONDS - 2, `events: ${events}`);
      expect(busy - idle <= SHARE_OF_TEN_PAGES, `${((busy - idle) * 100).toFixed(1)} % of a core`);
    },

    "200 idle stream clients cost no packet": async () => {
      const capture = path.join(settings.work, "full-speed.pcap");
      const made = spawnSync(path.join(settings.build, "sensor-gen"), ["--out", capture, "--quiet", "--connections", "1500", "--window", "2", "--mix", "dns:40,http:30,tls:30", "--seed", "7"]);
      same(made.status, 0, "a capture");
      same((await sensor.ask("POST", "capture", { mode: "live", interface: "b0" })).status, 200, "live");
      const alone = await lostAtFullSpeed(sensor, capture);
      const streams = Array.from({ length: STREAMS }, () => stream(sensor));
      await until(() => streams.every((s) => s.events > 0), `${STREAMS} streams`, 30).catch(() => {
        const refused = streams.filter((s) => s.status !== 200).length;
        throw new Error(`${refused} of ${STREAMS} streams were refused`);
      });
      const together = await lostAtFullSpeed(sensor, capture);
      endAll(streams);
      same((await sensor.ask("POST", "capture", { mode: "stop" })).status, 200, "stop");
      note(`lost at full speed: ${alone} packets alone, ${together} beside ${STREAMS} streams`);
      expect(together <= alone, `${together} packets lost, ${alone} without clients`);
    },
  };
}
