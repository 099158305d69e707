export type JsonObject = { readonly [field: string]: unknown };

/** An answer with a JSON body. */
export const jsonAnswer = (status: number, body: unknown, contentType = "application/json"): Response =>
  new Response(JSON.stringify(body), { status, headers: { "content-type": contentType } });

/** The JSON object in `text`; undefined when there is none. An empty text is none. */
export const readObject = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
};

/** `value` without the fields named, at every depth. */
export const withoutFields = (value: unknown, fields: readonly string[]): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutFields(item, fields));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([field]) => !fields.includes(field));
  return Object.fromEntries(kept.map(([field, inner]) => [field, withoutFields(inner, fields)]));
};
