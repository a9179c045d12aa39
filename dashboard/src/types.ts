// What the API gives, as its document says it; the types are made from that when the page is built.
import type { components } from "#openapi";

type Schemas = components["schemas"];

type Hop =
  | "received" | "filtered" | "dropped_capture" | "delivered" | "dropped_end" | "waiting" | "decoded" | "undecoded"
  | "inner_decoded" | "inner_undecoded" | "tracked" | "untracked"
  | "connections_opened" | "connections_ended" | "records" | "records_written" | "records_reduced" | "records_lost";
/** The document names the hops as required, and allows others: their types are numbers all the same. */
export type Status = Omit<Schemas["Status"], "ledger"> & { ledger: Record<Hop, number> };
export type Worker = Status["workers"][number];
export type History = Schemas["History"];
export type Top = Schemas["Top"];
export type TopAddress = Schemas["TopAddress"];
export type NameCount = Schemas["NameCounts"][number];
export type Interface = Schemas["Interfaces"]["interfaces"][number];
export type Pcaps = Schemas["Pcaps"];
export type CaptureRequest = Schemas["CaptureRequest"];
export type CaptureResult = Schemas["CaptureResult"];
export type Session = Schemas["Session"];
export type LogInfo = Schemas["Logs"]["logs"][number];
export type Field = Schemas["Field"];

/** A row's columns have the types that the log's fields say; unset ones are missing. */
export type Value = string | number | boolean | null | Value[];
export type Row = { [column: string]: Value | undefined };
export type LogPage = Omit<Schemas["LogPage"], "rows"> & { rows: Row[] };
export type Connection = Omit<Schemas["Connection"], "logs"> & { logs: { log: string; fields: Field[]; rows: Row[] }[] };
export type Notice = Omit<Schemas["Notices"]["notices"][number], "row"> & { row: Row };
export type Notices = Omit<Schemas["Notices"], "notices"> & { notices: Notice[] };

/** One second, as the stream told it. */
export type Sample = Status["rates"] & Pick<Status, "time" | "connections_open" | "memory_bytes" | "cpu_percent">;
