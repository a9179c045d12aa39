// Values of log rows as text. They come from the wire: the page only ever shows them as text, and here what would move the cursor, turn the
// direction of writing or show nothing is made visible.
import { type Zone, bytes, dateTime, duration } from "./format";
import type { Field, Value } from "./types";

// Control characters, what turns the direction (Unicode's Bidi_Control) and what has no width.
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

export const visible = (text: string): string => text.replace(INVISIBLE, (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, "0")}`);

const COUNTS_OF_BYTES = /bytes$|^(file_size|request_body_len|response_body_len)$/;

/** One value for the eye; `exactly` as it stands in the log. */
export function show(value: Value | undefined, name: string, type: string, zone: Zone): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map((v) => show(v, name, type, zone)).join(", ");
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") {
    if (type === "time") return dateTime(value, zone, true);
    if (type === "interval") return duration(value);
    if (COUNTS_OF_BYTES.test(name)) return bytes(value);
    return String(value);
  }
  return visible(value);
}

export function exactly(value: Value | undefined): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(exactly).join(", ");
  return typeof value === "string" ? visible(value) : String(value);
}

/** The columns that a table of this log begins with; the others are on the page of the row. */
const FIRST: Record<string, string[]> = {
  conn: ["ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "proto", "service", "app", "duration", "orig_bytes", "resp_bytes", "conn_state", "history"],
  http: ["ts", "uid", "id.orig_h", "id.resp_h", "method", "host", "uri", "status_code", "user_agent", "resp_mime_types", "response_body_len"],
  dns: ["ts", "uid", "id.orig_h", "id.resp_h", "query", "qtype_name", "rcode_name", "answers", "rtt"],
  ssl: ["ts", "uid", "id.orig_h", "id.resp_h", "id.resp_p", "version", "cipher", "server_name", "subject", "validation_status", "established"],
  ssh: ["ts", "uid", "id.orig_h", "id.resp_h", "version", "auth_success", "client", "server"],
  files: ["ts", "uid", "id.orig_h", "id.resp_h", "source", "mime_type", "filename", "seen_bytes", "md5", "sha1"],
  x509: ["ts", "fingerprint", "certificate.subject", "certificate.issuer", "certificate.not_valid_before", "certificate.not_valid_after", "san.dns"],
  weird: ["ts", "uid", "id.orig_h", "id.orig_p", "id.resp_h", "id.resp_p", "name", "addl", "source"],
};
const WITHOUT = 12;

/** Which of a log's columns a table shows. */
export function columnsOf(log: string, fields: Field[]): Field[] {
  const wanted = FIRST[log];
  if (!wanted) return fields.slice(0, WITHOUT);
  return wanted.map((name) => fields.find((f) => f.name === name)).filter((f) => f !== undefined);
}

export const isNumber = (type: string): boolean => ["count", "int", "double", "interval"].includes(type);
export const isMono = (name: string, type: string): boolean => type === "addr" || type === "time" || /^(uid|fuid|id\.|history|fingerprint|md5|sha1|sha256|ja3)/.test(name);
