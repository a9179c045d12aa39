// Runs the cases in the listener's namespace; run.py makes it.
import { Sensor, close, launch, runAll, settings } from "./bench.mjs";
import { flows } from "./cases_flows.mjs";
import { hostile } from "./cases_hostile.mjs";
import { load } from "./cases_load.mjs";
import { security } from "./cases_security.mjs";
import { tls } from "./cases_tls.mjs";

const sensor = await new Sensor("main", settings.port, "--set", "notice.servers=all").ready();
await launch();
let failed = 1;
try {
  failed = await runAll({ ...flows(sensor), ...hostile(sensor), ...security(sensor), ...tls(), ...load(sensor) });
} finally {
  await close();
  await sensor.stop();
}
process.exit(failed === 0 ? 0 : 1);
