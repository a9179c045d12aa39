// The way of a packet, and what stays behind at each hop.
import { exact } from "./format";
import type { Status } from "./types";
import { Panel } from "./ui";

type Row = [name: string, count: number, lost?: boolean];

/** packets_dropped_ring -> packets dropped ring */
const words = (name: string): string => name.replaceAll("_", " ");

/** What the capture queues dropped, by reason, over all workers. */
export function dropsByReason(s: Status): [string, number][] {
  const sums = new Map<string, number>();
  for (const w of s.workers)
    for (const [name, n] of Object.entries(w)) if (name.startsWith("packets_dropped") && typeof n === "number" && n > 0) sums.set(name, (sums.get(name) ?? 0) + n);
  return [...sums];
}

export function Ledger(props: { status: Status }) {
  const l = props.status.ledger;
  const losses = Object.entries(props.status.losses).filter(([, n]) => n > 0);
  const drops: Row[] = dropsByReason(props.status).map(([name, n]) => [words(name), n, true]);
  const other = l.dropped_capture - drops.reduce((sum, [, n]) => sum + n, 0);
  return (
    <Panel title="Ledger of packets" id="ledger" aside={<small>since the capture began</small>}>
      <ol class="ledger">
        <Hop
          name="Received"
          count={l.received}
          unit="packets"
          rows={[
            ["left out by the filter", l.filtered],
            ...drops,
            ["dropped by the capture", other, true],
            ["given up at the end", l.dropped_end, true],
            [props.status.mode === "idle" ? "not handled when it ended" : "on their way", l.waiting],
          ]}
        />
        <Hop
          name="Decoded"
          count={l.decoded}
          unit="packets"
          rows={[["not decoded", l.undecoded], ["inside of them, decoded", l.inner_decoded], ["inside of them, not decoded", l.inner_undecoded]]}
        />
        <Hop
          name="Tracked"
          count={l.tracked}
          unit="packets"
          rows={[["of no connection", l.untracked], ["connections began", l.connections_opened], ["connections ended", l.connections_ended]]}
        />
        <Hop name="Logged" count={l.records_written} unit="rows" rows={[["records made", l.records], ["reduced, as Zeek does", l.records_reduced], ["lost", l.records_lost, true]]} />
      </ol>
      {losses.length > 0 && (
        <dl class="losses" aria-label="What was lost, cut or malformed">
          {losses.map(([name, n]) => (
            <div key={name}>
              <dt>{words(name)}</dt>
              <dd>{exact(n)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Panel>
  );
}

function Hop(props: { name: string; count: number; unit: string; rows: Row[] }) {
  const rows = props.rows.filter(([, n]) => n > 0);
  return (
    <li>
      <h3>{props.name}</h3>
      <b>{exact(props.count)}</b> <small>{props.unit}</small>
      {rows.length > 0 && (
        <dl>
          {rows.map(([name, n, lost]) => (
            <div key={name} class={lost ? "lost" : ""}>
              <dt>{name}</dt>
              <dd>{exact(n)}</dd>
            </div>
          ))}
        </dl>
      )}
    </li>
  );
}
