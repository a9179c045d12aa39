// What to do when something is missing or fails, in the words of docs/TROUBLESHOOTING.md.
import type { ComponentChildren } from "preact";
import { duration, exact, perSecond } from "./format";
import type { Status } from "./types";
import { Hint, type Tone } from "./ui";

const ADVICE: Record<string, ComponentChildren> = {
  no_permission: (
    <ul>
      <li>
        <code>getcap build/sensor</code> shows <code>cap_net_admin,cap_net_raw=eip</code>, or whoever builds it anew has to give it again:{" "}
        <code>setcap cap_net_raw,cap_net_admin=eip build/sensor</code>
      </li>
      <li>
        <code>findmnt -no OPTIONS -T build/sensor</code>: <code>nosuid</code> takes file capabilities away; put the program elsewhere.
      </li>
      <li>A container needs NET_RAW.</li>
    </ul>
  ),
  no_interface: (
    <ul>
      <li>
        <code>sensor interfaces</code> lists names, and which are up.
      </li>
      <li>
        <code>ip netns list</code>: it may be in another namespace; without <code>host</code>, a container has interfaces of its own.
      </li>
    </ul>
  ),
  no_traffic: (
    <ul>
      <li>
        <code>ip -s link show IF</code>: RX packets stand still: nothing arrives, look at cable, tap and switch.
      </li>
      <li>
        <code>timeout 10 tcpdump -ni IF -c 20</code> shows what a plain capture sees. Only broadcasts and multicasts: the switch mirrors nothing to this port.
      </li>
    </ul>
  ),
  filtered: (
    <p>
      The filter leaves everything out. Remember that <code>tcp port 80</code> does not match packets with VLAN tags: <code>vlan and tcp port 80</code>.
    </p>
  ),
  drops: (
    <ul>
      <li>
        One worker drops, the others do not: a single large connection, or few addresses under <code>capture.fanout = bpf</code>.
      </li>
      <li>
        Workers at 100 %: too few; <code>worker.count</code>, a filter, <code>label.enabled = false</code> saves a part.
      </li>
      <li>
        Workers far below 100 %: <code>capture.ring_mib</code> larger, other programs off these cores. <code>sensor doctor IF</code> says more.
      </li>
    </ul>
  ),
  log_lost: (
    <p>
      The disk, or the way to it, is too slow or full: room, <code>log.keep_mib</code>, a faster disk, fewer logs, <code>log.format = "tsv"</code>.
    </p>
  ),
  disk: (
    <p>
      Rows that cannot be written are lost. Make room, or let old logs go earlier with <code>log.keep_mib</code>.
    </p>
  ),
  no_rows: <p>A connection is written when it is over, or after its timeout (flow.timeout_tcp_idle, 5 minutes).</p>,
};

export function Advice(props: { code: string; title: string; tone?: Tone }) {
  return (
    <Hint title={props.title} {...(props.tone === undefined ? {} : { tone: props.tone })}>
      {ADVICE[props.code]}
    </Hint>
  );
}

/** Which advice fits an error of the API. */
export function adviceFor(code: string, message: string): string {
  if (code === "not_permitted") return "no_permission";
  return /no interface/.test(message) ? "no_interface" : "";
}

interface Trouble {
  code: string;
  title: string;
  tone: Tone;
}

/** How long an interface may be silent before the page says so, in seconds. */
const SILENCE = 10;
/** What the logs may still grow before the page says that the disk is nearly full, in seconds. */
const HOUR = 3600;
const FULL = 50_000_000;

/** What is wrong now, worst first. */
export function troubles(s: Status): Trouble[] {
  const out: Trouble[] = [];
  const last = s.last_run;
  if (s.mode === "idle" && last && !last.ok) out.push({ code: adviceFor(last.message.includes("not permitted") ? "not_permitted" : "", last.message), title: last.message, tone: "bad" });
  if (s.ledger.records_lost > 0) out.push({ code: "log_lost", title: `${exact(s.ledger.records_lost)} log rows were lost.`, tone: "bad" });
  const left = s.disk.seconds_left;
  if (s.disk.free_bytes < FULL) out.push({ code: "disk", title: `The log directory is full: ${s.log_dir}.`, tone: "bad" });
  else if (left !== null && left < HOUR) out.push({ code: "disk", title: `The log directory is full in ${duration(left)} at this rate.`, tone: "warn" });
  if (s.rates.drops > 0) out.push({ code: "drops", title: `Packets are dropped: ${perSecond(s.rates.drops)}.`, tone: "warn" });
  if (s.mode === "live" && s.uptime_s > SILENCE) {
    if (s.ledger.received === 0) out.push({ code: "no_traffic", title: `No packet has come on ${s.interfaces}.`, tone: "warn" });
    else if (s.ledger.decoded === 0 && s.ledger.filtered > 0) out.push({ code: "filtered", title: "Packets come, and none passes the filter.", tone: "warn" });
  }
  return out;
}
