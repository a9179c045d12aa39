// What changes every second: the status from the stream, and what is asked for again now and then.
import { useEffect, useRef, useState } from "preact/hooks";
import { STREAM, api, sentence } from "./api";
import type { Status } from "./types";

export interface Live {
  status: Status | undefined;
  /** The status a second before, of the same run; for differences. */
  previous: Status | undefined;
  /** Whether the stream stands. */
  connected: boolean;
}

/** What a connection that was lost and comes back by itself may take before the page says so. */
const GRACE_MS = 3000;

export function useLive(): Live {
  const [live, set] = useState<Live>({ status: undefined, previous: undefined, connected: true });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stream = new EventSource(STREAM);
    const heard = () => {
      clearTimeout(timer);
      timer = undefined;
    };
    stream.addEventListener("status", (e) => {
      heard();
      const status = JSON.parse((e as MessageEvent<string>).data) as Status;
      set((old) => ({ status, previous: old.status, connected: true }));
    });
    stream.addEventListener("error", () => {
      timer ??= setTimeout(() => set((old) => ({ ...old, connected: false })), GRACE_MS);
      // The browser gives up where the answer was an error: 401 when the session has ended, which this question finds out.
      if (stream.readyState === EventSource.CLOSED) api.status().catch(() => undefined);
    });
    return () => {
      heard();
      stream.close();
    };
  }, []);
  return live;
}

interface Loaded<T> {
  data: T | undefined;
  error: string | undefined;
  loading: boolean;
  again: () => void;
}

/**
 * What `load` gives, asked for again when `keys` change, and every `everySeconds`. Old data stay while new ones are on their way; an answer
 * that comes too late for its question is thrown away.
 */
export function useLoad<T>(load: (signal: AbortSignal) => Promise<T>, keys: unknown[], everySeconds = 0): Loaded<T> {
  const [state, set] = useState<Omit<Loaded<T>, "again">>({ data: undefined, error: undefined, loading: true });
  const [turn, next] = useState(0);
  const latest = useRef(load);
  latest.current = load;
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const go = async () => {
      try {
        const data = await latest.current(abort.signal);
        if (!abort.signal.aborted) set({ data, error: undefined, loading: false });
      } catch (e) {
        if (!abort.signal.aborted) set((old) => ({ data: old.data, error: sentence(e), loading: false }));
      }
      if (everySeconds > 0 && !abort.signal.aborted) timer = setTimeout(go, everySeconds * 1000);
    };
    set((old) => ({ ...old, loading: true }));
    void go();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [...keys, turn, everySeconds]);
  return { ...state, again: () => next((n) => n + 1) };
}
