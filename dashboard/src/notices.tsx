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
const TONES: Record<string, Tone> = { low: "calm", info: "calm", medium: "warn", high: "bad", critical: "bad" };
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
        <ul class="notices">
          {list.map((n) => (
            <Item key={n.id} notice={n} zone={props.zone} mayControl={props.mayControl} onAcknowledge={() => acknowledge(n)} />
          ))}
        </ul>
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

function Item(props: { notice: Notice; zone: Zone; mayControl: boolean; onAcknowledge: () => void }) {
  const n = props.notice;
  const severity = text(n, "severity");
  const uid = text(n, "uid");
  const from = text(n, "src") || text(n, "id.orig_h");
  const to = text(n, "dst") || text(n, "id.resp_h");
  const done = n.acknowledgement;
  return (
    <li>
      <span class="severity">{severity !== "" && <Pill tone={TONES[severity] ?? "calm"}>{severity}</Pill>}</span>
      <div class="what">
        <b>{text(n, "note")}</b> {text(n, "msg")} <small>{text(n, "sub")}</small>
        <small class="facts">
          <span>{dateTime(Number(n.row["ts"] ?? 0), props.zone)}</span>
          {from !== "" && <span class="mono">{to === "" ? from : `${from} → ${to}`}</span>}
          {uid !== "" && (
            <a class="mono" href={routeTo(["connections", uid])}>
              {uid}
            </a>
          )}
        </small>
      </div>
      {done ? (
        <small>
          acknowledged {dateTime(done.at, props.zone)} {visible(done.note)}
        </small>
      ) : (
        <button type="button" disabled={!props.mayControl} aria-label={`Acknowledge ${text(n, "note")}`} onClick={props.onAcknowledge}>
          Acknowledge
        </button>
      )}
    </li>
  );
}
