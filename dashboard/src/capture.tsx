// Controls: start on an interface, replay capture files, upload one, stop.
import { useRef, useState } from "preact/hooks";
import { Advice, adviceFor } from "./advice";
import { Failure, api, sentence } from "./api";
import { type Zone, bytes, dateTime } from "./format";
import { useLoad } from "./live";
import { StatusBar } from "./statusbar";
import type { CaptureRequest, Pcaps, Status } from "./types";
import { Confirm, Hint, Panel, Pill } from "./ui";

interface Question {
  title: string;
  text: string;
  yes: string;
  danger?: boolean;
  /** What to say when it is done. */
  act: () => Promise<string>;
}
interface Result {
  text: string;
  tone: "good" | "bad";
  code: string;
}

/** Switches, and says what the sensor answers. */
const switched = async (what: CaptureRequest): Promise<string> => (await api.capture(what)).message;

/** What a switch does to what runs. */
function consequence(s: Status): string {
  if (s.mode === "idle") return "";
  const source = s.mode === "live" ? `The capture on ${s.interfaces}` : "The replay that runs";
  return ` ${source} ends first; its open connections are written and its logs are finished.`;
}

export function CapturePage(props: { status: Status; previous: Status | undefined; mayControl: boolean; zone: Zone }) {
  const { status: s, zone } = props;
  const [question, ask] = useState<Question>();
  const [result, setResult] = useState<Result>();
  const [busy, setBusy] = useState(false);

  const blocked = busy || !props.mayControl;

  const act = async (action: () => Promise<string>) => {
    ask(undefined);
    setBusy(true);
    setResult(undefined);
    try {
      setResult({ text: await action(), tone: "good", code: "" });
    } catch (e) {
      setResult({ text: sentence(e), tone: "bad", code: adviceFor(e instanceof Failure ? e.code : "", sentence(e)) });
    }
    setBusy(false);
  };

  return (
    <>
      <div class="page-head">
        <h1>Capture</h1>
        <button
          type="button"
          class="danger"
          disabled={blocked || s.mode === "idle"}
          onClick={() =>
            ask({
              title: "Stop?",
              text: `Nothing is captured until it is started again.${consequence(s)}`,
              yes: "Stop",
              danger: true,
              act: () => switched({ mode: "stop" }),
            })
          }
        >
          Stop
        </button>
      </div>
      <StatusBar status={s} previous={props.previous} zone={zone} />
      {!props.mayControl && <Hint title="Log in to start and stop captures." tone="warn" />}
      <div class="result" aria-live="polite">
        {busy && <Hint title="Working on it…" />}
        {result && <Advice code={result.code} title={result.text} tone={result.tone} />}
      </div>
      <div class="grid two">
        <LiveForm status={s} busy={blocked} onAsk={ask} />
        <PcapForm status={s} busy={blocked} zone={zone} onAsk={ask} onAct={act} />
      </div>
      {question && (
        <Confirm title={question.title} text={<p>{question.text}</p>} yes={question.yes} danger={question.danger ?? false} onYes={() => act(question.act)} onNo={() => ask(undefined)} />
      )}
    </>
  );
}

