// Small parts that the views share.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { percent } from "./format";

export function Panel(props: { title: string; id: string; aside?: ComponentChildren; children: ComponentChildren; class?: string }) {
  return (
    <section class={`panel ${props.class ?? ""}`} aria-labelledby={props.id}>
      <header>
        <h2 id={props.id}>{props.title}</h2>
        {props.aside}
      </header>
      {props.children}
    </section>
  );
}

/** One of a few: a row of buttons that says which one is chosen. */
export function Choice<T extends string>(props: { label: string; options: readonly (readonly [T, string])[]; value: T; onChange: (v: T) => void }) {
  return (
    <div class="choice" role="group" aria-label={props.label}>
      {props.options.map(([value, text]) => (
        <button key={value} type="button" aria-pressed={value === props.value} onClick={() => props.onChange(value)}>
          {text}
        </button>
      ))}
    </div>
  );
}

export type Tone = "good" | "warn" | "bad" | "calm";

export const Pill = (props: { tone: Tone; children: ComponentChildren }) => <span class={`pill ${props.tone}`}>{props.children}</span>;

/** A part of a whole as a bar; the number stands beside it. */
export function Bar(props: { share: number; label: string }) {
  return <meter class="bar" min={0} max={1} value={Math.max(0, Math.min(1, props.share))} aria-label={`${props.label}: ${percent(props.share)}`} />;
}

/** Nothing to show, or nothing that could be shown: what it is and what to do. */
export function Hint(props: { title: string; children?: ComponentChildren; tone?: Tone }) {
  return (
    <div class={`hint ${props.tone ?? "calm"}`} role={props.tone === "bad" ? "alert" : undefined}>
      <strong>{props.title}</strong>
      {props.children}
    </div>
  );
}

/** A question that holds everything else; Escape is No, and the focus goes back to where it was. */
function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby="dialog-title" onClose={props.onClose}>
      <h2 id="dialog-title">{props.title}</h2>
      {props.children}
    </dialog>
  );
}

export function Confirm(props: { title: string; text: ComponentChildren; yes: string; danger?: boolean; onYes: () => void; onNo: () => void }) {
  return (
    <Dialog title={props.title} onClose={props.onNo}>
      <div class="prose">{props.text}</div>
      <div class="actions">
        <button type="button" onClick={props.onNo}>
          Cancel
        </button>
        <button type="button" class={props.danger ? "danger" : "primary"} onClick={props.onYes}>
          {props.yes}
        </button>
      </div>
    </Dialog>
  );
}
