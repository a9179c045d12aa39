// One time series plot. uPlot draws; what a screen reader needs stands beside the canvas as text.
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import { type Zone, dateTime, tick } from "./format";

export interface Line {
  label: string;
  color: string; // a custom property of style.css: --c1
  values: (number | null)[];
}

interface ChartProps {
  title: string;
  times: number[]; // seconds since 1970, ascending
  lines: Line[];
  from: number; // what the axis shows, whatever there is of it
  to: number;
  show: (n: number) => string;
  zone: Zone;
  named?: boolean; // whether a single line says what it is, too
  theme: string; // a plot whose theme changed is drawn anew
  onZoom: (from: number, to: number) => void;
}

/** The last number, the mean and the largest one of a series. */
export function summary(values: (number | null)[]): { last: number; mean: number; max: number } | undefined {
  let sum = 0;
  let count = 0;
  let max = 0;
  let last: number | undefined;
  for (const v of values) {
    if (v === null) continue;
    sum += v;
    count++;
    if (v > max) max = v;
    last = v;
  }
  return last === undefined ? undefined : { last, mean: sum / count, max };
}

/** A custom property's colour as the canvas wants it. */
function resolved(host: HTMLElement, property: string): string {
  const probe = document.createElement("i");
  probe.style.color = `var(${property})`;
  host.append(probe);
  const color = getComputedStyle(probe).color;
  probe.remove();
  return color;
}

function translucent(color: string, alpha: number): string {
  const [r, g, b] = (color.match(/[\d.]+/g) ?? ["0", "0", "0"]).map(Number);
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

const HEIGHT = 168;

function options(host: HTMLElement, props: { current: ChartProps }): uPlot.Options {
  const p = props.current;
  const ink = resolved(host, "--muted");
  const grid = { stroke: resolved(host, "--line"), width: 1 };
  const font = `11px ${getComputedStyle(host).fontFamily}`;
  return {
    width: host.clientWidth,
    height: HEIGHT,
    padding: [8, 20, 0, 0],
    cursor: { sync: { key: "rates" }, drag: { x: true, y: false, setScale: false }, points: { size: 6 }, y: false },
    legend: { show: false },
    select: { show: true, left: 0, top: 0, width: 0, height: 0 },
    scales: {
      x: { time: false, range: () => [props.current.from, props.current.to] },
      y: { range: (_, __, max) => [0, (max > 0 ? max : 1) * 1.1] },
    },
    axes: [
      {
        stroke: ink,
        font,
        grid: { show: false },
        ticks: { ...grid, size: 4 },
        size: 26,
        space: 70,
        incrs: [1, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 604800],
        values: (_, splits, __, ___, increment) => splits.map((s) => tick(s, increment, props.current.zone)),
      },
      { stroke: ink, font, grid, ticks: { show: false }, size: 74, space: 34, values: (_, splits) => splits.map((v) => props.current.show(v)) },
    ],
    series: [
      {},
      ...p.lines.map((s) => {
        const stroke = resolved(host, s.color);
        return { label: s.label, stroke, ...(p.lines.length === 1 ? { fill: translucent(stroke, 0.12) } : {}), width: 1.5, spanGaps: false, points: { show: false } };
      }),
    ],
    hooks: {
      setSelect: [
        (u) => {
          if (u.select.width < 4) return;
          props.current.onZoom(u.posToVal(u.select.left, "x"), u.posToVal(u.select.left + u.select.width, "x"));
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
      setCursor: [(u) => showPointed(u, props.current)],
    },
  };
}

/** What the plot's caption says while something is pointed at: the time and the values there. */
function showPointed(u: uPlot, p: ChartProps): void {
  const readout = u.root.closest("figure")?.querySelector<HTMLElement>(".readout");
  if (!readout) return;
  const i = u.cursor.idx;
  const time = i === null || i === undefined ? undefined : p.times[i];
  readout.hidden = time === undefined;
  if (time === undefined) return;
  const values = p.lines.map((s) => {
    const v = s.values[i ?? 0];
    return `${p.lines.length > 1 ? `${s.label} ` : ""}${v === null || v === undefined ? "–" : p.show(v)}`;
  });
  readout.textContent = `${dateTime(time, p.zone)}  ${values.join(", ")}`;
}

export function Chart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>();
  const latest = useRef(props);
  latest.current = props;
  const shape = `${props.theme} ${props.zone} ${props.lines.map((s) => s.label + s.color).join()}`;

  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const data = (): uPlot.AlignedData => [latest.current.times, ...latest.current.lines.map((s) => s.values)];
    const u = new uPlot(options(element, latest), data(), element);
    plot.current = u;
    const observer = new ResizeObserver(() => u.setSize({ width: element.clientWidth, height: HEIGHT }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      u.destroy();
      plot.current = undefined;
    };
  }, [shape]);

  useEffect(() => {
    plot.current?.setData([props.times, ...props.lines.map((s) => s.values)]);
  }, [props.times, props.lines, props.from, props.to]);

  const sums = props.lines.map((s) => ({ ...s, sum: summary(s.values) }));
  const said = sums.map((s) => (s.sum ? `${s.label}: now ${props.show(s.sum.last)}, mean ${props.show(s.sum.mean)}, maximum ${props.show(s.sum.max)}` : `${s.label}: no data`));
  return (
    <figure class="chart">
      <figcaption>
        <h3>{props.title}</h3>
        <span class="sums">
          {sums.map((s) => (
            <span key={s.label}>
              <i class="dot" data-color={s.color} />
              {(props.named || sums.length > 1) && `${s.label} `}
              <b>{s.sum ? props.show(s.sum.last) : "–"}</b>
              <small>{s.sum && sums.length === 1 ? ` max ${props.show(s.sum.max)}` : ""}</small>
            </span>
          ))}
        </span>
        <span class="readout" hidden />
      </figcaption>
      <div class="plot" ref={host} role="img" aria-label={`${props.title}. ${said.join(". ")}`} />
    </figure>
  );
}
