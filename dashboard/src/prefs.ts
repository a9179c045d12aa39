// What this browser remembers: colours and time zone.
import { useEffect, useState } from "preact/hooks";
import type { Zone } from "./format";

export type Theme = "system" | "light" | "dark";

function stored<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(key) as T | null;
    return value !== null && allowed.includes(value) ? value : otherwise;
  } catch {
    return otherwise; // storage is switched off
  }
}

function usePreference<T extends string>(key: string, allowed: readonly T[], otherwise: T): [T, (v: T) => void] {
  const [value, set] = useState(() => stored(key, allowed, otherwise));
  const change = (next: T) => {
    set(next);
    try {
      localStorage.setItem(key, next);
    } catch {
      // It holds until the page is closed.
    }
  };
  return [value, change];
}

export const useZone = () => usePreference<Zone>("zone", ["local", "utc"], "local");

export function useTheme(): [Theme, (v: Theme) => void, "light" | "dark"] {
  const [theme, set] = usePreference<Theme>("theme", ["system", "light", "dark"], "system");
  const [dark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  useEffect(() => {
    const query = matchMedia("(prefers-color-scheme: dark)");
    const listen = () => setDark(query.matches);
    query.addEventListener("change", listen);
    return () => query.removeEventListener("change", listen);
  }, []);
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
  return [theme, set, theme === "system" ? (dark ? "dark" : "light") : theme];
}