function LiveForm(props: { status: Status; busy: boolean; onAsk: (q: Question) => void }) {
  const interfaces = useLoad(api.interfaces, [], 10);
  const [chosen, choose] = useState<string[]>([]);
  const [filter, setFilter] = useState("");
  const list = interfaces.data ?? [];
  const submit = (e: Event) => {
    e.preventDefault();
    const names = chosen.filter((n) => list.some((i) => i.name === n));
    props.onAsk({
      title: `Capture on ${names.join(", ")}?`,
      text: `${filter.trim() === "" ? "Every packet is taken." : `Packets that match '${filter.trim()}' are taken.`}${consequence(props.status)}`,
      yes: "Start",
      act: () => switched({ mode: "live", interface: names.join(","), filter: filter.trim() }),
    });
  };
  return (
    <Panel title="Live" id="live">
      <form class="form" onSubmit={submit}>
        {interfaces.error !== undefined && <Hint title={interfaces.error} tone="bad" />}
        <fieldset>
          <legend>Interfaces</legend>
          {interfaces.data && list.length === 0 && <Advice code="no_interface" title="This host has no interface." />}
          <div class="files">
            <table>
              <tbody>
                {list.map((i) => (
                  <tr key={i.name}>
                    <td>
                      <Check field="interface" name={i.name} chosen={chosen} choose={choose} />
                    </td>
                    <td>
                      <Pill tone={i.state === "up" ? "good" : "calm"}>{i.state}</Pill>
                    </td>
                    <td class="wrap">
                      <small>{[i.speed, i.driver, ...i.addresses].filter((t) => t !== "").join(", ")}</small>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </fieldset>
        <label>
          <span>Filter, as tcpdump takes it; empty takes everything</span>
          <input name="filter" value={filter} placeholder="not port 22" autocomplete="off" spellcheck={false} onInput={(e) => setFilter(e.currentTarget.value)} />
        </label>
        <div class="actions">
          <button class="primary" type="submit" disabled={props.busy || chosen.length === 0}>
            Start live capture
          </button>
        </div>
      </form>
    </Panel>
  );
}

// One of several names that can be chosen together.
function Check(props: { field: string; name: string; chosen: string[]; choose: (names: string[]) => void }) {
  const others = props.chosen.filter((n) => n !== props.name);
  return (
    <label class="check">
      <input
        type="checkbox"
        name={props.field}
        value={props.name}
        checked={props.chosen.includes(props.name)}
        onChange={(e) => props.choose(e.currentTarget.checked ? [...others, props.name] : others)}
      />
      <span>{props.name}</span>
    </label>
  );
}

function PcapForm(props: { status: Status; busy: boolean; zone: Zone; onAsk: (q: Question) => void; onAct: (action: () => Promise<string>) => Promise<void> }) {
  const pcaps = useLoad<Pcaps>(api.pcaps, [], 10);
  const [chosen, choose] = useState<string[]>([]);
  const field = useRef<HTMLInputElement>(null);
  const list = pcaps.data?.files ?? [];
  const limit = pcaps.data?.max_bytes ?? 0;

  const replay = (e: Event) => {
    e.preventDefault();
    const names = chosen.filter((n) => list.some((f) => f.name === n));
    props.onAsk({
      title: names.length === 1 ? `Replay ${names[0]}?` : `Replay ${names.length} files?`,
      text: `Their packets are read as one stream in the order of packet time.${consequence(props.status)}`,
      yes: "Replay",
      act: () => switched({ mode: "pcap", files: names }),
    });
  };
  const upload = async () => {
    const file = field.current?.files?.[0];
    if (!file) return;
    await props.onAct(async () => {
      if (limit > 0 && file.size > limit) throw new Failure(`${file.name} has ${bytes(file.size)}; the limit is ${bytes(limit)}. Put it into ${pcaps.data?.folder ?? "the folder"} yourself.`, 413);
      await api.upload(file);
      return `${file.name} is in the folder of captures.`;
    });
    if (field.current) field.current.value = "";
    pcaps.again();
  };

  return (
    <Panel title="Capture files" id="files" aside={pcaps.data?.folder && <small class="mono">{pcaps.data.folder}</small>}>
      <form class="form" onSubmit={replay}>
        {pcaps.error !== undefined && <Hint title={pcaps.error} tone="bad" />}
        <fieldset>
          <legend>Files in the folder of captures</legend>
          {pcaps.data?.folder === null && (
            <Hint title="No folder of captures is set." tone="warn">
              <p>
                Name one in <code>api.pcap_dir</code> and start the sensor again.
              </p>
            </Hint>
          )}
          {pcaps.data?.folder && list.length === 0 && (
            <Hint title="The folder is empty.">
              <p>Upload a capture file below, or put one into {pcaps.data.folder}.</p>
            </Hint>
          )}
          <div class="files" role="region" aria-label="Capture files, a table" tabIndex={0}>
            <table>
              <tbody>
                {list.map((f) => (
                  <tr key={f.name}>
                    <td class="wrap">
                      <Check field="file" name={f.name} chosen={chosen} choose={choose} />
                    </td>
                    <td class="number">{bytes(f.bytes)}</td>
                    <td class="number modified">
                      <small>{dateTime(f.modified, props.zone)}</small>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </fieldset>
        <div class="actions">
          <button class="primary" type="submit" disabled={props.busy || chosen.length === 0}>
            Replay
          </button>
        </div>
        <label>
          <span>Upload a capture file{limit > 0 ? ` of at most ${bytes(limit)}` : ""}</span>
          <input ref={field} type="file" name="upload" accept=".pcap,.pcapng,.cap,.gz,.zst" disabled={props.busy || !pcaps.data?.folder} onChange={upload} />
        </label>
      </form>
    </Panel>
  );
}
