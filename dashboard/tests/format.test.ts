import { strict as assert } from "node:assert";
import { test } from "node:test";
import { about, bits, bytes, dateTime, duration, exact, fieldTime, parseLocalTime, percent, perSecond, tick } from "../src/format";

test("exact numbers are grouped", () => {
  assert.equal(exact(0), "0");
  assert.equal(exact(1234567), "1,234,567");
});

test("three digits and a prefix", () => {
  assert.equal(about(0), "0");
  assert.equal(about(7), "7");
  assert.equal(about(0.5), "0.50");
  assert.equal(about(999), "999");
  assert.equal(about(999.7), "1.00 k");
  assert.equal(about(1000), "1.00 k");
  assert.equal(about(12_345), "12.3 k");
  assert.equal(about(999_999), "1.00 M");
  assert.equal(bytes(0), "0 B");
  assert.equal(bytes(1536), "1.54 kB");
  assert.equal(bytes(5e18), "5000 PB");
  assert.equal(bits(9.87e9), "9.87 Gbit/s");
  assert.equal(perSecond(20), "20/s");
  assert.equal(perSecond(2500), "2.50 k/s");
});

test("small shares are not nothing", () => {
  assert.equal(percent(0), "0 %");
  assert.equal(percent(NaN), "0 %");
  assert.equal(percent(1e-9), "< 0.001 %");
  assert.equal(percent(0.0004), "0.040 %");
  assert.equal(percent(0.0123), "1.23 %");
  assert.equal(percent(1), "100.0 %");
});

test("durations have two units", () => {
  assert.equal(duration(0), "0 s");
  assert.equal(duration(0.00002), "20.0 µs");
  assert.equal(duration(0.35), "350 ms");
  assert.equal(duration(2.5), "2.5 s");
  assert.equal(duration(59.6), "1 min");
  assert.equal(duration(723), "12 min 3 s");
  assert.equal(duration(3600), "1 h");
  assert.equal(duration(3605), "1 h");
  assert.equal(duration(273_600), "3 d 4 h");
  assert.equal(duration(1377.5 * 86_400), "3 y 282 d");
  assert.equal(duration(-1), "–");
  assert.equal(duration(Infinity), "–");
});

test("times in UTC", () => {
  assert.equal(dateTime(0, "utc"), "1970-01-01 00:00:00");
  assert.equal(dateTime(1_795_871_109.25, "utc", true), "2026-11-28 13:05:09.250");
  assert.equal(tick(1_795_871_109, 1, "utc"), "13:05:09");
  assert.equal(tick(1_795_871_100, 300, "utc"), "13:05");
  assert.equal(tick(1_795_824_000, 3600, "utc"), "11-28");
});

test("a date field and back", () => {
  for (const zone of ["utc", "local"] as const) assert.equal(parseLocalTime(fieldTime(1_795_871_109, zone), zone), 1_795_871_109);
  assert.equal(parseLocalTime("", "utc"), undefined);
  assert.equal(parseLocalTime("yesterday", "utc"), undefined);
});
