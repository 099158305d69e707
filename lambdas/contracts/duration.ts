import * as z from "zod/mini";

const FORM = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d{1,3})?)S)?)?$/;
const UNIT_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1_000] as const;

/**
 * Milliseconds of an ISO 8601 duration in weeks, days, hours, minutes and seconds; `undefined` for anything else.
 * Years and months are refused, because their length is not fixed.
 */
export const durationMs = (text: string): number | undefined => {
  const parts = FORM.exec(text);
  if (!parts) return undefined;
  return Math.round(UNIT_MS.reduce((sum, unitMs, index) => sum + Number(parts[index + 1] ?? 0) * unitMs, 0));
};

/** The ISO 8601 text of a duration in milliseconds, in hours, minutes and seconds: `PT24H`, `PT1M30S`. */
export const durationText = (ms: number): string => {
  const hours = Math.floor(ms / 3_600_000);
  const minutes = Math.floor((ms % 3_600_000) / 60_000);
  const seconds = (ms % 60_000) / 1_000;
  const text = `${hours ? `${hours}H` : ""}${minutes ? `${minutes}M` : ""}${seconds ? `${seconds}S` : ""}`;
  return `PT${text || "0S"}`;
};

const isPositive = (text: string): boolean => (durationMs(text) ?? 0) > 0;

/** An ISO 8601 duration above zero, read into milliseconds. */
export const duration = z.pipe(
  z.string().check(z.refine(isPositive, "must be an ISO 8601 duration above zero, such as PT24H or P14D")),
  z.transform((text: string) => durationMs(text) as number),
);
