// The page over TLS, with a certificate that nobody signed: what an operator has who reaches the sensor from elsewhere.
import * as http from "node:http";
import { TlsSensor, answer, exact, expect, inSender, ledger, logIn, open, same, screenshot, settings, show, startLive, until } from "./bench.mjs";

/** Status of a plain request to the port; undefined: it is not answered. */
function plain(port) {
  return new Promise((done) => {
    const request = http.get(`http://127.0.0.1:${port}/`, (answer) => done(answer.resume().statusCode));
    request.on("error", () => done(undefined));
    request.setTimeout(5000, () => request.destroy());
  });
}

export function tls() {
  return {
    "over TLS: the certificate is looked at, the cookie is Secure, the page is the same": async () => {
      const port = settings.port + 4;
      const sensor = await new TlsSensor("tls", port, "--set", "api.address=0.0.0.0").ready();
      try {
        const stranger = await open();
        const refusal = await stranger.goto(sensor.url).then(() => "loaded", (e) => e.message);
        expect(/ERR_CERT/.test(refusal), `a browser that does not know the certificate: ${refusal}`);
        await stranger.context().close();
        same(await plain(port), undefined, "a plain request");

        const page = await open({ ignoreHTTPSErrors: true });
        await logIn(page, sensor);
        const [cookie] = await page.context().cookies();
        same([cookie.secure, cookie.httpOnly, cookie.sameSite], [true, true, "Strict"], "the cookie");
        same(await page.evaluate(() => isSecureContext), true, "a secure context");

        await startLive(page, "b0");
        for (let i = 0; i < 3; i++) inSender("curl", "-s", "-o", "/dev/null", `http://${settings.server}/tls-${i}`);
        await show(page, "#/");
        await until(async () => {
          const { ledger: l } = await sensor.get("status");
          const got = await ledger(page);
          return l.connections_opened >= 3 && got.Received === exact(l.received) && got.Tracked === exact(l.tracked);
        }, "the page's ledger is the API's");
        await screenshot(page, "tls");

        const body = JSON.stringify({ token: sensor.token });
        const from = inSender("curl", "-s", "--cacert", sensor.certificate, "-D", "-", "-o", "/dev/null", "-H", "Content-Type: application/json", "-d", body, `https://${settings.server}:${port}/api/v1/session`);
        expect(/^HTTP\/1.1 200/.test(from) && /set-cookie: [^\r]*; Secure/i.test(from), `another host logs in: ${from}`);

        await show(page, "#/capture", "Capture");
        await page.getByRole("button", { name: "Stop", exact: true }).click();
        await answer(page, "Stop");
        await until(async () => (await sensor.get("status")).mode === "idle", "stopped");
        await page.getByRole("button", { name: "Log out" }).click();
        await page.getByLabel("Token").waitFor();
        same((await page.context().cookies()).length, 0, "cookies after logging out");
        same(page.problems, [], "problems");
        await page.context().close();
      } finally {
        await sensor.stop();
      }
    },
  };
}
