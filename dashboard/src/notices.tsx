// What was noticed, and who has looked at it.
import { useState } from "preact/hooks";
import { api, sentence } from "./api";
import { type Zone, dateTime, exact } from "./format";
import { useLoad } from "./live";
import { routeTo } from "./route";
import type { Notice } from "./types";
import { Choice, Hint, Panel, Pill, type Tone } from "./ui";
import { visible } from "./values";

const REFRESH_SECONDS = 5;
const MOST = 500;
const TONES: Record<string, Tone> = { low: "calm", medium: "warn", high: "bad", critical: "bad" };
const SHOWN = [
  ["open", "Open"],
  ["all", "All"],
] as const;

export function NoticesPage(props: { zone: Zone; mayControl: boolean }) {
  return (
    <>
      <h1 class="hidden-visually">Notices</h1>
      <NoticeList zone={props.zone} mayControl={props.mayControl} />
    </>
  );
}

export function NoticeList(props: { zone: Zone; mayControl: boolean; limit?: number }) {
  const [which, setWhich] = useState<"open" | "all">("open");
  const [said, setSaid] = useState("");
  const [failed, setFailed] = useState("");
  const query = { limit: props.limit ?? MOST, acknowledged: which === "open" ? "false" : undefined };
  const notices = useLoad((signal) => api.notices(query, signal), [which, props.limit], REFRESH_SECONDS);
  const list = notices.data?.notices ?? [];

  const acknowledge = async (n: Notice) => {
    setFailed("");
    try {
      await api.acknowledge(n.id, "");
      setSaid(`Acknowledged: ${text(n, "note")}`);
      notices.again();
    } catch (e) {
      setFailed(sentence(e));
    }
  };

  const aside =
    props.limit === undefined ? <Choice label="Notices shown" options={SHOWN} value={which} onChange={setWhich} /> : <a href={routeTo(["notices"])}>All notices</a>;
  return (
    <Panel title="Notices" id="notices" aside={aside}>
      <p class="hidden-visually" role="status">
        {said}
      </p>
      {failed !== "" && <Hint title={failed} tone="bad" />}
      {notices.error !== undefined && <Hint title={notices.error} tone="bad" />}
      {notices.data && list.length === 0 && <Hint title={which === "open" ? "No notice waits to be looked at." : "Nothing was noticed."} />}
      {list.length > 0 && (
        <div class="scroll" role="region" aria-label="Notices, a table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Severity</th>
                <th scope="col">Time</th>
                <th scope="col">Notice</th>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col">Connection</th>
                <th scope="col">
                  <span class="hidden-visually">Acknowledge</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {list.map((n) => (
                <Row key={n.id} notice={n} zone={props.zone} mayControl={props.mayControl} onAcknowledge={() => acknowledge(n)} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {notices.data?.next_cursor && props.limit === undefined && (
        <div class="body">
          <small>
            The newest {exact(list.length)} are shown; <a href={routeTo(["logs", "notice"])}>notice.log</a> has them all.
          </small>
        </div>
      )}
    </Panel>
  );
}

/** A column as text; empty when it is unset. */
const text = (n: Notice, column: string): string => {
  const value = n.row[column];
  return value === undefined || value === null ? "" : visible(String(value));
};

function Row(props: { notice: Notice; zone: Zone; mayControl: boolean; onAcknowledge: () => void }) {
  const n = props.notice;
  const severity = text(n, "severity");
  const uid = text(n, "uid");
  const done = n.acknowledgement;
  return (
    <tr>
      <td>{severity !== "" && <Pill tone={TONES[severity] ?? "calm"}>{severity}</Pill>}</td>
      <td class="mono nowrap">{dateTime(Number(n.row["ts"] ?? 0), props.zone)}</td>
      <td class="wrap">
        <b>{text(n, "note")}</b>
        <br />
        {text(n, "msg")} <small>{text(n, "sub")}</small>
      </td>
      <td class="mono">{text(n, "src") || text(n, "id.orig_h")}</td>
      <td class="mono">{text(n, "dst") || text(n, "id.resp_h")}</td>
      <td class="mono">{uid !== "" && <a href={routeTo(["connections", uid])}>{uid}</a>}</td>
      <td class="number">
        {done ? (
          <small>
            acknowledged {dateTime(done.at, props.zone)} {visible(done.note)}
          </small>
        ) : (
          <button type="button" disabled={!props.mayControl} aria-label={`Acknowledge ${text(n, "note")}`} onClick={props.onAcknowledge}>
            Acknowledge
          </button>
        )}
      </td>
    </tr>
  );
}
