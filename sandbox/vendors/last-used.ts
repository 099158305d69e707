/** How a vendor shows when a key was last used. */
export interface LastUsedForm {
  /** `time`: ISO 8601. `date`: the UTC day only. `missing`: the field is never there. @default "time" */
  readonly lastUsed: "time" | "date" | "missing";
  /** A key that was never used has the field with null, or not at all. @default "null" */
  readonly neverUsed: "null" | "missing";
}

/** The field `name` with the time in the vendor's form, or nothing. */
export const lastUsedField = (name: string, atMs: number | null, form: LastUsedForm): Record<string, string | null> => {
  if (form.lastUsed === "missing") return {};
  if (atMs === null) return form.neverUsed === "null" ? { [name]: null } : {};
  const time = new Date(atMs).toISOString();
  return { [name]: form.lastUsed === "date" ? time.slice(0, 10) : time };
};
