import * as z from "zod/mini";
import { redactText } from "../redacted.ts";

const text = z.optional(z.string());

/** All error formats of VENDORS: an object or a text under `error`, and problem details (RFC 9457) with field errors. */
const schema = z.object({
  error: z.optional(z.union([z.string(), z.object({ code: text, message: text })])),
  message: text,
  retry_after: z.optional(z.number()),
  type: text,
  title: text,
  detail: text,
  errors: z.optional(z.array(z.object({ field: text, message: text }))),
});

export interface ErrorFacts {
  /** What the vendor said, with anything that looks like a key taken out; empty when it said nothing readable. */
  readonly message: string;
  readonly retryAfterMs: number | undefined;
}

const present = (parts: readonly (string | undefined)[]): string => parts.filter((part) => part).join(": ");

/** Reads the body of an error answer, whichever format it has. Never throws. */
export const errorFacts = (body: unknown): ErrorFacts => {
  const result = schema.safeParse(body);
  if (!result.success) return { message: "", retryAfterMs: undefined };
  const { error, message, detail, title, type, errors, retry_after } = result.data;
  const code = typeof error === "string" ? error : (error?.code ?? type?.split("/").at(-1));
  const said = (typeof error === "object" ? error.message : undefined) ?? message ?? detail ?? title;
  const fields = errors?.map((item) => present([item.field, item.message])).join("; ");
  return {
    message: redactText(present([code, said, fields])).slice(0, 400),
    retryAfterMs: retry_after === undefined ? undefined : retry_after * 1_000,
  };
};
