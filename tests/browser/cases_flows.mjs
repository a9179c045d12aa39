// What an operator does, from logging in to acknowledging a notice. The cases build on each other.
import * as fs from "node:fs";
import * as path from "node:path";
import { answer, audit, exact, expect, inSender, ledger, logIn, note, open, same, screenshot, settings, show, startLive, until } from "./bench.mjs";

/** The uids of the table of a log, from the top. */
const uids = (page) => page.locator("table.log td:nth-child(2)").allInnerTexts();

export function flows(sensor) {
  let page;
  const view = async () => (page ??= await (async () => {
    const p = await open();
    await logIn(p, sensor);
    return p;
  })());

  return {
    "a wrong token is refused, the right one opens a session": async () => {
      const p = await open();
      await p.goto(sensor.url);
      await screenshot(p, "login");
      await p.getByLabel("Token").fill("not the token");
      await p.getByRole("button", { name: "Log in" }).click();
      await p.getByRole("alert").waitFor();
      same((await p.context().cookies()).length, 0, "cookies");
      await logIn(p, sensor);
      const [cookie] = await p.context().cookies();
      same([cookie.httpOnly, cookie.sameSite], [true, "Strict"], "the cookie");
      await p.getByRole("button", { name: "Log out" }).click();
      await p.getByLabel("Token").waitFor();
      const again = await fetch(`${sensor.url}api/v1/status`, { headers: { Cookie: `${cookie.name}=${cookie.value}` } });
      same(again.status, 401, "the old cookie");
      same(p.problems, [], "problems");
      await p.context().close();
    },

    "the first paint takes at most a second, the page at most 300 kB": async () => {
      const p = await open();
      let bytes = 0;
      const sizes = [];
      p.on("requestfinished", (r) => sizes.push(r.sizes().then((s) => (bytes += s.responseBodySize))));
      await p.goto(sensor.url);
      await p.getByLabel("Token").waitFor();
      await Promise.all(sizes);
      expect(bytes > 10_000 && bytes <= 300_000, `${bytes} bytes`);
      const paint = await until(() => p.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime), "the browser says when it painted");
      expect(paint <= 1000, `painted after ${paint} ms`);
      note(`first paint after ${Math.round(paint)} ms, ${bytes} bytes`);
      await p.context().close();
    },

    "nothing is captured at first, and the page says what to do": async () => {
      const p = await view();
      await p.getByText("Nothing is captured yet.").waitFor();
      await screenshot(p, "idle");
      await p.getByRole("link", { name: "Start a live capture or replay capture files" }).click();
      await p.getByRole("heading", { name: "Capture", exact: true }).waitFor();
    },

    "a filter that is none is explained, and nothing starts": async () => {
      const p = await view();
      await show(p, "#/capture", "Capture");
      await p.getByRole("checkbox", { name: "b0" }).check();
      await p.getByRole("textbox", { name: /Filter/ }).fill("tcp prot 80");
      await p.getByRole("button", { name: "Start live capture" }).click();
      await answer(p, "Start");
      await p.getByRole("alert").waitFor();
      expect(/filter|prot/i.test(await p.getByRole("alert").innerText()), await p.getByRole("alert").innerText());
      same((await sensor.get("status")).mode, "idle", "mode");
      await screenshot(p, "capture-refused");
    },

    "live on a link: the numbers of the page are the API's": async () => {
      const p = await view();
      await startLive(p, "b0");
      same((await sensor.get("status")).mode, "live", "mode");
      for (let i = 0; i < 5; i++) inSender("curl", "-s", "-o", "/dev/null", "-A", `agent-${i}`, `http://${settings.server}/page-${i}`);
      await show(p, "#/");
      await until(async () => (await sensor.get("status")).ledger.connections_opened >= 5, "connections in the status");
      await until(async () => {
        const { ledger: l } = await sensor.get("status");
        const want = { Received: l.received, Decoded: l.decoded, Tracked: l.tracked, Logged: l.records_written };
        const got = await ledger(p);
        return Object.entries(want).every(([hop, n]) => got[hop] === exact(n));
      }, "the page's ledger is the API's");
      same(await p.locator(".statusbar .pill").first().innerText(), "Live", "mode on the page");
      await until(async () => (await sensor.get("history")).packets.some((n) => n > 0), "the history has packets");
      await until(async () => (await p.locator("#sources").locator("xpath=../..").getByText("192.0.2.10").count()) > 0, "the client is a top source", 30);
      await screenshot(p, "live");
    },

    "the plots zoom by mouse and by keyboard": async () => {
      const p = await view();
      await show(p, "#/");
      const plot = p.getByRole("img", { name: /^Packets\./ });
      await plot.scrollIntoViewIfNeeded();
      const box = await plot.locator(".u-over").boundingBox();
      const pressed = () => p.getByRole("group", { name: "Time shown" }).locator("[aria-pressed=true]").allInnerTexts();
      same(await pressed(), ["5 min"], "the time shown at first");
      await p.mouse.move(box.x + box.width * 0.3, box.y + 40);
      await p.mouse.down();
      await p.mouse.move(box.x + box.width * 0.6, box.y + 40, { steps: 5 });
      await p.mouse.up();
      await until(async () => (await pressed()).length === 0, "a piece of the time");
      await p.getByText(/^\d{4}-\d\d-\d\d [\d:]+ to \d{4}/).waitFor();
      await p.getByRole("button", { name: "Later" }).focus();
      for (let i = 0; i < 8 && (await p.getByRole("button", { name: "Later" }).isEnabled()); i++) await p.keyboard.press("Enter");
      await p.getByRole("button", { name: "30 d" }).focus();
      await p.keyboard.press("Enter");
      await until(async () => (await pressed())[0] === "30 d", "thirty days");
      await p.getByRole("button", { name: "5 min", exact: true }).click();
    },

    "stop: the API's rows are conn.log's, and the page's are the API's": async () => {
      const p = await view();
      await show(p, "#/capture", "Capture");
      await p.getByRole("button", { name: "Stop", exact: true }).click();
      await answer(p, "Stop");
      await p.locator(".result .hint.good").waitFor();
      same((await sensor.get("status")).mode, "idle", "mode");
      const inFile = sensor.rows("conn").map((r) => r.uid);
      expect(inFile.length >= 5, `${inFile.length} connections`);
      const page1 = await sensor.get("logs/conn?limit=1000");
      same(page1.rows.map((r) => r.uid).sort(), [...inFile].sort(), "the API's rows");
      same(page1.rows.map((r) => r.uid), [...inFile].reverse(), "newest first");
      const bytes = (rows) => rows.reduce((sum, r) => sum + (Number(r.orig_bytes) || 0) + (Number(r.resp_bytes) || 0), 0);
      same(bytes(page1.rows), bytes(sensor.rows("conn")), "bytes");
      await show(p, "#/logs/conn", "Logs");
      await until(async () => JSON.stringify(await uids(p)) === JSON.stringify(page1.rows.map((r) => r.uid).slice(0, 100)), "the page's rows");
      same(sensor.rows("http").filter((r) => r.user_agent.startsWith("agent-")).length, 5, "requests in http.log");
      await screenshot(p, "logs");
    },

    "filters of a log": async () => {
      const p = await view();
      await show(p, "#/logs/http", "Logs");
      await p.getByRole("textbox", { name: "Text" }).fill("page-3");
      await p.getByRole("button", { name: "Filter" }).click();
      await until(async () => (await p.locator("table.log tbody tr").count()) === 1, "one row");
      expect((await p.locator("table.log tbody tr").innerText()).includes("/page-3"), "the row");
      await p.getByRole("textbox", { name: "Text" }).fill("nothing has this");
      // The page is drawn anew every second; what was typed stays.
      await p.waitForTimeout(2500);
      await p.getByRole("button", { name: "Filter" }).click();
      await p.getByText("No row matches these filters.").waitFor();
      await p.getByRole("button", { name: "Clear" }).click();
      await until(async () => (await p.locator("table.log tbody tr").count()) >= 5, "all rows");
      await show(p, "#/logs/conn?address=192.0.2.10&port=80");
      const want = sensor.rows("conn").filter((r) => r["id.orig_h"] === "192.0.2.10" && r["id.resp_p"] === "80").length;
      await until(async () => (await p.locator("table.log tbody tr").count()) === want, `${want} connections with port 80`);
    },

    "a connection has the rows of all its logs": async () => {
      const p = await view();
      await show(p, "#/logs/http?text=page-4", "Logs");
      await until(async () => (await p.locator("table.log tbody tr").count()) === 1, "one row");
      const [uid] = await uids(p);
      await p.getByRole("link", { name: uid }).click();
      for (const log of ["conn.log", "http.log"]) await p.getByRole("heading", { name: log }).waitFor();
      same(await p.getByRole("row", { name: /^user_agent/ }).locator("td").innerText(), "agent-4", "user agent");
      const row = sensor.rows("conn").find((r) => r.uid === uid);
      same(await p.getByRole("row", { name: /^history/ }).locator("td").innerText(), row.history, "history");
      await screenshot(p, "connection");
    },

    "a capture file is uploaded and replayed": async () => {
      const p = await view();
      await show(p, "#/capture", "Capture");
      const capture = path.join(settings.captures, "http_get.pcap");
      await p.getByLabel(/Upload a capture file/).setInputFiles(capture);
      await p.locator(".result .hint.good").waitFor();
      same(fs.readFileSync(path.join(sensor.pcaps, "http_get.pcap")).equals(fs.readFileSync(capture)), true, "the file is what was sent");
      await p.getByRole("checkbox", { name: "http_get.pcap" }).check();
      await p.getByRole("button", { name: "Replay", exact: true }).click();
      await answer(p, "Replay");
      await p.locator(".result .hint.good").waitFor();
      await until(async () => (await sensor.get("status")).mode === "idle", "the replay ends");
      const want = sensor.rows("conn", path.join(sensor.logs, "replay")).map((r) => r.uid);
      expect(want.length > 0, "connections of the file");
      await show(p, "#/logs/conn", "Logs");
      await until(async () => JSON.stringify((await uids(p)).sort()) === JSON.stringify([...want].sort()), "the page shows the file's connections");
      await show(p, "#/");
      await p.getByText("Last run ended").waitFor();
      same((await sensor.get("status")).last_run.ok, true, "the replay went well");
      await screenshot(p, "after-replay");
    },

    "the keyboard reaches everything, dialogs give the focus back": async () => {
      const p = await view();
      await show(p, "#/");
      await p.reload();
      await p.getByRole("navigation").waitFor();
      await p.keyboard.press("Tab");
      same(await p.evaluate(() => document.activeElement.textContent), "Skip to the content", "the first stop");
      await p.keyboard.press("Enter");
      same(await p.evaluate(() => document.activeElement.id), "main", "the focus after it");
      await show(p, "#/capture", "Capture");
      same(await p.evaluate(() => document.activeElement.id), "main", "the focus in a new view");
      fs.copyFileSync(path.join(settings.captures, "http_get.pcap"), path.join(sensor.pcaps, "keyboard.pcap"));
      await p.reload();
      const file = p.getByRole("checkbox", { name: "keyboard.pcap" });
      await file.focus();
      await p.keyboard.press("Space");
      await p.getByRole("button", { name: "Replay", exact: true }).focus();
      await p.keyboard.press("Enter");
      await p.getByRole("dialog").waitFor();
      await p.keyboard.press("Escape");
      await p.getByRole("dialog").waitFor({ state: "detached" });
      same(await p.evaluate(() => document.activeElement.textContent), "Replay", "the focus after Escape");
      same((await sensor.get("status")).mode, "idle", "nothing was started");
    },

    "axe finds nothing serious, light and dark, wide and narrow": async () => {
      for (const colorScheme of ["light", "dark"])
        for (const width of [1440, 390]) {
          const p = await open({ colorScheme, viewport: { width, height: 844 }, bypassCSP: true });
          await p.goto(sensor.url);
          await p.getByLabel("Token").waitFor();
          same(await audit(p), [], `the login, ${colorScheme}, ${width}`);
          await logIn(p, sensor);
          for (const [name, route] of [["overview", "#/"], ["logs", "#/logs/conn"], ["notices", "#/notices"], ["capture", "#/capture"], ["sensor", "#/sensor"]]) {
            await show(p, route);
            await p.waitForTimeout(1200);
            same(await audit(p), [], `${name}, ${colorScheme}, ${width}`);
            same(await p.evaluate(() => document.documentElement.scrollWidth > innerWidth), false, `${name} scrolls sideways at ${width}`);
            await screenshot(p, `${name}-${colorScheme}-${width}`);
          }
          await p.context().close();
        }
    },

    "times are local or UTC, colours as chosen, and both stay": async () => {
      const p = await open({ timezoneId: "Asia/Tokyo" });
      await logIn(p, sensor);
      await show(p, "#/logs/conn", "Logs");
      const first = () => p.locator("table.log tbody td").first().innerText();
      await p.locator("table.log tbody td").first().waitFor();
      const local = await first();
      await p.getByLabel("Times in").selectOption("utc");
      const utc = await until(async () => ((await first()) === local ? "" : await first()), "other times");
      same((Date.parse(`${local.replace(" ", "T")}Z`) - Date.parse(`${utc.replace(" ", "T")}Z`)) / 3_600_000, 9, "hours between them");
      await p.getByLabel("Colours").selectOption("dark");
      await p.reload();
      await p.getByRole("navigation").waitFor();
      same(await p.evaluate(() => document.documentElement.dataset.theme), "dark", "colours after a reload");
      same(await p.getByLabel("Times in").inputValue(), "utc", "zone after a reload");
      // Whoever is quick asks for a place while the page appears.
      await p.addInitScript(() => {
        const go = () => document.querySelector("nav") && (location.hash = "#/capture");
        new MutationObserver(go).observe(document, { childList: true, subtree: true });
      });
      await p.reload();
      await p.getByRole("heading", { name: "Capture", exact: true }).first().waitFor();
      await p.context().close();
    },

    "no script of ours broke a rule": async () => {
      same((await view()).problems, [], "problems");
    },
  };
}
