// Rates over time: four plots that share their time axis.
import { useMemo, useState } from "preact/hooks";
import { api } from "./api";
import { Chart } from "./chart";
import { type Zone, bits, dateTime, perSecond } from "./format";
import { useLoad } from "./live";
import { type Columns, type Range, SPANS, bounds, joined, moved, refreshSeconds, stepSeconds, within, zoomedIn, zoomedOut } from "./range";
import type { Sample } from "./types";
import { Choice, Hint, Panel } from "./ui";

export function Rates(props: { samples: Sample[]; now: number; zone: Zone; theme: string }) {
  const [range, setRange] = useState<Range>({ last: 300 });
  const { from, to } = bounds(range, props.now);
  const moves = "last" in range;
  const step = stepSeconds(to - from, props.now - from);
  const history = useLoad(
    (signal) => {
      const b = bounds(range, Date.now() / 1000);
      return api.history(b.from, b.to, step, signal);
    },
    [JSON.stringify(range)],
    moves && step > 1 ? refreshSeconds(step) : 0,
  );
  const columns = useMemo(
    () => joined(history.data, moves && step === 1 ? props.samples : [], from),
    [history.data, props.samples, from],
  );
  const zoom = (a: number, b: number) => setRange(within({ from: a, to: b }, props.now));

  return (
    <Panel title="Rates" id="rates" aside={<Controls range={range} now={props.now} zone={props.zone} onChange={setRange} />}>
      {history.error !== undefined && <Hint title={history.error} tone="bad" />}
      <Plots columns={columns} from={from} to={to} zone={props.zone} theme={props.theme} onZoom={zoom} />
    </Panel>
  );
}

function Plots(props: { columns: Columns; from: number; to: number; zone: Zone; theme: string; onZoom: (a: number, b: number) => void }) {
  const c = props.columns;
  const series = useMemo(
    () => ({
      bits: [{ label: "Bits", color: "--c1", values: c.bits }],
      packets: [{ label: "Packets", color: "--c2", values: c.packets }],
      connections: [{ label: "Connections", color: "--c3", values: c.connections }],
      drops: [{ label: "Dropped", color: "--c4", values: c.drops }],
    }),
    [c],
  );
  const common = { times: c.time, from: props.from, to: props.to, zone: props.zone, theme: props.theme, onZoom: props.onZoom };
  return (
    <div class="charts">
      <Chart title="Throughput" series={series.bits} show={bits} {...common} />
      <Chart title="Packets" series={series.packets} show={perSecond} {...common} />
      <Chart title="New connections" series={series.connections} show={perSecond} {...common} />
      <Chart title="Packets dropped" series={series.drops} show={perSecond} {...common} />
    </div>
  );
}

function Controls(props: { range: Range; now: number; zone: Zone; onChange: (r: Range) => void }) {
  const { range, now, onChange } = props;
  return (
    <div class="range">
      {!("last" in range) && (
        <small>
          {dateTime(range.from, props.zone)} to {dateTime(range.to, props.zone)}
        </small>
      )}
      <button type="button" aria-label="Earlier" onClick={() => onChange(moved(range, -1, now))}>
        ‹
      </button>
      <button type="button" aria-label="Later" disabled={"last" in range} onClick={() => onChange(moved(range, 1, now))}>
        ›
      </button>
      <button type="button" aria-label="Zoom in" onClick={() => onChange(zoomedIn(range, now))}>
        +
      </button>
      <button type="button" aria-label="Zoom out" onClick={() => onChange(zoomedOut(range, now))}>
        −
      </button>
      <Choice label="Time shown" options={SPANS} value={"last" in range ? String(range.last) : ""} onChange={(v) => onChange({ last: Number(v) })} />
    </div>
  );
}
