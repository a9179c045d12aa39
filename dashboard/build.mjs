// Builds the dashboard; meson runs it. Node 18 is enough. Everything is written below one folder of the build tree:
//   build.mjs packages WORK STAMP               npm ci there
//   build.mjs assets WORK OPENAPI OUT.cpp       types from the API's document, type check, bundle, compress, as C++
//   build.mjs tests WORK OPENAPI                type check and run the unit tests
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import * as path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";

const source = path.dirname(fileURLToPath(import.meta.url));
/** What the whole page may weigh as it is sent, in bytes. */
const LIMIT = 300_000;

function run(command, args, cwd) {
  const done = spawnSync(command, args, { cwd, encoding: "utf8" });
  if (done.status === 0) return done.stdout;
  process.stderr.write((done.stdout ?? "") + (done.stderr ?? "") + (done.error ? `${done.error}\n` : ""));
  process.exit(1);
}

function packages(work, stamp) {
  fs.mkdirSync(work, { recursive: true });
  for (const name of ["package.json", "package-lock.json"]) fs.copyFileSync(path.join(source, name), path.join(work, name));
  // esbuild brings its program as a package of its own: no package has to run anything when it is installed.
  const done = spawnSync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: work, encoding: "utf8" });
  if (done.status !== 0) {
    process.stderr.write(`${done.stdout}${done.stderr}\nnpm ci failed; a build without the dashboard needs neither node nor a network: meson configure -Ddashboard=disabled\n`);
    process.exit(1);
  }
  fs.writeFileSync(stamp, "");
}

/** The sources seen from the work folder, so that they find node_modules; the types of the API beside them. */
function prepare(work, openapi) {
  for (const name of ["src", "tests"]) {
    const link = path.join(work, name);
    fs.rmSync(link, { force: true });
    fs.symlinkSync(path.join(source, name), link);
  }
  const bin = path.join(work, "node_modules", "openapi-typescript", "bin", "cli.js");
  run(process.execPath, [bin, openapi, "-o", "openapi.d.ts"], work);
  const config = JSON.parse(fs.readFileSync(path.join(source, "tsconfig.json"), "utf8"));
  config.compilerOptions.paths = { "#openapi": ["./openapi.d.ts"] };
  config.include = ["src", "tests"];
  fs.writeFileSync(path.join(work, "tsconfig.json"), JSON.stringify(config));
  run(process.execPath, [path.join(work, "node_modules", "typescript", "bin", "tsc"), "-p", "."], work);
}

async function bundle(work, entryPoints, options) {
  const { build } = await import(pathToFileURL(path.join(work, "node_modules", "esbuild", "lib", "main.js")).href);
  const result = await build({
    absWorkingDir: work,
    entryPoints,
    bundle: true,
    write: false,
    outdir: "out",
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    preserveSymlinks: true,
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return result.outputFiles;
}

function asset(name, type, body) {
  const bytes = Buffer.from(body);
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
  return { name, type, hash, gzip: gzipSync(bytes, { level: 9 }) };
}

function cpp(assets) {
  const bytes = (a, i) => `constexpr uint8_t kBytes${i}[] = {${[...a.gzip].join(",")}};\n`;
  const row = (a, i) => `    {"${a.name}", "${a.type}", kBytes${i}, "\\"${a.hash}\\""},\n`;
  return `// Written by dashboard/build.mjs.
#include "dashboard/dashboard_assets.h"

namespace sensor {
namespace {
${assets.map(bytes).join("")}constexpr DashboardAsset kAssets[] = {
${assets.map(row).join("")}};
}  // namespace
std::span<const DashboardAsset> dashboard_assets() {
  return kAssets;
}
}  // namespace sensor
`;
}

async function assets(work, openapi, out) {
  prepare(work, openapi);
  const files = await bundle(work, ["src/main.tsx", "src/style.css"], { minify: true });
  const read = (name) => fs.readFileSync(path.join(source, "src", name), "utf8");
  const named = (name, type, contents) => {
    const made = asset("", type, contents);
    return { ...made, name: `/assets/${name.replace(".", `-${made.hash}.`)}` };
  };
  const made = (name) => files.find((f) => path.basename(f.path) === name).contents;
  const linked = {
    "app.js": named("app.js", "text/javascript; charset=utf-8", made("main.js")),
    "app.css": named("app.css", "text/css; charset=utf-8", made("style.css")),
    "icon.svg": named("icon.svg", "image/svg+xml", read("icon.svg")),
  };
  let html = read("index.html");
  for (const [name, a] of Object.entries(linked)) html = html.replace(`"${name}"`, `"${a.name.slice(1)}"`);
  const all = [asset("/", "text/html; charset=utf-8", html), ...Object.values(linked)];
  const total = all.reduce((sum, a) => sum + a.gzip.length, 0);
  if (total > LIMIT) {
    process.stderr.write(`the page weighs ${total} bytes compressed; its limit is ${LIMIT}\n`);
    process.exit(1);
  }
  fs.writeFileSync(path.join(work, "size"), `${total}\n`);
  fs.writeFileSync(out, cpp(all));
}

async function tests(work, openapi) {
  prepare(work, openapi);
  const names = fs.readdirSync(path.join(source, "tests")).filter((n) => n.endsWith(".test.ts"));
  const out = path.join(work, "tests-built");
  fs.rmSync(out, { recursive: true, force: true });
  fs.mkdirSync(out);
  for (const file of await bundle(work, names.map((n) => `tests/${n}`), { platform: "node", outExtension: { ".js": ".mjs" } }))
    fs.writeFileSync(path.join(out, path.basename(file.path)), file.contents);
  const built = names.map((n) => path.join(out, n.replace(/\.ts$/, ".mjs")));
  process.exit(spawnSync(process.execPath, ["--test", "--test-reporter=tap", ...built], { stdio: "inherit" }).status ?? 1);
}

const [what, work, ...rest] = process.argv.slice(2);
await { packages, assets, tests }[what](path.resolve(work), ...rest.map((p) => path.resolve(p)));
