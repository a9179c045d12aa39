// What part of time the plots show, and the samples in it.
import type { History, Sample, Status } from "./types";

/** The last so many seconds, moving with the clock; or a fixed piece. */
export type Range = { last: number } | { from: number; to: number };

export const SPANS: readonly (readonly [string, string])[] = [
  ["300", "5 min"],
  ["900", "15 min"],
  ["3600", "1 h"],
  ["21600", "6 h"],
  ["86400", "24 h"],
  ["604800", "7 d"],
  ["2592000", "30 d"],
];
const SHORTEST = 60;
export const LONGEST = 2_592_000;

export function bounds(range: Range, now: number): { from: number; to: number } {
  return "last" in range ? { from: now - range.last, to: now } : range;
}

/** Twice as near, around the middle; near now the end stays. */
export function zoomedIn(range: Range, now: number): Range {
  if ("last" in range) return { last: Math.max(SHORTEST, Math.round(range.last / 2)) };
  const span = Math.max(SHORTEST, (range.to - range.from) / 2);
  const middle = (range.from + range.to) / 2;
  return within({ from: middle - span / 2, to: middle + span / 2 }, now);
}

export function zoomedOut(range: Range, now: number): Range {
  if ("last" in range) return { last: Math.min(LONGEST, range.last * 2) };
  const span = Math.min(LONGEST, (range.to - range.from) * 2);
  const middle = (range.from + range.to) / 2;
  return within({ from: middle - span / 2, to: middle + span / 2 }, now);
}

/** Half a screen earlier (-1) or later (1). */
export function moved(range: Range, direction: -1 | 1, now: number): Range {
  const { from, to } = bounds(range, now);
  const step = ((to - from) / 2) * direction;
  return within({ from: from + step, to: to + step }, now);
}

/** A piece that was chosen by hand, at least as long as can be told apart; what ends in the future moves with the clock. */
export function within(piece: { from: number; to: number }, now: number): Range {
  const span = Math.min(LONGEST, Math.max(SHORTEST, piece.to - piece.from));
  if (piece.to >= now) return { last: Math.round(span) };
  return { from: piece.from, to: piece.from + span };
}

const POINTS = 600;
const HOUR = 3600;

/** The seconds between two points of a plot: whole seconds within the last hour, whole minutes before it. */
export function stepSeconds(span: number, oldest: number): number {
  const step = Math.max(1, Math.round(span / POINTS));
  return oldest <= HOUR ? step : Math.max(60, Math.round(step / 60) * 60);
}

/** How often a plot that moves is drawn from new points. */
export const refreshSeconds = (step: number): number => Math.min(60, Math.max(5, step));

const COLUMNS = ["bits", "packets", "connections", "drops", "records", "connections_open", "memory_bytes", "cpu_percent"] as const;
export type Column = (typeof COLUMNS)[number];
type Series = (number | null)[];
/** Points in time, their columns, and the protocols, of which only the history knows. */
export type Points = { time: number[]; protocols: Record<string, Series> } & Record<Column, Series>;

/** History and the samples that came after it, from `from` on. */
export function joined(history: History | undefined, samples: Sample[], from: number): Points {
  const time = history?.time ?? [];
  const begin = time.findIndex((t) => t >= from);
  const old = begin < 0 ? [] : time.slice(begin);
  // The last second of the history may have been told before it was over.
  const last = old.at(-1) ?? -Infinity;
  const news = samples.filter((s) => s.time > last && s.time >= from);
  const column = (values: Series | undefined): Series => old.map((_, i) => values?.[begin + i] ?? null);
  const out = { time: [...old, ...news.map((s) => s.time)], protocols: {} } as Points;
  for (const c of COLUMNS) out[c] = [...column(history?.[c]), ...news.map((s) => s[c])];
  for (const [name, values] of Object.entries(history?.protocols ?? {})) out.protocols[name] = [...column(values), ...news.map(() => null)];
  return out;
}

/** The protocols with the most connections in these points, largest first. */
export function busiest(protocols: Record<string, Series>, count: number): string[] {
  const sum = (name: string) => (protocols[name] ?? []).reduce<number>((total, v) => total + (v ?? 0), 0);
  return Object.keys(protocols)
    .filter((name) => sum(name) > 0)
    .sort((a, b) => sum(b) - sum(a))
    .slice(0, count);
}

/** What a status document says of its second. */
export const sampleOf = (s: Status): Sample => ({
  ...s.rates,
  time: Math.floor(s.time) - 1,
  connections_open: s.connections_open,
  memory_bytes: s.memory_bytes,
  cpu_percent: s.cpu_percent,
});

const KEPT = 900;

/** The samples with one more; only so many are kept, and a second that was there already is not taken twice. */
export function appended(samples: Sample[], s: Sample): Sample[] {
  const last = samples.at(-1);
  if (last && s.time <= last.time) return samples;
  return [...samples.slice(-(KEPT - 1)), s];
}
