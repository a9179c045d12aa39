// Plots over time that share their axis, and the controls of it.
import { useMemo, useState } from "preact/hooks";
import { api } from "./api";
import { Chart, type Line } from "./chart";
import { type Zone, dateTime } from "./format";
import { useLoad } from "./live";
import { type Column, type Points, type Range, SPANS, bounds, busiest, joined, moved, refreshSeconds, stepSeconds, within, zoomedIn, zoomedOut } from "./range";
import type { Sample } from "./types";
import { Choice, Hint, Panel } from "./ui";

/** One plot: a column of the history, or the busiest protocols. */
export interface Plot {
  title: string;
  column: Column | "protocols";
  color: string;
  show: (n: number) => string;
}

const PROTOCOLS = 5;

/** A plot's lines, of these points. */
function lines(plot: Plot, points: Points): Line[] {
  if (plot.column !== "protocols") return [{ label: plot.title, color: plot.color, values: points[plot.column] }];
  return busiest(points.protocols, PROTOCOLS).map((name, i) => ({ label: name, color: `--c${i + 1}`, values: points.protocols[name] ?? [] }));
}

export function Rates(props: { title: string; plots: readonly Plot[]; samples: Sample[]; now: number; zone: Zone; theme: string }) {
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
    moves ? refreshSeconds(step) : 0,
  );
  const points = useMemo(() => joined(history.data, moves && step === 1 ? props.samples : [], from), [history.data, props.samples, from]);
  const plots = useMemo(() => props.plots.map((plot) => ({ plot, lines: lines(plot, points) })), [points, props.plots]);
  const zoom = (a: number, b: number) => setRange(within({ from: a, to: b }, props.now));

  return (
    <Panel title={props.title} id="rates" aside={<Controls range={range} now={props.now} zone={props.zone} onChange={setRange} />}>
      {history.error !== undefined && <Hint title={history.error} tone="bad" />}
      <div class="charts">
        {plots.map(({ plot, lines }) => (
          <Chart
            key={plot.title}
            title={plot.title}
            times={points.time}
            lines={lines}
            named={plot.column === "protocols"}
            from={from}
            to={to}
            show={plot.show}
            zone={props.zone}
            theme={props.theme}
            onZoom={zoom}
          />
        ))}
      </div>
    </Panel>
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
