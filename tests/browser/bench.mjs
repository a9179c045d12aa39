// What the cases share: the sensor they look at, a browser, the API without one, and TAP.
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";

export const settings = JSON.parse(process.argv[2]);
const require = createRequire(path.join(settings.packages, "package.json"));
const { chromium } = require("playwright-core");
const axeSource = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

export const wait = (ms) => new Promise((done) => setTimeout(done, ms));

export function expect(condition, what) {
  if (!condition) throw new Error(typeof what === "string" ? what : JSON.stringify(what));
}

export function same(got, want, what) {
  const [a, b] = [got, want].map((v) => JSON.stringify(v));
  expect(a === b, `${what}: ${a} instead of ${b}`);
}

/** A figure that the reader of the results may want. */
export const note = (text) => console.log(`# ${text}`);

/** Asks until `ask` gives something that is true. */
export async function until(ask, what, seconds = 20) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    last = await ask();
    if (last) return last;
    await wait(150);
  }
  throw new Error(`${what}: not within ${seconds} s`);
}

export function inSender(...command) {
  const done = spawnSync("ip", ["netns", "exec", settings.sender, ...command], { encoding: "utf8", timeout: 120_000 });
  expect(done.status === 0, `${command.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** A sensor that serves; `name` is its folder. */
export class Sensor {
  constructor(name, port, ...options) {
    this.url = `http://127.0.0.1:${port}/`;
    this.folder = path.join(settings.work, name);
    this.pcaps = path.join(this.folder, "pcaps");
    this.logs = path.join(this.folder, "logs");
    fs.mkdirSync(this.pcaps, { recursive: true });
    const set = { "api.port": port, "api.pcap_dir": this.pcaps, "capture.ring_mib": 16 };
    const args = ["serve", "--log-dir", this.logs, "--workers", "2", ...Object.entries(set).flatMap(([k, v]) => ["--set", `${k}=${v}`]), ...options];
    this.process = spawn(path.join(settings.build, "sensor"), args, { stdio: ["ignore", "pipe", "pipe"] });
    this.said = "";
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on("data", (d) => (this.said += d));
    this.ended = new Promise((done) => this.process.on("exit", done));
  }
  async ready() {
    await until(async () => {
      expect(this.process.exitCode === null, `the sensor ended: ${this.said}`);
      return fetch(`${this.url}healthz`).catch(() => undefined);
    }, "the sensor answers");
    this.token = fs.readFileSync(path.join(this.logs, "api.token"), "utf8").trim();
    return this;
  }
  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
    return this.process.exitCode;
  }
  /** The API with the token itself, as a script uses it. */
  async ask(method, what, body, headers = {}) {
    const answer = await fetch(`${this.url}api/v1/${what}`, {
      method,
      headers: { Authorization: `Bearer ${this.token}`, ...(body === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, body: await answer.json().catch(() => undefined) };
  }
  async get(what) {
    const { status, body } = await this.ask("GET", what);
    same(status, 200, what);
    return body;
  }
  /** Rows of a log as they stand in its file. */
  rows(log, folder = this.logs) {
    const file = path.join(folder, `${log}.log`);
    if (!fs.existsSync(file)) return [];
    const lines = fs.readFileSync(file, "utf8").split("\n");
    const names = lines.find((l) => l.startsWith("#fields")).split("\t").slice(1);
    return lines.filter((l) => l !== "" && !l.startsWith("#")).map((l) => Object.fromEntries(l.split("\t").map((v, i) => [names[i], v])));
  }
}

let browser;
export async function launch() {
  // Root may not use Chromium's sandbox; the pages are ours.
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox", "--disable-dev-shm-usage"] });
}
export const close = () => browser.close();

/** A page that notices what must not happen: scripts from the wire, violations of the policy, errors. */
export async function open(options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.problems = [];
  page.on("dialog", (d) => {
    page.problems.push(`a dialog: ${d.message()}`);
    return d.dismiss();
  });
  page.on("pageerror", (e) => page.problems.push(`an error: ${e.message}`));
  page.on("console", (m) => {
    if (/Content Security Policy|Refused to/.test(m.text())) page.problems.push(m.text());
  });
  await page.exposeFunction("attacked", () => page.problems.push("a text from the wire ran"));
  return page;
}

export async function logIn(page, sensor) {
  await page.goto(sensor.url);
  await page.getByLabel("Token").fill(sensor.token);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByRole("navigation").waitFor();
}

export const show = async (page, route, heading) => {
  await page.evaluate((r) => (location.hash = r), route);
  if (heading) await page.getByRole("heading", { name: heading, exact: true }).first().waitFor();
};

export async function screenshot(page, name) {
  await page.screenshot({ path: path.join(settings.screenshots, `${name}.png`), fullPage: true });
}

/** What axe finds serious or critical on the page as it is. */
export async function audit(page) {
  await page.evaluate(axeSource);
  const found = await page.evaluate(() => window.axe.run());
  expect(found.passes.length > 10, "axe looked at nothing");
  return found.violations.filter((v) => ["serious", "critical"].includes(v.impact)).map((v) => `${v.id}: ${v.nodes[0].html.slice(0, 200)}`);
}

export async function runAll(cases) {
  const chosen = Object.entries(cases).filter(([name]) => settings.parts.length === 0 || settings.parts.some((p) => name.includes(p)));
  console.log(`1..${chosen.length}`);
  let failed = 0;
  for (const [i, [name, body]] of chosen.entries()) {
    let problem = "";
    try {
      await body();
    } catch (e) {
      problem = e.stack ?? String(e);
      failed++;
    }
    console.log(`${problem === "" ? "ok" : "not ok"} ${i + 1} - ${name}`);
    // Playwright colours what it says.
    for (const line of problem.replace(/\u001b\[\d+m/g, "").split("\n").filter((l) => l !== "")) console.log(`# ${line}`);
  }
  return failed;
}
