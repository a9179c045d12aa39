// The sensor's API as the page uses it. The session is a cookie that scripts cannot see.
import type { CaptureRequest, CaptureResult, Connection, History, Interface, LogInfo, LogPage, Notices, Pcaps, Session, Status, Top } from "./types";

/** An answer that is not the one asked for: a sentence for the reader, and the HTTP status (0: no answer at all). */
export class Failure extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code = "",
  ) {
    super(message);
  }
}

const UNREACHABLE = "The sensor does not answer. Look whether it runs: systemctl status sensor, or sensor status --log-dir DIR.";

/** What an answer without our own explanation means. */
function explanation(status: number): string {
  if (status === 401) return "The session has ended: log in again.";
  if (status === 403) return "The sensor refused this request. Reload the page, log in, and try again.";
  if (status === 413) return "That is larger than the sensor accepts; put it into the folder of captures yourself.";
  if (status === 429) return "Too many requests: wait a few seconds and try again.";
  return `The sensor answered with HTTP status ${status}.`;
}

async function failure(answer: Response): Promise<Failure> {
  let message = explanation(answer.status);
  let code = "";
  try {
    const { error } = (await answer.json()) as { error?: { code?: string; message?: string } };
    if (error?.message) message = error.message;
    code = error?.code ?? "";
  } catch {
    // Not JSON: an answer of something between us and the sensor.
  }
  return new Failure(message, answer.status, code);
}

let onSignedOut = () => {};
/** Called when the sensor says that there is no session (any more). */
export const whenSignedOut = (f: () => void): void => {
  onSignedOut = f;
};

async function request(method: string, path: string, body?: BodyInit, type?: string, signal?: AbortSignal): Promise<Response> {
  let answer: Response;
  try {
    answer = await fetch(`api/v1/${path}`, {
      method,
      credentials: "same-origin",
      headers: type === undefined ? {} : { "Content-Type": type },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (e) {
    if (signal?.aborted) throw e;
    throw new Failure(UNREACHABLE, 0);
  }
  if (answer.ok) return answer;
  if (answer.status === 401 && path !== "session") onSignedOut();
  throw await failure(answer);
}

const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await (await request("GET", path, undefined, undefined, signal)).json()) as T;
const post = (path: string, body: unknown): Promise<Response> => request("POST", path, JSON.stringify(body), "application/json");

export type Query = Record<string, string | number | undefined>;

/** ?a=b of what is set. */
export function queryOf(values: Query): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(values)) if (v !== undefined && v !== "") q.set(k, String(v));
  const text = q.toString();
  return text === "" ? "" : `?${text}`;
}

export type Period = Top["period"];

export const api = {
  session: () => get<Session>("session"),
  logIn: async (token: string) => (await (await post("session", { token })).json()) as Session,
  logOut: () => request("DELETE", "session"),
  status: (signal?: AbortSignal) => get<Status>("status", signal),
  history: (from: number, to: number, step: number, signal?: AbortSignal) =>
    get<History>(`history${queryOf({ from: from.toFixed(0), to: to.toFixed(0), step })}`, signal),
  top: (period: Period, signal?: AbortSignal) => get<Top>(`top${queryOf({ period })}`, signal),
  interfaces: async (signal?: AbortSignal) => (await get<{ interfaces: Interface[] }>("interfaces", signal)).interfaces,
  pcaps: (signal?: AbortSignal) => get<Pcaps>("pcaps", signal),
  upload: (file: File) => request("POST", `pcaps${queryOf({ name: file.name })}`, file, "application/octet-stream"),
  capture: async (what: CaptureRequest) => (await (await post("capture", what)).json()) as CaptureResult,
  logs: async (signal?: AbortSignal) => (await get<{ logs: LogInfo[] }>("logs", signal)).logs,
  log: (name: string, query: Query, signal?: AbortSignal) => get<LogPage>(`logs/${encodeURIComponent(name)}${queryOf(query)}`, signal),
  connection: (uid: string, signal?: AbortSignal) => get<Connection>(`connections/${encodeURIComponent(uid)}`, signal),
  notices: (query: Query, signal?: AbortSignal) => get<Notices>(`notices${queryOf(query)}`, signal),
  acknowledge: (id: string, note: string) => post(`notices/${encodeURIComponent(id)}/ack`, note === "" ? {} : { note }),
};

export const STREAM = "api/v1/stream";

/** The sentence to show for whatever was thrown. */
export const sentence = (e: unknown): string => (e instanceof Error ? e.message : String(e));
