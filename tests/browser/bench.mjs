// What the cases share: the sensor they look at, a browser, the API without one, and TAP.
import { spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as https from "node:https";
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
      return this.fetch("healthz").catch(() => undefined);
    }, "the sensor answers");
    this.token = fs.readFileSync(path.join(this.logs, "api.token"), "utf8").trim();
    return this;
  }
  fetch(what, options) {
    return fetch(`${this.url}${what}`, options);
  }
  async stop() {
    this.process.kill("SIGTERM");
    await this.ended;
    return this.process.exitCode;
  }
  /** The API with the token itself, as a script uses it. */
  async ask(method, what, body, headers = {}) {
    const answer = await this.fetch(`api/v1/${what}`, {
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

/** One that speaks TLS, with a certificate that it made itself; scripts know it. */
export class TlsSensor extends Sensor {
  constructor(name, port, ...options) {
    const folder = path.join(settings.work, name);
    fs.mkdirSync(folder, { recursive: true });
    const [cert, key] = ["cert.pem", "key.pem"].map((file) => path.join(folder, file));
    const made = spawnSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=sensor",
      "-addext", `subjectAltName=IP:127.0.0.1,IP:${settings.server}`], { encoding: "utf8" });
    expect(made.status === 0, made.stderr);
    super(name, port, "--set", `api.certificate=${cert}`, "--set", `api.key=${key}`, ...options);
    this.url = `https://127.0.0.1:${port}/`;
    this.certificate = cert;
  }
  fetch(what, { method = "GET", headers = {}, body } = {}) {
    return new Promise((done, failed) => {
      const request = https.request(`${this.url}${what}`, { method, headers, ca: fs.readFileSync(this.certificate), agent: false }, async (answer) => {
        let text = "";
        for await (const piece of answer) text += piece;
        done({ status: answer.statusCode, headers: answer.headers, json: async () => JSON.parse(text) });
      });
      request.on("error", failed);
      request.end(body);
    });
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

export const exact = (n) => new Intl.NumberFormat("en-GB").format(n);

/** What the page's ledger says, by hop. */
export async function ledger(page) {
  const items = await page.locator(".ledger > li").all();
  const hops = {};
  for (const item of items) hops[await item.locator("h3").innerText()] = await item.locator("b").innerText();
  return hops;
}

export async function answer(page, yes) {
  await page.getByRole("dialog").getByRole("button", { name: yes, exact: true }).click();
  await page.getByRole("dialog").waitFor({ state: "detached" });
}

export async function startLive(page, name) {
  await show(page, "#/capture", "Capture");
  await page.getByRole("textbox", { name: /Filter/ }).fill("");
  await page.getByRole("checkbox", { name }).check();
  await page.getByRole("button", { name: "Start live capture" }).click();
  await answer(page, "Start");
  await page.locator(".result .hint.good").waitFor();
}

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
