import { strict as assert } from "node:assert";
import { test } from "node:test";
import { parseRoute, routeTo } from "../src/route";

test("a route and back", () => {
  const r = parseRoute(routeTo(["logs", "http"], { text: "a&b=c #é", port: "80", uid: undefined, addr: "" }));
  assert.deepEqual(r.parts, ["logs", "http"]);
  assert.deepEqual([...r.query], [["text", "a&b=c #é"], ["port", "80"]]);
});

test("names from the wire stay one part", () => {
  assert.deepEqual(parseRoute(routeTo(["connections", "../../x?y#z"])).parts, ["connections", "../../x?y#z"]);
});

test("nothing, and what cannot be decoded", () => {
  assert.deepEqual(parseRoute("").parts, []);
  assert.deepEqual(parseRoute("#/").parts, []);
  assert.deepEqual(parseRoute("#/logs/%E0%A4").parts, ["logs", "%E0%A4"]);
});
