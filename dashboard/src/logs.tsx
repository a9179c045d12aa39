// A log, newest rows first, with filters; and all logs of one connection.
import { useEffect, useState } from "preact/hooks";
import { Advice } from "./advice";
import { api, sentence } from "./api";
import { type Zone, exact, fieldTime, parseLocalTime } from "./format";
import { useLoad } from "./live";
import { type Route, routeTo } from "./route";
import type { Field, LogPage, Row } from "./types";
import { Hint, Panel, Pill } from "./ui";
import { columnsOf, exactly, isMono, isNumber, show } from "./values";

const PAGE = 100;
const REFRESH_SECONDS = 3;
const FILTERS = ["address", "port", "uid", "text", "from", "to"] as const;
type Filters = Partial<Record<(typeof FILTERS)[number], string>>;

function filtersOf(query: URLSearchParams): Filters {
  const out: Filters = {};
  for (const name of FILTERS) {
    const value = query.get(name);
    if (value !== null && value !== "") out[name] = value;
  }
  return out;
}

export function Logs(props: { route: Route; zone: Zone }) {
  const { route, zone } = props;
  const log = route.parts[1] ?? "conn";
  const filters = filtersOf(route.query);
  const key = JSON.stringify([log, filters]);
  const [follow, setFollow] = useState(true);
  const [older, setOlder] = useState<{ key: string; pages: LogPage[]; error: string; busy: boolean }>({ key, pages: [], error: "", busy: false });
  const more = older.key === key ? older : { key, pages: [], error: "", busy: false };
  const logs = useLoad(api.logs, [], 10);
  const asked = { ...filters, limit: PAGE };
  const first = useLoad((signal) => api.log(log, asked, signal), [key], follow && more.pages.length === 0 ? REFRESH_SECONDS : 0);
  const data = first.data?.log === log ? first.data : undefined;
  const rows = data ? [data, ...more.pages].flatMap((p) => p.rows) : [];
  const last = more.pages.at(-1) ?? data;

  const loadMore = async () => {
    if (!last?.next_cursor) return;
    setOlder({ ...more, busy: true, error: "" });
    try {
      const page = await api.log(log, { ...asked, cursor: last.next_cursor });
      setOlder({ key, pages: [...more.pages, page], error: "", busy: false });
    } catch (e) {
      setOlder({ ...more, busy: false, error: sentence(e) });
    }
  };

  return (
    <>
      <div class="page-head">
        <h1>Logs</h1>
        <label class="check">
          <input type="checkbox" checked={follow} onChange={(e) => setFollow(e.currentTarget.checked)} />
          <span>Show new rows as they come</span>
        </label>
      </div>
      <Panel title={`${log}.log`} id="log-title" aside={<LogChoice log={log} names={logs.data?.map((l) => l.name) ?? [log]} filters={filters} />}>
        <FilterForm key={key} log={log} filters={filters} zone={zone} />
        <p class="hidden-visually" role="status">
          {data && !first.loading ? `${rows.length} rows` : ""}
        </p>
        {first.error !== undefined && <Hint title={first.error} tone="bad" />}
        {data && rows.length > 0 && <Rows log={log} fields={data.fields} rows={rows} zone={zone} />}
        {data && rows.length === 0 && last?.complete !== false && <Nothing log={log} filtered={Object.keys(filters).length > 0} />}
        {more.error !== "" && <Hint title={more.error} tone="bad" />}
        {last?.complete === false && <Hint title="The search has read as much as one request may; older rows are found by going on." tone="warn" />}
        {last?.next_cursor && (
          <div class="body">
            <button type="button" disabled={more.busy} onClick={loadMore}>
              {more.busy ? "Loading…" : "Older rows"}
            </button>{" "}
            <small>{exact(rows.length)} shown</small>
          </div>
        )}
      </Panel>
    </>
  );
}

function LogChoice(props: { log: string; names: string[]; filters: Filters }) {
  const names = props.names.includes(props.log) ? props.names : [props.log, ...props.names];
  return (
    <label>
      <span class="hidden-visually">Log</span>
      <select value={props.log} onChange={(e) => (location.hash = routeTo(["logs", e.currentTarget.value], props.filters))}>
        {[...names].sort().map((n) => (
          <option key={n} value={n}>
            {n}.log
          </option>
        ))}
      </select>
    </label>
  );
}

function Nothing(props: { log: string; filtered: boolean }) {
  if (props.filtered) return <Hint title="No row matches these filters." />;
  if (props.log === "conn") return <Advice code="no_rows" title="No connection was logged yet." />;
  return <Hint title={`Nothing was written to ${props.log}.log yet.`} />;
}

