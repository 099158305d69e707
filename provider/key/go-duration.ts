const UNIT_MS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const PART = /(\d+(?:\.\d+)?)(ms|h|m|s)/g;
const WHOLE = /^(?:\d+(?:\.\d+)?(?:ms|h|m|s))+$/;

/** Milliseconds of a duration as Terraform's timeouts have it, such as `30m` or `1h30m`; `undefined` for anything else. */
export const goDurationMs = (text: string): number | undefined => {
  if (!WHOLE.test(text)) return undefined;
  const parts = [...text.matchAll(PART)];
  return Math.round(parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNIT_MS[unit ?? ""] ?? 0), 0));
};
