// What the sensor itself needs: processor, memory, queues, disk.
import { api } from "./api";
import { type Zone, about, bytes, dateTime, duration, exact, perSecond, percent } from "./format";
import { Ledger } from "./ledger";
import { useLoad } from "./live";
import { type Plot, Rates } from "./rates";
import { routeTo } from "./route";
import { workerState } from "./statusbar";
import { Tiles } from "./tiles";
import type { Sample, Status } from "./types";
import { Bar, Hint, Panel, Pill } from "./ui";

const PLOTS: readonly Plot[] = [
  { title: "Processor", column: "cpu_percent", color: "--c1", show: (n) => percent(n / 100) },
  { title: "Memory", column: "memory_bytes", color: "--c2", show: bytes },
  { title: "Rows written", column: "records", color: "--c3", show: perSecond },
  { title: "Open connections", column: "connections_open", color: "--c5", show: about },
];

export function CostPage(props: { status: Status; previous: Status | undefined; samples: Sample[]; zone: Zone; theme: string }) {
  const s = props.status;
  const { disk } = s;
  const left = disk.seconds_left;
  return (
    <>
      <h1 class="hidden-visually">The sensor&rsquo;s own cost</h1>
      <Tiles
        tiles={[
          { name: "Processor", value: percent(s.cpu_percent / 100), more: "of one core, all threads" },
          { name: "Memory", value: bytes(s.memory_bytes), more: "resident" },
          { name: "Open connections", value: about(s.connections_open), more: "in the table now" },
          { name: "Logs on disk", value: bytes(disk.log_bytes), more: `in ${s.log_dir}` },
          { name: "Logs grow", value: `${bytes(disk.bytes_per_s)}/s`, more: `${bytes(disk.free_bytes)} free` },
          {
            name: "Time left at this rate",
            value: left === null ? "–" : duration(left),
            more: left === null ? "the logs do not grow" : `until ${dateTime(s.time + left, props.zone)}`,
          },
        ]}
      />
      <Rates title="Over time" plots={PLOTS} samples={props.samples} now={s.time} zone={props.zone} theme={props.theme} />
      <Workers status={s} previous={props.previous} />
      <div class="grid two">
        <Threads status={s} />
        <LogFiles zone={props.zone} />
      </div>
      <Ledger status={s} />
      <p class="muted">Version {s.version}</p>
    </>
  );
}

function Threads(props: { status: Status }) {
  const threads = [...props.status.threads].sort((a, b) => b.cpu_percent - a.cpu_percent);
  return (
    <Panel title="Processor by thread" id="threads" aside={<small>of one core, over the last second</small>}>
      <table>
        <thead>
          <tr>
            <th scope="col">Thread</th>
            <th scope="col" class="number">
              Share
            </th>
            <th scope="col">
              <span class="hidden-visually">Share as a bar</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {threads.map((t, i) => (
            <tr key={i}>
              <td>{t.name}</td>
              <td class="number">{percent(t.cpu_percent / 100)}</td>
              <td class="fill">
                <Bar share={t.cpu_percent / 100} label={t.name} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function LogFiles(props: { zone: Zone }) {
  const logs = useLoad(api.logs, [], 10);
  const list = [...(logs.data ?? [])].sort((a, b) => b.bytes - a.bytes);
  return (
    <Panel title="Logs on disk" id="log-files" aside={<small>archives included</small>}>
      {logs.error !== undefined && <Hint title={logs.error} tone="bad" />}
      {logs.data && list.length === 0 && <Hint title="No log was written yet." />}
      {list.length > 0 && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Log</th>
                <th scope="col" class="number">
                  Size
                </th>
                <th scope="col" class="number">
                  Files
                </th>
                <th scope="col" class="number modified">
                  Last row
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((l) => (
                <tr key={l.name}>
                  <td>
                    <a href={routeTo(["logs", l.name])}>{l.name}.log</a>
                  </td>
                  <td class="number">{bytes(l.bytes)}</td>
                  <td class="number">{exact(l.files)}</td>
                  <td class="number modified">{dateTime(l.modified, props.zone)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}

function Workers(props: { status: Status; previous: Status | undefined }) {
  const { workers } = props.status;
  const ended = props.status.mode === "idle";
  return (
    <Panel title="Workers" id="workers" aside={ended && workers.length > 0 && <small>of the last run</small>}>
      {workers.length === 0 ? (
        <Hint title="No worker runs: nothing is captured." />
      ) : (
        <div class="scroll" role="region" aria-label="Workers, a table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Worker</th>
                <th scope="col">State</th>
                {["Processor", "Packets", "Bytes", "Dropped", "Behind", "Ring", "Statistics queue", "Log queue"].map((name) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
                <th scope="col">
                  <span class="hidden-visually">Log queue as a bar</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {workers.map((w, i) => {
                const state = workerState(w, props.previous?.workers[i]);
                const cpu: number | null = w.cpu_percent;
                return (
                  <tr key={i}>
                    <td>{i}</td>
                    <td>
                      {ended ? <Pill tone="calm">ended</Pill> : <Pill tone={state.tone}>{state.text}</Pill>}
                    </td>
                    <td class="number">{cpu === null ? "–" : percent(cpu / 100)}</td>
                    <td class="number">{exact(w.packets)}</td>
                    <td class="number">{bytes(w.bytes)}</td>
                    <td class="number">{exact(w.dropped)}</td>
                    <td class="number">{duration(w.lag_s)}</td>
                    <td class="number">{w.ring_queue_capacity === 0 ? "–" : `${exact(w.ring_queue)} of ${exact(w.ring_queue_capacity)}`}</td>
                    <td class="number">
                      {exact(w.stats_queue)} of {exact(w.stats_queue_capacity)}
                    </td>
                    <td class="number">
                      {exact(w.log_queue)} of {exact(w.log_queue_capacity)}
                    </td>
                    <td class="fill short">
                      <Bar share={w.log_queue / Math.max(1, w.log_queue_capacity)} label={`Log queue of worker ${i}`} />
                    </td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
