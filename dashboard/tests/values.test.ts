import { strict as assert } from "node:assert";
import { test } from "node:test";
import { columnsOf, exactly, show, visible } from "../src/values";

test("what cannot be seen is shown", () => {
  assert.equal(visible("a\u202eb\u0000\n\u200b"), "a\\x202eb\\x00\\x0a\\x200b");
  assert.equal(visible("<script>alert(1)</script> é 漢"), "<script>alert(1)</script> é 漢");
});

test("values by type", () => {
  assert.equal(show(1_795_871_109.25, "ts", "time", "utc"), "2026-11-28 13:05:09.250");
  assert.equal(show(0.35, "duration", "interval", "utc"), "350 ms");
  assert.equal(show(1536, "orig_bytes", "count", "utc"), "1.54 kB");
  assert.equal(show(443, "id.resp_p", "port", "utc"), "443");
  assert.equal(show(["a", "b\n"], "answers", "vector[string]", "utc"), "a, b\\x0a");
  assert.equal(show(null, "service", "string", "utc"), "");
  assert.equal(show(true, "established", "bool", "utc"), "yes");
  assert.equal(exactly(1536), "1536");
  assert.equal(exactly(null), "–");
});

test("columns that are there, in our order", () => {
  const fields = (...names: string[]) => names.map((name) => ({ name, type: "string" }));
  assert.deepEqual(columnsOf("dns", fields("query", "ts", "other")), fields("ts", "query"));
  assert.deepEqual(columnsOf("unknown", fields("a", "b")), fields("a", "b"));
});