function FilterForm(props: { log: string; filters: Filters; zone: Zone }) {
  const { filters, zone } = props;
  const time = (text: string | undefined) => (text === undefined ? "" : fieldTime(Number(text), zone));
  const submit = (e: SubmitEvent) => {
    e.preventDefault();
    const form = new FormData(e.currentTarget as HTMLFormElement);
    const read = (name: string) => String(form.get(name) ?? "").trim();
    const seconds = (name: string) => parseLocalTime(read(name), zone)?.toString();
    location.hash = routeTo(["logs", props.log], { address: read("address"), port: read("port"), uid: read("uid"), text: read("text"), from: seconds("from"), to: seconds("to") });
  };
  return (
    <form class="filters" onSubmit={submit} role="search" aria-label="Filter rows">
      <label>
        <span>Address</span>
        <input name="address" defaultValue={filters.address ?? ""} placeholder="192.0.2.1" autocomplete="off" spellcheck={false} />
      </label>
      <label>
        <span>Port</span>
        <input name="port" defaultValue={filters.port ?? ""} inputMode="numeric" pattern="[0-9]{1,5}" title="0 to 65535" autocomplete="off" />
      </label>
      <label>
        <span>uid</span>
        <input name="uid" defaultValue={filters.uid ?? ""} placeholder="C…" autocomplete="off" spellcheck={false} />
      </label>
      <label>
        <span>Text</span>
        <input name="text" defaultValue={filters.text ?? ""} placeholder="anywhere in the row" autocomplete="off" spellcheck={false} />
      </label>
      <label>
        <span>From ({zone === "utc" ? "UTC" : "local time"})</span>
        <input name="from" type="datetime-local" step="1" defaultValue={time(filters.from)} />
      </label>
      <label>
        <span>To</span>
        <input name="to" type="datetime-local" step="1" defaultValue={time(filters.to)} />
      </label>
      <div class="actions">
        <button class="primary" type="submit">
          Filter
        </button>
        <button type="button" disabled={Object.keys(filters).length === 0} onClick={() => (location.hash = routeTo(["logs", props.log]))}>
          Clear
        </button>
      </div>
    </form>
  );
}

function Rows(props: { log: string; fields: Field[]; rows: Row[]; zone: Zone }) {
  const columns = columnsOf(props.log, props.fields);
  return (
    <div class="scroll tall" role="region" aria-label={`Rows of ${props.log}.log`} tabIndex={0}>
      <table class="log">
        <thead>
          <tr>
            {columns.map((f) => (
              <th key={f.name} scope="col" class={isNumber(f.type) ? "number" : ""}>
                {f.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {props.rows.map((row, n) => (
            <tr key={n}>
              {columns.map((f) => (
                <Cell key={f.name} field={f} value={row[f.name]} zone={props.zone} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell(props: { field: Field; value: Row[string]; zone: Zone }) {
  const { field, value } = props;
  const text = show(value, field.name, field.type, props.zone);
  if (field.name === "uid" && typeof value === "string")
    return (
      <td class="mono">
        <a href={routeTo(["connections", value])}>{text}</a>
      </td>
    );
  return (
    <td class={`${isMono(field.name, field.type) ? "mono" : ""} ${isNumber(field.type) ? "number" : ""}`} title={text.length > 24 ? text : undefined}>
      {text}
    </td>
  );
}

export function ConnectionPage(props: { uid: string; zone: Zone }) {
  const found = useLoad((signal) => api.connection(props.uid, signal), [props.uid], 5);
  useEffect(() => scrollTo(0, 0), [props.uid]);
  const logs = found.data?.uid === props.uid ? found.data.logs : undefined;
  return (
    <>
      <div class="page-head">
        <h1>
          Connection <span class="mono">{props.uid}</span>
        </h1>
        <a href={routeTo(["logs", "conn"], { uid: props.uid })}>Its row in conn.log</a>
      </div>
      {found.error !== undefined && <Advice code="no_rows" title={found.error} tone="bad" />}
      {logs === undefined && found.error === undefined && <Hint title="Looking through the logs…" />}
      {logs?.length === 0 && <Advice code="no_rows" title="No log has a row of this connection." />}
      {found.data?.complete === false && <Hint title="Not every log could be looked through: there are more of them than one request may read." tone="warn" />}
      {logs && logs.length > 0 && <Ends row={logs[0]?.rows[0] ?? {}} />}
      <div class="grid two start">
        {logs?.map((log) =>
          log.rows.map((row, i) => (
            <Panel key={`${log.log} ${i}`} title={`${log.log}.log${log.rows.length > 1 ? `, row ${i + 1} of ${log.rows.length}` : ""}`} id={`row-${log.log}-${i}`}>
              <Fields fields={log.fields} row={row} zone={props.zone} />
            </Panel>
          )),
        )}
      </div>
    </>
  );
}

/** Who talked to whom, in what. */
function Ends(props: { row: Row }) {
  const text = (name: string) => exactly(props.row[name]);
  const said = ["proto", "service", "app", "conn_state"].filter((name) => props.row[name] !== undefined);
  return (
    <p class="ends">
      <span class="mono">
        {text("id.orig_h")} : {text("id.orig_p")}
      </span>{" "}
      <span aria-label="to">→</span>{" "}
      <span class="mono">
        {text("id.resp_h")} : {text("id.resp_p")}
      </span>{" "}
      {said.map((name) => (
        <Pill key={name} tone="calm">
          {text(name)}
        </Pill>
      ))}
    </p>
  );
}

function Fields(props: { fields: Field[]; row: Row; zone: Zone }) {
  const set = props.fields.filter((f) => {
    const value = props.row[f.name];
    return value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0);
  });
  return (
    <table class="fields">
      <tbody>
        {set.map((f) => {
          const value = props.row[f.name];
          const seen = show(value, f.name, f.type, props.zone);
          const stands = exactly(value);
          return (
            <tr key={f.name}>
              <th scope="row">{f.name}</th>
              <td>
                {seen}
                {seen !== stands && typeof value === "number" && <small> ({stands})</small>}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
