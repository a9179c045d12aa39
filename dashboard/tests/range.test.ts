import { strict as assert } from "node:assert";
import { test } from "node:test";
import { LONGEST, appended, bounds, busiest, joined, moved, stepSeconds, within, zoomedIn, zoomedOut } from "../src/range";
import type { Sample } from "../src/types";

const sample = (t: number): Sample => ({ time: t, packets: t, bits: 2 * t, connections: 1, drops: 0, records: 0, connections_open: 5, memory_bytes: 6, cpu_percent: 7 });

test("zoom keeps to its limits", () => {
  assert.deepEqual(zoomedIn({ last: 300 }, 1000), { last: 150 });
  assert.deepEqual(zoomedIn({ last: 61 }, 1000), { last: 60 });
  assert.deepEqual(zoomedOut({ last: LONGEST }, 1000), { last: LONGEST });
  assert.deepEqual(zoomedIn({ from: 0, to: 400 }, 1000), { from: 100, to: 300 });
  assert.deepEqual(zoomedOut({ from: 100, to: 300 }, 1000), { from: 0, to: 400 });
});

test("what reaches the present moves with it", () => {
  assert.deepEqual(within({ from: 900, to: 1001 }, 1000), { last: 101 });
  assert.deepEqual(moved({ last: 300 }, -1, 1000), { from: 550, to: 850 });
  assert.deepEqual(moved({ from: 550, to: 850 }, 1, 1000), { last: 300 });
  assert.deepEqual(bounds({ last: 300 }, 1000), { from: 700, to: 1000 });
});

test("samples follow history without a second told twice", () => {
  const none = { records: [], connections_open: [], memory_bytes: [], cpu_percent: [], drop_reasons: {}, protocols: { dns: [1, null, 2], http: [9, 9, 9], ssh: [0, 0, 0] } };
  const history = { from: 0, to: 3, step: 1, time: [1, 2, 3], packets: [1, null, 3], bits: [1, null, 3], connections: [0, null, 0], drops: [0, null, 0], ...none };
  const got = joined(history, [sample(2), sample(3), sample(4)], 2);
  assert.deepEqual(got.time, [2, 3, 4]);
  assert.deepEqual(got.packets, [null, 3, 4]);
  assert.deepEqual(got.connections_open, [null, null, 5]);
  assert.deepEqual(got.protocols["dns"], [null, 2, null]);
  assert.deepEqual(busiest(got.protocols, 5), ["http", "dns"]);
  assert.deepEqual(busiest(got.protocols, 1), ["http"]);
  assert.deepEqual(joined(undefined, [sample(7)], 0).bits, [14]);
});

test("seconds within the hour, minutes before it", () => {
  assert.equal(stepSeconds(300, 300), 1);
  assert.equal(stepSeconds(3600, 3600), 6);
  assert.equal(stepSeconds(300, 7200), 60);
  assert.equal(stepSeconds(LONGEST, LONGEST), 4320);
});

test("samples are bounded and ascend", () => {
  let samples: Sample[] = [];
  for (let t = 1; t <= 2000; t++) samples = appended(samples, sample(t));
  assert.equal(samples.length, 900);
  assert.equal(appended(samples, sample(2000)), samples);
});
