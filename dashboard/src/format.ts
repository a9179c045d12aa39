// Numbers, amounts and times as they stand on the page. Every amount has its unit.

const whole = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/** Three significant digits; more where the number itself has more before its point. */
function digits(n: number): string {
  const size = Math.abs(n);
  return n.toFixed(size >= 100 || n === 0 ? 0 : size >= 10 ? 1 : 2);
}

const PREFIXES = ["", "k", "M", "G", "T", "P"];

function scaled(n: number, unit: string): string {
  let value = n;
  let p = 0;
  // 999.5 would be written as 1000.
  while (Math.abs(value) >= 999.5 && p < PREFIXES.length - 1) {
    value /= 1000;
    p++;
  }
  const text = p === 0 && Number.isInteger(value) ? String(value) : digits(value);
  const suffix = `${PREFIXES[p]}${unit}`;
  return suffix === "" ? text : `${text} ${suffix}`;
}

/** Every digit: 1,234,567. */
export const exact = (n: number): string => whole.format(n);
/** About: 1.23 M. */
export const about = (n: number): string => scaled(n, "");
export const bytes = (n: number): string => scaled(n, "B");
export const bits = (n: number): string => scaled(n, "bit/s");
export const perSecond = (n: number): string => `${scaled(n, "")}/s`;

/** A part of a whole; small ones are not rounded to nothing. */
export function percent(share: number): string {
  const p = share * 100;
  if (p === 0 || !Number.isFinite(p)) return "0 %";
  if (p < 0.001) return "< 0.001 %";
  return `${p < 0.1 ? p.toFixed(3) : p < 10 ? p.toFixed(2) : p.toFixed(1)} %`;
}

const SPANS: [number, string][] = [
  [31_536_000, "y"],
  [86_400, "d"],
  [3_600, "h"],
  [60, "min"],
  [1, "s"],
];

/** The two largest units: 3 d 4 h, 12 min 3 s, 0.350 s as 350 ms. */
export function duration(seconds: number): string {
  if (!Number.isFinite(seconds) || seconds < 0) return "–";
  if (seconds === 0) return "0 s";
  if (seconds < 0.001) return `${digits(seconds * 1e6)} µs`;
  if (seconds < 1) return `${digits(seconds * 1e3)} ms`;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  let rest = Math.round(seconds);
  const parts: string[] = [];
  for (const [size, unit] of SPANS) {
    if (rest >= size || parts.length === 1) {
      const n = Math.floor(rest / size);
      if (n > 0) parts.push(`${n} ${unit}`);
      rest -= n * size;
      if (parts.length === 2 || n === 0) break;
    }
  }
  return parts.join(" ");
}

export type Zone = "local" | "utc";

const pad = (n: number, width = 2): string => String(n).padStart(width, "0");

function parts(seconds: number, zone: Zone): [number, number, number, number, number, number, number] {
  const d = new Date(seconds * 1000);
  return zone === "utc"
    ? [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes(), d.getUTCSeconds(), d.getUTCMilliseconds()]
    : [d.getFullYear(), d.getMonth() + 1, d.getDate(), d.getHours(), d.getMinutes(), d.getSeconds(), d.getMilliseconds()];
}

/** 2026-11-28 13:05:09, of seconds since 1970. */
export function dateTime(seconds: number, zone: Zone, milliseconds = false): string {
  const [y, mo, d, h, mi, s, ms] = parts(seconds, zone);
  return `${y}-${pad(mo)}-${pad(d)} ${pad(h)}:${pad(mi)}:${pad(s)}${milliseconds ? `.${pad(ms, 3)}` : ""}`;
}

export function clock(seconds: number, zone: Zone): string {
  const [, , , h, mi, s] = parts(seconds, zone);
  return `${pad(h)}:${pad(mi)}:${pad(s)}`;
}

/** What stands under a tick of a time axis whose ticks are `step` seconds apart. */
export function tick(seconds: number, step: number, zone: Zone): string {
  const [, mo, d, h, mi, s] = parts(seconds, zone);
  if (step >= 86_400) return `${pad(mo)}-${pad(d)}`;
  if (h === 0 && mi === 0 && s === 0) return `${pad(mo)}-${pad(d)}`;
  return step >= 60 ? `${pad(h)}:${pad(mi)}` : `${pad(h)}:${pad(mi)}:${pad(s)}`;
}

/** 2026-11-28T13:05 as a date field gives it, in the zone of the page; undefined when it is none. */
export function parseLocalTime(text: string, zone: Zone): number | undefined {
  if (text.trim() === "") return undefined;
  const ms = Date.parse(zone === "utc" ? `${text}Z` : text);
  return Number.isNaN(ms) ? undefined : ms / 1000;
}

/** What a date field is filled with. */
export const fieldTime = (seconds: number, zone: Zone): string => dateTime(seconds, zone).replace(" ", "T");
