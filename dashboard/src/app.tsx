// The frame: who is logged in, where one is, and what changes every second.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, whenSignedOut } from "./api";
import { CapturePage } from "./capture";
import { CostPage } from "./cost";
import type { Zone } from "./format";
import { useLive, useLoad } from "./live";
import { Login } from "./login";
import { ConnectionPage, Logs } from "./logs";
import { Mark } from "./mark";
import { NoticesPage } from "./notices";
import { Overview, type OverviewProps } from "./overview";
import { type Theme, useTheme, useZone } from "./prefs";
import { appended, sampleOf } from "./range";
import { routeTo, useRoute } from "./route";
import type { Sample, Session } from "./types";
import { Hint } from "./ui";

export function App() {
  const [session, setSession] = useState<Session>();
  const [login, setLogin] = useState<"asked" | "ended">();
  const theme = useTheme();
  const zone = useZone();
  const look = async () => setSession(await api.session().catch(() => UNKNOWN));
  useEffect(() => {
    whenSignedOut(() => {
      setSession((s) => {
        if (s?.logged_in) setLogin("ended");
        return { ...UNKNOWN, may_read: false };
      });
    });
    void look();
  }, []);
  if (session === undefined) return null;
  if (!session.may_read || login === "asked")
    return (
      <Login
        ended={login === "ended"}
        onDone={(opened) => {
          setLogin(undefined);
          setSession(opened);
        }}
      />
    );
  const logOut = async () => {
    await api.logOut().catch(() => undefined);
    await look();
  };
  return <Frame theme={theme} zone={zone} session={session} onLogIn={() => setLogin("asked")} onLogOut={logOut} />;
}

/** Where nobody answers, the frame says so. */
const UNKNOWN: Session = { logged_in: false, may_read: true, may_control: false };

/** What is said when the mode changes. */
const MODES = { idle: "Capture is stopped", live: "Capturing live", replay: "Replaying capture files" };
/** Notices that wait are counted so far. */
const COUNTED = 100;
const VIEWS = [
  ["", "Overview"],
  ["logs", "Logs"],
  ["notices", "Notices"],
  ["capture", "Capture"],
  ["sensor", "Sensor"],
] as const;

interface Settings {
  theme: ReturnType<typeof useTheme>;
  zone: [Zone, (z: Zone) => void];
  session: Session;
  onLogIn: () => void;
  onLogOut: () => void;
}

function Frame(props: Settings) {
  const route = useRoute();
  const live = useLive();
  const [samples, setSamples] = useState<Sample[]>([]);
  const main = useRef<HTMLElement>(null);
  const view = route.parts[0] ?? "";
  const name = view === "connections" ? "Connection" : (VIEWS.find(([v]) => v === view)?.[1] ?? "Overview");
  const status = live.status;
  const waiting = useLoad((signal) => api.notices({ acknowledged: "false", limit: COUNTED }, signal), [view], 10).data;
  const notices = waiting === undefined ? "–" : `${waiting.notices.length}${waiting.next_cursor === null ? "" : "+"}`;

  useEffect(() => {
    if (status) setSamples((old) => appended(old, sampleOf(status)));
  }, [status]);
  useEffect(() => {
    document.title = `${name} – sensor`;
  }, [name]);
  // Who follows a link by keyboard or hears the page goes on where the new view begins.
  const shown = route.parts.join("/");
  const before = useRef(shown);
  useEffect(() => {
    if (before.current !== shown) main.current?.focus({ preventScroll: true });
    before.current = shown;
  }, [shown]);

  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(e) => {
          e.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <Header view={view === "connections" ? "logs" : view} notices={notices} {...props} />
      <p class="hidden-visually" role="status">
        {status && MODES[status.mode]}
        {status?.mode === "live" && ` on ${status.interfaces}`}
      </p>
      <main id="main" ref={main} tabIndex={-1} aria-label={name}>
        {!live.connected && (
          <Hint title="The connection to the sensor is lost; the page tries again by itself." tone="bad">
            <p>
              Look whether it runs: <code>systemctl status sensor</code>, <code>sensor status --log-dir DIR</code>.
            </p>
          </Hint>
        )}
        {status === undefined ? <Hint title="Waiting for the sensor…" /> : (
          <View
            view={view}
            route={route}
            status={status}
            previous={live.previous}
            samples={samples}
            openNotices={notices}
            mayControl={props.session.may_control}
            zone={props.zone[0]}
            theme={props.theme[2]}
          />
        )}
      </main>
    </>
  );
}

interface ViewProps extends OverviewProps {
  view: string;
  route: ReturnType<typeof useRoute>;
}

function View(props: ViewProps) {
  const { status, previous, mayControl, zone } = props;
  switch (props.view) {
    case "logs":
      return <Logs route={props.route} zone={zone} />;
    case "connections":
      return <ConnectionPage uid={props.route.parts[1] ?? ""} zone={zone} />;
    case "notices":
      return <NoticesPage zone={zone} mayControl={mayControl} />;
    case "capture":
      return <CapturePage status={status} previous={previous} mayControl={mayControl} zone={zone} />;
    case "sensor":
      return <CostPage {...props} />;
    default:
      return <Overview {...props} />;
  }
}

function Header(props: Settings & { view: string; notices: string }) {
  const [theme, setTheme] = props.theme;
  const [zone, setZone] = props.zone;
  return (
    <header class="top">
      <div class="line">
        <a class="brand" href={routeTo([])}>
          <Mark /> sensor
        </a>
        <nav aria-label="Views">
          <ul>
            {VIEWS.map(([v, text]) => (
              <li key={v}>
                <a href={routeTo(v === "" ? [] : [v])} aria-current={v === props.view ? "page" : undefined}>
                  {text}
                  {v === "notices" && props.notices !== "0" && props.notices !== "–" && (
                    <span class="badge">
                      {props.notices}
                      <span class="hidden-visually"> not acknowledged</span>
                    </span>
                  )}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="tools">
          <label>
            <span class="hidden-visually">Times in</span>
            <select value={zone} onChange={(e) => setZone(e.currentTarget.value as Zone)}>
              <option value="local">Local time</option>
              <option value="utc">UTC</option>
            </select>
          </label>
          <label>
            <span class="hidden-visually">Colours</span>
            <select value={theme} onChange={(e) => setTheme(e.currentTarget.value as Theme)}>
              <option value="system">System colours</option>
              <option value="light">Light</option>
              <option value="dark">Dark</option>
            </select>
          </label>
          <button type="button" class="quiet" onClick={props.session.logged_in ? props.onLogOut : props.onLogIn}>
            {props.session.logged_in ? "Log out" : "Log in"}
          </button>
        </div>
      </div>
    </header>
  );
}
