// Texts from the wire that try to become part of the page.
import * as fs from "node:fs";
import * as path from "node:path";
import { expect, inSender, logIn, open, same, screenshot, settings, show, until } from "./bench.mjs";

/** How many elements there are that the page itself never makes, or makes once. */
const strangers = (page) => page.evaluate(() => document.querySelectorAll("iframe, object, embed, img, body script, [onerror], [onload], [onmouseover], a[href^='javascript']").length);

async function looksHarmless(page, route) {
  await show(page, route);
  await page.locator("table").first().waitFor();
  await page.waitForTimeout(300);
  // Whatever waits for the mouse.
  for (const cell of await page.locator("main td").all().then((all) => all.slice(0, 40))) await cell.hover({ timeout: 500 }).catch(() => undefined);
  same(await strangers(page), 0, `${route}: elements that are not ours`);
}

export function hostile(sensor) {
  let page;
  const view = async () => {
    if (!page) await logIn((page = await open()), sensor);
    return page;
  };
  return {
    "texts from HTTP, DNS, TLS and SSH are text": async () => {
      same((await sensor.ask("POST", "capture", { mode: "live", interface: "b0" })).status, 200, "live");
      inSender("python3", settings.hostile, "talk", settings.server);
      same((await sensor.ask("POST", "capture", { mode: "stop" })).status, 200, "stop");
      const text = (log) => fs.readFileSync(path.join(sensor.logs, `${log}.log`), "utf8");
      for (const log of ["http", "dns", "ssl", "ssh"]) expect(text(log).includes("attacked()"), `${log}.log has no hostile text`);
      const p = await view();
      for (const { name } of (await sensor.get("logs")).logs) await looksHarmless(p, `#/logs/${name}`);
      await show(p, "#/logs/http");
      await until(async () => (await p.locator("table.log").innerText()).includes("<script>attacked()</script>"), "the text stands on the page");
      await screenshot(p, "hostile-http");
      for (const log of ["http", "dns", "ssl", "ssh"]) {
        const uid = sensor.rows(log).find((r) => JSON.stringify(r).includes("attacked"))?.uid;
        await looksHarmless(p, `#/connections/${uid}`);
      }
      await screenshot(p, "hostile-connection");
      await show(p, "#/");
      await p.waitForTimeout(2500);
      same(await strangers(p), 0, "elements on the overview");
      same(p.problems, [], "problems");
    },

    "hostile addresses of the page itself": async () => {
      const p = await view();
      for (const part of ["<img src=x onerror=attacked()>", "../../../etc/passwd", "%3Cscript%3Eattacked()%3C/script%3E"]) {
        for (const route of [`#/connections/${part}`, `#/logs/${part}`, `#/logs/conn?text=${part}`, `#/${part}`]) {
          await show(p, route);
          await p.waitForTimeout(200);
          same(await strangers(p), 0, route);
        }
      }
      same(p.problems, [], "problems");
    },

    "a notice is read and acknowledged": async () => {
      same((await sensor.ask("POST", "capture", { mode: "live", interface: "b0" })).status, 200, "live");
      inSender("python3", settings.hostile, "scan", settings.server);
      inSender("python3", settings.hostile, "talk", settings.server);
      same((await sensor.ask("POST", "capture", { mode: "stop" })).status, 200, "stop");
      const kinds = sensor.rows("notice").map((r) => r.note);
      for (const kind of ["Scan::Port_Scan", "SSL::Invalid_Server_Cert"]) expect(kinds.includes(kind), `${kind} is not among ${kinds}`);
      const before = (await sensor.get("notices?acknowledged=false&limit=500")).notices.length;
      const p = await view();
      await show(p, "#/notices");
      await until(async () => (await p.locator(".notices li").count()) === before, `${before} notices`);
      same(await strangers(p), 0, "elements that are not ours");
      await screenshot(p, "notices");
      await p.getByRole("button", { name: /^Acknowledge/ }).first().click();
      await until(async () => (await p.locator(".notices li").count()) === before - 1, "one less");
      same((await sensor.get("notices?acknowledged=false&limit=500")).notices.length, before - 1, "the API's");
      await p.getByRole("button", { name: "All", exact: true }).click();
      await until(async () => (await p.locator(".notices li").count()) === before, "all of them");
      await p.getByText(/^acknowledged /).first().waitFor();
      same(p.problems, [], "problems");
    },
  };
}
