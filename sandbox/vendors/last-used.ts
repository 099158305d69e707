/** How a vendor shows when a key was last used. All but `time` and `date` are inferred (I): forms that other vendors have. */
export interface LastUsedForm {
  /**
   * `time`: ISO 8601 in UTC. `date`: the UTC day only. `missing`: the field is never there. `null-always`: it is there, and nothing fills it.
   * `epoch-seconds`, `epoch-milliseconds`: numbers. `offset`: ISO 8601 by the clocks of Kolkata, with its offset. `local`: by those of
   * a zone six hours behind UTC, without a word about it. `english`: `Nov 22, 14:05`. @default "time"
   */
  readonly lastUsed:
    | "time"
    | "date"
    | "missing"
    | "null-always"
    | "epoch-seconds"
    | "epoch-milliseconds"
    | "offset"
    | "local"
    | "english";
  /** A key that was never used has the field with null, or not at all. @default "null" */
  readonly neverUsed: "null" | "missing";
}

const MINUTE_MS = 60_000;
const KOLKATA_MS = 330 * MINUTE_MS;
const BEHIND_UTC_MS = 360 * MINUTE_MS;

const iso = (atMs: number): string => new Date(atMs).toISOString();

const english = (atMs: number): string => {
  const [, day, month, , time = ""] = new Date(atMs).toUTCString().split(" ");
  return `${month} ${Number(day)}, ${time.slice(0, 5)}`;
};

const FORMS: Readonly<Record<Exclude<LastUsedForm["lastUsed"], "missing">, (atMs: number) => string | number | null>> =
  {
    time: iso,
    date: (atMs) => iso(atMs).slice(0, 10),
    "null-always": () => null,
    "epoch-seconds": (atMs) => Math.floor(atMs / 1_000),
    "epoch-milliseconds": (atMs) => atMs,
    offset: (atMs) => iso(atMs + KOLKATA_MS).replace("Z", "+05:30"),
    local: (atMs) => iso(atMs - BEHIND_UTC_MS).replace("Z", ""),
    english,
  };

/** The field `name` with the time in the vendor's form, or nothing. */
export const lastUsedField = (
  name: string,
  atMs: number | null,
  { lastUsed, neverUsed }: LastUsedForm,
): Record<string, string | number | null> => {
  if (lastUsed === "missing") return {};
  if (atMs === null) return neverUsed === "null" ? { [name]: null } : {};
  return { [name]: FORMS[lastUsed](atMs) };
};
