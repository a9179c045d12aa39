// The first page: what is captured, how much, what is lost, who talks.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Advice, troubles } from "./advice";
import { type Period, api } from "./api";
import { type Zone, about, bits, bytes, duration, exact, percent, perSecond } from "./format";
import { Ledger } from "./ledger";
import { useLoad } from "./live";
import { NoticeList } from "./notices";
import { type Plot, Rates } from "./rates";
import { routeTo } from "./route";
import { StatusBar } from "./statusbar";
import { Tiles } from "./tiles";
import type { NameCount, Sample, Status, Top, TopAddress } from "./types";
import { Bar, Choice, Hint, Panel } from "./ui";

const PLOTS: readonly Plot[] = [
  { title: "Throughput", column: "bits", color: "--c1", show: bits },
  { title: "Packets", column: "packets", color: "--c2", show: perSecond },
  { title: "New connections", column: "connections", color: "--c3", show: perSecond },
  { title: "Packets dropped", column: "drops", color: "--c4", show: perSecond },
  { title: "Open connections", column: "connections_open", color: "--c5", show: about },
  { title: "By protocol, ended connections", column: "protocols", color: "--c1", show: perSecond },
];
const TOP_SECONDS = 2;
const PERIODS = [
  ["run", "Whole run"],
  ["current", "This interval"],
  ["last", "Last interval"],
] as const;

export interface OverviewProps {
  status: Status;
  previous: Status | undefined;
  samples: Sample[];
  openNotices: string;
  mayControl: boolean;
  zone: Zone;
  theme: string;
}

export function Overview(props: OverviewProps) {
  const s = props.status;
  const [period, setPeriod] = useState<Period>("run");
  const top = useLoad((signal) => api.top(period, signal), [s.mode, period], TOP_SECONDS);
  return (
    <>
      <h1 class="hidden-visually">Overview</h1>
      <StatusBar status={s} previous={props.previous} zone={props.zone} />
      {troubles(s).map((t) => (
        <Advice key={t.title} {...t} />
      ))}
      {s.mode === "idle" && (
        <Hint title={s.last_run ? "Capture has stopped; the numbers below are of the last run." : "Nothing is captured yet."}>
          <p>
            <a href={routeTo(["capture"])}>Start a live capture or replay capture files</a>
          </p>
        </Hint>
      )}
      <Numbers status={s} openNotices={props.openNotices} />
      <Rates title="Rates" plots={PLOTS} samples={props.samples} now={s.time} zone={props.zone} theme={props.theme} />
      <div class="page-head">
        <h2>Who talks, and how</h2>
        <Choice label="Counted over" options={PERIODS} value={period} onChange={setPeriod} />
      </div>
      {top.error !== undefined && <Hint title={top.error} tone="bad" />}
      <div class="grid two">
        <Talkers id="sources" title="Top sources" top={top.data} role="sources" />
        <Talkers id="destinations" title="Top destinations" top={top.data} role="destinations" />
      </div>
      <div class="grid two">
        <Shares id="services" title="Protocols" counts={top.data?.protocols_by_service} />
        <Shares id="applications" title="Applications" counts={top.data?.protocols_by_application} />
      </div>
      <Ledger status={s} />
      <NoticeList zone={props.zone} mayControl={props.mayControl} limit={5} />
    </>
  );
}

function Numbers(props: { status: Status; openNotices: string }) {
  const { rates, ledger, connections_open, lag_s, mode } = props.status;
  const lost = ledger.dropped_capture;
  const open = props.openNotices;
  return (
    <Tiles
      tiles={[
        { name: "Throughput", value: bits(rates.bits), more: `${bytes(rates.bits / 8)}/s` },
        { name: "Packets", value: perSecond(rates.packets), more: `${exact(ledger.received)} received` },
        { name: "New connections", value: perSecond(rates.connections), more: `${exact(ledger.connections_opened)} so far` },
        { name: "Open connections", value: about(connections_open), more: mode === "live" ? `${duration(lag_s)} behind the clock` : "in the table now" },
        { name: "Dropped", value: percent(lost / Math.max(1, ledger.received)), more: `${exact(lost)} packets`, bad: lost > 0 },
        { name: "Notices", value: open, more: "not acknowledged", bad: open !== "0" && open !== "–" },
      ]}
    />
  );
}

