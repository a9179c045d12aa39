import { strict as assert } from "node:assert";
import { test } from "node:test";
import { adviceFor, troubles } from "../src/advice";
import { queryOf } from "../src/api";
import { summary } from "../src/chart";
import { dropsByReason } from "../src/ledger";
import { originOf, workerState } from "../src/statusbar";
import type { Status, Worker } from "../src/types";

const worker = (more: Partial<Worker> & Record<string, number> = {}): Worker =>
  ({ packets: 0, bytes: 0, dropped: 0, ring_queue: 0, ring_queue_capacity: 64, log_queue: 0, log_queue_capacity: 16, stats_queue: 0, stats_queue_capacity: 16, cpu_percent: 1, lag_s: 0, ...more }) as Worker;

const LEDGER = {
  received: 10,
  filtered: 0,
  dropped_capture: 0,
  delivered: 10,
  dropped_end: 0,
  waiting: 0,
  decoded: 10,
  undecoded: 0,
  inner_decoded: 0,
  inner_undecoded: 0,
  tracked: 10,
  untracked: 0,
  connections_opened: 1,
  connections_ended: 0,
  records: 0,
  records_written: 0,
  records_reduced: 0,
  records_lost: 0,
};

const status = (more: Partial<Status> = {}): Status => ({
  mode: "live",
  version: "0.1.0",
  time: 1000,
  process_uptime_s: 100,
  uptime_s: 60,
  interfaces: "eth1",
  filter: "",
  log_dir: "/var/log/sensor",
  replay: null,
  last_run: null,
  memory_bytes: 1,
  lag_s: 0,
  connections_open: 0,
  traffic: { packets: 0, bytes: 0, connections_opened: 0, connections_ended: 0 },
  workers: [],
  logs: {},
  losses: {},
  ledger: LEDGER,
  rates: { packets: 0, bits: 0, connections: 0, drops: 0, records: 0 },
  threads: [],
  cpu_percent: 0,
  disk: { log_bytes: 0, free_bytes: 1e12, bytes_per_s: 0, seconds_left: null },
  ...more,
});

const codes = (s: Status): string[] => troubles(s).map((t) => t.code);

test("a sensor that is well has no troubles", () => {
  assert.deepEqual(codes(status()), []);
  assert.deepEqual(codes(status({ mode: "idle", uptime_s: 0 })), []);
});

test("troubles are told by their cause", () => {
  assert.deepEqual(codes(status({ ledger: { ...LEDGER, received: 0, decoded: 0 } })), ["no_traffic"]);
  assert.deepEqual(codes(status({ uptime_s: 5, ledger: { ...LEDGER, received: 0, decoded: 0 } })), []);
  assert.deepEqual(codes(status({ ledger: { ...LEDGER, filtered: 10, decoded: 0 } })), ["filtered"]);
  assert.deepEqual(codes(status({ ledger: { ...LEDGER, records_lost: 1 } })), ["log_lost"]);
  assert.deepEqual(codes(status({ rates: { packets: 1, bits: 1, connections: 0, drops: 4, records: 0 } })), ["drops"]);
  assert.deepEqual(codes(status({ disk: { log_bytes: 0, free_bytes: 1000, bytes_per_s: 1, seconds_left: 1000 } })), ["disk"]);
  assert.deepEqual(codes(status({ disk: { log_bytes: 0, free_bytes: 1e9, bytes_per_s: 1e6, seconds_left: 1000 } })), ["disk"]);
});

test("a capture that could not begin says why", () => {
  const failed = (message: string) => status({ mode: "idle", last_run: { mode: "live", origin: "eth1", ended: 1, ok: false, message, packets: 0 } });
  assert.deepEqual(codes(failed("cannot capture on eth1: no packet socket: Operation not permitted")), ["no_permission"]);
  assert.deepEqual(codes(failed("there is no interface 'eth9'; this host has lo")), ["no_interface"]);
  assert.equal(troubles(failed("something else"))[0]?.title, "something else");
  assert.equal(adviceFor("not_permitted", ""), "no_permission");
});

test("workers", () => {
  assert.equal(workerState(worker(), undefined).text, "running");
  assert.equal(workerState(worker({ dropped: 5 }), worker({ dropped: 5 })).text, "running");
  assert.equal(workerState(worker({ dropped: 6 }), worker({ dropped: 5 })).text, "drops");
  assert.equal(workerState(worker({ lag_s: 3 }), undefined).text, "behind");
  const workers = [worker({ packets_dropped_ring: 2, packets_received: 9 }), worker({ packets_dropped_ring: 3, packets_dropped_kernel: 0 })];
  assert.deepEqual(dropsByReason(status({ workers })), [["packets_dropped_ring", 5]]);
});

test("queries leave out what is not set", () => {
  assert.equal(queryOf({ a: "x&y", b: undefined, c: "", d: 0 }), "?a=x%26y&d=0");
  assert.equal(queryOf({}), "");
});

test("last, mean and largest of a line with holes", () => {
  assert.deepEqual(summary([1, null, 5, 3, null]), { last: 3, mean: 3, max: 5 });
  assert.deepEqual(summary([0]), { last: 0, mean: 0, max: 0 });
  assert.equal(summary([null]), undefined);
});

test("where a run's packets came from", () => {
  assert.equal(originOf("live", "eth0,eth1,eth2"), "eth0, eth1, eth2");
  assert.equal(originOf("replay", "/pcaps/monday.pcap"), "monday.pcap");
  assert.equal(originOf("replay", "a.pcap, b.pcap, c.pcap"), "3 files");
});
