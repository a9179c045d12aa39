// The token opens a session.
import { useEffect, useRef, useState } from "preact/hooks";
import { api, sentence } from "./api";
import { Mark } from "./mark";
import type { Session } from "./types";
import { Hint } from "./ui";

export function Login(props: { ended: boolean; onDone: (opened: Session) => void }) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);

  const submit = async (e: Event) => {
    e.preventDefault();
    setBusy(true);
    setError("");
    try {
      props.onDone(await api.logIn(token.trim()));
    } catch (problem) {
      setError(sentence(problem));
      setBusy(false);
      field.current?.focus();
      field.current?.select();
    }
  };

  return (
    <div class="login">
      <main>
        <div class="brand">
          <Mark /> sensor
        </div>
        <h1>Log in</h1>
        {props.ended && error === "" && <Hint title="The session has ended. Log in again." tone="warn" />}
        <form class="form" onSubmit={submit}>
          <label>
            <span>Token</span>
            <input
              ref={field}
              type="password"
              name="token"
              autocomplete="current-password"
              required
              aria-describedby="token-help"
              aria-invalid={error !== ""}
              value={token}
              onInput={(e) => setToken(e.currentTarget.value)}
            />
          </label>
          {error !== "" && <Hint title={error} tone="bad" />}
          <button class="primary" type="submit" disabled={busy}>
            {busy ? "Logging in…" : "Log in"}
          </button>
          <p id="token-help" class="muted">
            The sensor wrote the token to a file of its own when it started first, and said where.
          </p>
        </form>
      </main>
    </div>
  );
}