type Metric = "bytes" | "packets" | "connections";
const METRICS = [
  ["bytes", "Bytes"],
  ["packets", "Packets"],
  ["connections", "Connections"],
] as const;
const SHOWN = 10;

function Talkers(props: { id: string; title: string; top: Top | undefined; role: "sources" | "destinations" }) {
  const [metric, setMetric] = useState<Metric>("bytes");
  const list: TopAddress[] = (props.top?.[`${props.role}_by_${metric}`] ?? []).slice(0, SHOWN);
  const total = Math.max(1, props.top?.totals[metric] ?? 0);
  const show = metric === "bytes" ? bytes : exact;
  const rows = list.map((a) => ({
    key: a.ip,
    name: (
      <a class="mono" href={routeTo(["logs", "conn"], { address: a.ip })} title={`Connections of ${a.ip}`}>
        {a.ip}
      </a>
    ),
    label: a.ip,
    value: `${a.error > 0 ? "≤ " : ""}${show(a.value)}`,
    share: a.value / total,
    ...(a.error > 0 ? { hint: `at most ${show(a.error)} too many` } : {}),
  }));
  return <RankedBy id={props.id} title={props.title} head="Address" metric={metric} onMetric={setMetric} rows={rows} />;
}

function Shares(props: { id: string; title: string; counts: NameCount[] | undefined }) {
  const [metric, setMetric] = useState<Metric>("connections");
  const list = [...(props.counts ?? [])].sort((a, b) => b[metric] - a[metric]);
  const total = Math.max(
    1,
    list.reduce((sum, c) => sum + c[metric], 0),
  );
  const show = metric === "bytes" ? bytes : exact;
  const rows = list.slice(0, SHOWN).map((c) => ({
    key: c.name,
    name: c.name === "" || c.name === "-" ? <span class="muted">not recognised</span> : c.name,
    label: c.name,
    value: show(c[metric]),
    share: c[metric] / total,
  }));
  return <RankedBy id={props.id} title={props.title} head="Name" metric={metric} onMetric={setMetric} rows={rows} />;
}

interface Ranked {
  key: string;
  name: ComponentChildren;
  label: string;
  value: string;
  share: number;
  hint?: string;
}

// A ranking whose reader chooses what it goes by.
function RankedBy(props: { id: string; title: string; head: string; metric: Metric; onMetric: (m: Metric) => void; rows: Ranked[] }) {
  return (
    <Panel title={props.title} id={props.id} aside={<Choice label={`${props.title} by`} options={METRICS} value={props.metric} onChange={props.onMetric} />}>
      {props.rows.length === 0 ? <Hint title="No connection has ended yet." /> : <Ranking head={props.head} unit={props.metric} rows={props.rows} />}
    </Panel>
  );
}

function Ranking(props: { head: string; unit: Metric; rows: Ranked[] }) {
  return (
    <div class="scroll">
      <table>
        <thead>
          <tr>
            <th scope="col">{props.head}</th>
            <th scope="col" class="number">
              {METRICS.find(([m]) => m === props.unit)?.[1]}
            </th>
            <th scope="col" class="number">
              Share
            </th>
            <th scope="col">
              <span class="hidden-visually">Share as a bar</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map((r) => (
            <tr key={r.key}>
              <td>{r.name}</td>
              <td class="number" title={r.hint}>
                {r.value}
              </td>
              <td class="number">{percent(r.share)}</td>
              <td class="fill">
                <Bar share={r.share} label={r.label} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
