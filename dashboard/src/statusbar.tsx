// Mode, where the packets come from, since when, and how the workers do.
import { type Zone, bytes, dateTime, duration, percent } from "./format";
import type { Status, Worker } from "./types";
import { Pill, type Tone } from "./ui";

const MODES = { live: ["good", "Live"], replay: ["good", "Replay"], idle: ["calm", "Idle"] } as const;
/** The last part of a path. */
const fileName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Where the packets of a run came from; a few files by their names, more by their number. */
export function originOf(mode: "live" | "replay", origin: string): string {
  const names = origin.split(",").map((n) => fileName(n.trim()));
  return mode === "replay" && names.length > 2 ? `${names.length} files` : names.join(", ");
}

/** From when on a worker is behind, in seconds. */
const BEHIND = 1;

/** How a worker does; `before` is what the document before said of it. */
export function workerState(w: Worker, before: Worker | undefined): { tone: Tone; text: string } {
  if (before && w.dropped > before.dropped) return { tone: "bad", text: "drops" };
  if (w.lag_s > BEHIND) return { tone: "warn", text: "behind" };
  return { tone: "good", text: "running" };
}

export function StatusBar(props: { status: Status; previous: Status | undefined; zone: Zone }) {
  const { status: s, zone } = props;
  const [tone, name] = MODES[s.mode];
  return (
    <dl class="statusbar" aria-label="What the sensor does now">
      <div>
        <dt>Mode</dt>
        <dd>
          <span class={`pill ${tone} ${s.mode === "idle" ? "" : "pulse"}`}>{name}</span>
        </dd>
      </div>
      <div class="grow">
        <dt>Source</dt>
        <dd>
          <Source status={s} />
        </dd>
      </div>
      {s.mode !== "idle" && (
        <div>
          <dt>Running for</dt>
          <dd>
            {duration(s.uptime_s)}
            <small>since {dateTime(s.time - s.uptime_s, zone)}</small>
          </dd>
        </div>
      )}
      {s.mode === "idle" && s.last_run && (
        <div>
          <dt>Last run ended</dt>
          <dd>
            {dateTime(s.last_run.ended, zone)}
            <small>{originOf(s.last_run.mode, s.last_run.origin)}</small>
          </dd>
        </div>
      )}
      <div>
        <dt>Sensor up</dt>
        <dd>{duration(s.process_uptime_s)}</dd>
      </div>
      <div>
        <dt>Workers</dt>
        <dd>
          {s.mode === "idle" || s.workers.length === 0
            ? "none"
            : s.workers.map((w, i) => {
                const state = workerState(w, props.previous?.workers[i]);
                return (
                  <Pill key={i} tone={state.tone}>
                    {i} {state.text}
                  </Pill>
                );
              })}
        </dd>
      </div>
    </dl>
  );
}

function Source(props: { status: Status }) {
  const s = props.status;
  const filter = s.filter !== "" && <small>filter {s.filter}</small>;
  if (s.mode === "live")
    return (
      <>
        {s.interfaces.replaceAll(",", ", ")} {filter}
      </>
    );
  if (s.mode === "idle" || !s.replay) return <>none</>;
  const r = s.replay;
  const share = r.bytes_total > 0 ? r.bytes_read / r.bytes_total : undefined;
  return (
    <>
      {r.files.length === 1 ? fileName(r.files[0] ?? "") : `${r.files_done} of ${r.files.length} files`}
      <progress max={1} value={share} aria-label="Progress of the replay" />
      <small>{share === undefined ? bytes(r.bytes_read) : `${percent(share)} of ${bytes(r.bytes_total)}`}</small>
      {filter}
    </>
  );
}
